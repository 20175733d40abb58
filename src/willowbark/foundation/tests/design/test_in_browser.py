"""The scripts and the layout, in a real browser, under the real content security policy."""

from __future__ import annotations

import json
import mimetypes
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include
from django.urls import path as route
from playwright.sync_api import expect

from willowbark.foundation.component_page import sample
from willowbark.foundation.security import HEADERS
from willowbark.foundation.testing import chromium

SITE = "https://willowbark.test"


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    route(
        "",
        include(([route("search", nothing, name="search"), route("list", nothing, name="list")], "patients")),
    ),
    route(
        "", include(([route("day", nothing, name="day"), route("out", nothing, name="sign_out")], "practice"))
    ),
]
pytestmark = [pytest.mark.browser, pytest.mark.urls(__name__)]

OPTIONS = "".join(
    f'<a class="option" role="option" aria-selected="false" id="o{at}" href="/chart/{at}">{name}</a>'
    for at, name in enumerate(("Ana Rivera", "Tomas Rivers", "Ada Rivlin"))
)


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


LIVE = """retry: 100

id: 7000
event: chart
data: {"patient_id": "p1"}

event: other
data: {}

"""


class Site:
    """Answers what the page asks for, from the templates and static files themselves."""

    def __init__(self):
        self.asked, self.posted, self.complaints = [], [], []
        self.context = sample()
        self.live, self.live_status = LIVE, 200
        self.held = []

    def answer(self, call):
        path = urlsplit(call.request.url).path
        self.asked.append(call.request.url.removeprefix(SITE))
        if call.request.method == "POST":
            self.posted.append((path, call.request.headers, call.request.post_data))
            call.fulfill(status=204)
        elif path == "/design":
            request = RequestFactory().get("/design")
            html = render_to_string("foundation/components.html", self.context, request)
            call.fulfill(body=html, headers={**HEADERS, "Content-Type": "text/html; charset=utf-8"})
        elif path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            assert found, path
            call.fulfill(path=found, content_type=mimetypes.guess_type(found)[0], headers=HEADERS)
        elif path == "/search":
            call.fulfill(body=OPTIONS, headers={**HEADERS, "Content-Type": "text/html; charset=utf-8"})
        elif path == "/panel":
            self.held.append(call)
        elif path == "/fails":
            call.fulfill(status=409, headers={"X-Willow-Message": "Somebody was faster."}, body="")
        elif path == "/live":
            call.fulfill(
                status=self.live_status,
                body=self.live,
                headers={**HEADERS, "Content-Type": "text/event-stream"},
            )
        else:
            call.fulfill(body=f"<title>{path}</title>", content_type="text/html")


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def visit(browser, site):
    """Open the component page; no page may break the policy, fail in a script or ask a third party."""
    contexts = []

    def opened(width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.route("**/*", site.answer)
        page = context.new_page()
        page.on("pageerror", lambda error: site.complaints.append(str(error)))
        page.on("console", lambda said: site.complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{SITE}/design")
        page.wait_for_load_state("load")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [each for each in site.complaints if "409" not in each] == []
    assert all(not asked.startswith("http") for asked in site.asked), "a third party was asked"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_its_width_and_shows_its_icons(visit, width, theme):
    page = visit(width, color_scheme=theme)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.icon use').getBBox().width") > 0


def test_touch_targets_are_large_on_a_phone(visit):
    page = visit(390, has_touch=True, is_mobile=True)

    controls = "button, .button, .input, .tab, .segment__item, .side__link, .menu__item"
    small = page.evaluate(f"""[...document.querySelectorAll('{controls}')]
        .filter((each) => each.checkVisibility())
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)""")
    assert small == []


def test_the_demo_ribbon_is_loud(visit):
    page = visit()

    ribbon = page.get_by_text("Demo practice - invented people")
    expect(ribbon).to_be_in_viewport()


def test_the_theme_turns_and_is_kept_by_the_browser(visit, site):
    page = visit(color_scheme="light")
    toggle = page.locator(".bar [data-theme-toggle]")
    ground = "getComputedStyle(document.body).backgroundColor"
    by_day = page.evaluate(ground)

    toggle.click()
    expect(toggle).to_have_attribute("aria-label", "Theme: light")
    toggle.click()

    expect(toggle).to_have_attribute("aria-label", "Theme: dark")
    assert page.evaluate(ground) != by_day
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_slash_finds_the_search_and_arrows_choose_a_result(visit, site):
    page = visit()
    search = page.locator("#patient-search")

    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("riv")
    expect(search).to_have_attribute("aria-expanded", "true")
    assert any(asked.startswith("/search?q=riv") for asked in site.asked)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", "o1")
    expect(page.locator("#o1")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(search).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    page.wait_for_url("**/chart/2")


def test_letters_typed_into_a_field_are_not_shortcuts(visit):
    page = visit()

    page.locator("#family").fill("")
    page.locator("#family").press_sequentially("gp?/t")

    expect(page.locator("#family")).to_have_value("gp?/t")
    expect(page.locator("#help-dialog")).not_to_be_visible()


def test_the_question_mark_opens_help_and_escape_closes_it(visit):
    page = visit()

    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#help-dialog")).not_to_be_visible()


def test_g_then_p_goes_to_patients(visit, site):
    page = visit()
    page.evaluate("document.querySelector('[data-area=patients]').href = '/list'")

    page.keyboard.press("g")
    page.keyboard.press("p")

    page.wait_for_url("**/list")


def test_a_dialog_opens_from_its_button_and_the_backdrop_closes_it(visit):
    page = visit()
    dialog = page.locator("#sample-dialog")

    page.get_by_role("button", name="Open a dialog").click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)

    expect(dialog).not_to_be_visible()


def test_the_drawer_of_a_phone_opens_and_closes_by_keyboard(visit):
    page = visit(390)
    menu = page.get_by_role("button", name="Menu", exact=True)
    side = page.locator("#side-nav")
    expect(side).not_to_be_visible()

    menu.click()
    expect(side).to_be_visible()
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")

    expect(side).not_to_be_visible()


def test_a_source_opens_in_place_and_closes_when_one_looks_elsewhere(visit):
    page = visit()
    source = page.locator(".source").first

    source.locator("summary").click()
    expect(source.get_by_text("Dr. Johnson Schmitt")).to_be_visible()
    page.locator("h1").click()

    expect(source.get_by_text("Dr. Johnson Schmitt")).not_to_be_visible()


def test_a_trend_is_read_by_pointer_and_by_keyboard(visit):
    page = visit()
    chart = page.locator("[data-chart]").first
    picture = chart.locator("[data-picture]:visible")
    said = chart.locator("[data-chart-read]")

    picture.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("4 Feb 2019: 88 mg/dL")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("13 Aug 2019: 92.5 mg/dL")
    box = picture.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)

    expect(said).to_contain_text("91 mg/dL")


def test_a_refused_call_is_said_in_a_toast_that_stays(visit):
    page = visit()

    page.evaluate("htmx.ajax('GET', '/fails', {target: '#toasts', swap: 'none'}).catch(() => {})")

    toast = page.locator("#toasts .toast--bad")
    expect(toast).to_contain_text("Somebody was faster.")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_a_toast_can_take_a_step_back(visit, site):
    page = visit()

    page.evaluate("""document.body.dispatchEvent(new CustomEvent('willow:toast',
        {bubbles: true, detail: {text: 'Note added', undo_url: '/undo'}}))""")
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(page.locator("#toasts .toast")).to_have_count(0)
    ((path, headers, _),) = site.posted
    assert path == "/undo"
    assert headers["x-csrftoken"]


def test_active_time_is_reported_as_a_running_total_of_the_visit(visit, site):
    site.context["shell"].effort_url = "/effort"
    site.context["shell"].task_kind = "chart_review"
    site.context["shell"].patient_id = "0190-p1"
    page = visit()
    page.mouse.move(100, 100)
    page.wait_for_timeout(1200)
    page.mouse.move(200, 200)

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.wait_for_timeout(200)

    ((path, headers, body),) = site.posted
    said = json.loads(body)
    assert path == "/effort"
    assert headers["x-csrftoken"]
    assert (said["task_kind"], said["patient_id"]) == ("chart_review", "0190-p1")
    assert len(said["visit_id"]) == 36
    assert 1 <= said["active_seconds"] <= 5


def test_nothing_is_measured_where_no_task_is_named(visit, site):
    page = visit()
    page.mouse.move(100, 100)

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.wait_for_timeout(200)

    assert site.posted == []


def test_live_events_reach_every_page_of_the_browser_through_one_stream(visit, site):
    site.context["shell"].live_url = "/live"
    site.context["shell"].live_topics = "chart"
    site.context["shell"].live_since_ms = 5000
    page = visit()
    heard = """new Promise((resolve) => document.addEventListener('willow:chart',
        (event) => resolve(event.detail.patient_id), {once: true}))"""

    assert page.evaluate(heard) == "p1"
    streams = len([asked for asked in site.asked if asked.startswith("/live?topics=chart")])
    other = page.context.new_page()
    other.goto(f"{SITE}/design")
    assert other.evaluate(heard) == "p1"

    assert streams >= 1
    assert all("since=5000" in asked for asked in site.asked if asked.startswith("/live?"))
    assert other.evaluate("navigator.locks.query().then((all) => [all.held.length, all.pending.length])") == [
        1,
        1,
    ]


def test_a_stream_that_was_refused_is_asked_for_again_from_what_was_heard_last(visit, site):
    """What came in between is then repeated by the server; else the page would show what was."""
    site.context["shell"].live_url = "/live"
    site.context["shell"].live_topics = "chart"
    page = visit()
    page.evaluate("new Promise((r) => document.addEventListener('willow:chart', r, {once: true}))")
    site.live_status = 503
    with page.expect_request(lambda asked: "since=7000" in asked.url):
        pass
    site.complaints.clear()


PANEL = '<p id="panel" hx-get="/panel" hx-trigger="willow:stock from:body delay:50ms" hx-swap="outerHTML">'


def test_what_happens_while_a_panel_is_being_replaced_is_not_lost(visit, site):
    """Neither the old panel, which goes, nor the new one, which comes, hears it: a figure would stay."""
    site.context["shell"].live_url = "/live"
    site.context["shell"].live_topics = "stock"
    site.live = "retry: 60000\n\n"
    page = visit()
    page.evaluate(
        """(panel) => {
            document.querySelector('main').insertAdjacentHTML('beforeend', panel);
            htmx.process(document.querySelector('#panel'));
        }""",
        PANEL,
    )
    happens = "new BroadcastChannel('willow-live').postMessage({topic: 'stock', ids: {}, at: 1})"

    page.evaluate(happens)
    first = asked_for_panel(page, site)
    page.evaluate(happens)
    page.wait_for_timeout(20)
    first.fulfill(body=f"{PANEL}new</p>", content_type="text/html")
    asked_for_panel(page, site).fulfill(body=f"{PANEL}newest</p>", content_type="text/html")
    expect(page.locator("#panel")).to_have_text("newest")
    page.wait_for_timeout(200)

    assert site.held == []


def test_what_somebody_types_while_a_panel_looks_again_stays(visit, site):
    """Else the number of containers that was just typed is gone, and another is handed out."""
    site.context["shell"].live_url = "/live"
    site.context["shell"].live_topics = "stock"
    site.live = "retry: 60000\n\n"
    page = visit()
    panel = (
        PANEL.replace("<p", """<p hx-headers='{"X-Willow-Background": "1"}'""")
        + '<input id="count" value="5">'
    )
    page.evaluate(
        """(panel) => {
            document.querySelector('main').insertAdjacentHTML('beforeend', `${panel}</p>`);
            htmx.process(document.querySelector('#panel'));
            new BroadcastChannel('willow-live').postMessage({topic: 'stock', ids: {}, at: 1});
        }""",
        panel,
    )
    asked = asked_for_panel(page, site)
    page.locator("#count").fill("4")
    asked.fulfill(body=f"{panel}late</p>", content_type="text/html")
    again = asked_for_panel(page, site)
    expect(page.locator("#count")).to_have_value("4")
    again.fulfill(body=f"{panel}</p><p id=done>new</p>", content_type="text/html")

    expect(page.locator("#done")).to_have_text("new")


def asked_for_panel(page, site):
    for _ in range(500):
        if site.held:
            return site.held.pop()
        page.wait_for_timeout(20)
    raise AssertionError("nobody asked for the panel again")


def test_a_page_that_opens_beside_one_that_listens_hears_what_happened_since_it_was_made(visit, site):
    site.context["shell"].live_url = "/live"
    site.context["shell"].live_topics = "chart"
    page = visit()
    page.evaluate("new Promise((r) => document.addEventListener('willow:chart', r, {once: true}))")
    site.live = "retry: 100\n\n"
    other = page.context.new_page()
    other.add_init_script("""globalThis.heard = [];
        document.addEventListener('willow:chart', (event) => heard.push(event.detail.patient_id))""")
    other.goto(f"{SITE}/design")
    other.wait_for_function("heard.length > 0")

    assert set(other.evaluate("heard")) == {"p1"}
