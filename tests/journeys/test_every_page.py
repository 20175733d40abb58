"""
Every page of the role matrix in a real browser: under the rules of WCAG 2.2 AA as axe-core knows them, asking
nobody but its own origin, and with a silent console, least of all one that says that the content security
policy stopped something.

One practice, one server, one browser: each page is opened once, as somebody who may see it, and looked at
in light and in dark at the width of a desk, then at the width of a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from willowbark.assistant.testing import INSIDE, configured
from willowbark.foundation.security import CONTENT_SECURITY_POLICY
from willowbark.foundation.testing import chromium
from willowbark.practice.testing import signed_in

from ..matrix.calls import Call
from ..matrix.pages import PAGES
from ..matrix.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
AT_LEAST = 35
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Who looks at a page, the first of them who may: the fullest page first.
LOOKERS = ("practitioner", "senior_practitioner", "dispensary", "front_desk", "owner")


class Practice:
    """The matrix's practice, served: where each page is, and who looks at it."""

    def __init__(self, world: World, address: str) -> None:
        # All of it is looked up before a browser's loop runs in this thread, which forbids the database.
        self.address = address
        # Of several calls of one page the first, as `opened` takes it.
        self.paths = {call.name: self._path(call, world) for call in reversed(PAGES)}
        self.sessions = {
            role: signed_in(world.actors[role]).cookies["willowbark_session"].value for role in LOOKERS
        }

    @staticmethod
    def _path(call: Call, world: World) -> str:
        query = urlencode(call.body(world, world.ann))
        return call.path(world, world.ann) + (f"?{query}" if query else "")

    def cookies(self, call: Call) -> list[Any]:
        """What lets somebody who may see the page in; nothing for a page for everybody."""
        if call.public:
            return []
        role = next(role for role in LOOKERS if role in call.allowed)
        return [{"name": "willowbark_session", "value": self.sessions[role], "url": self.address}]


@pytest.fixture(scope="module")
def practice(module_database) -> Iterator[Practice]:
    server = LiveServer("localhost")
    with configured(**INSIDE):
        yield Practice(World(), server.url)
    server.stop()


@pytest.fixture(scope="module")
def browser(practice) -> Iterator[Browser]:
    with chromium() as started:
        yield started


def broken(page: Page, **narrowed: Any) -> list[str]:
    """Which rules the page breaks as it is now, each with the element that does."""
    options = {"resultTypes": ["violations"], "runOnly": RULES, **narrowed}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {' '.join(map(str, node['target']))}" for rule in found for node in rule["nodes"]]


# A colour that is inherited changes again each time that its parent's has finished changing.
SETTLED = """() => {
    const moving = () => document.getAnimations().filter((one) => one.playState !== 'finished');
    for (let now = moving(); now.length; now = moving()) now.forEach((one) => one.finish());
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with a page that was opened in light on a desk: so, in dark, and on a phone."""
    found = [f"light, {each}" for each in broken(page)]
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    found += [
        f"dark, {each}" for each in broken(page, runOnly={"type": "rule", "values": ["color-contrast"]})
    ]
    page.set_viewport_size(PHONE)
    found += [f"phone, {each}" for each in broken(page, rules={"color-contrast": {"enabled": False}})]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        found.append(f"phone, {width} px wide")
    return found


def window(browser: Browser) -> BrowserContext:
    """A browser of its own, in which no page listens to live events."""
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.route("**/live?*", lambda asked: asked.abort())
    return context


def go(practice: Practice, page: Page, name: str) -> Response:
    """Open the page of this name in light on a desk, as somebody who may see it."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    call = next(call for call in PAGES if call.name == name)
    page.context.clear_cookies()
    page.context.add_cookies(practice.cookies(call))
    answer = page.goto(practice.address + practice.paths[name])
    assert answer is not None
    assert answer.status == 200, name
    return answer


def opened(practice: Practice, browser: Browser, name: str) -> Page:
    """The page of this name, in a browser of its own, as somebody who may see it."""
    page = window(browser).new_page()
    go(practice, page, name)
    return page


@dataclass(slots=True)
class Seen:
    """What the browser did on one page, and what is wrong with how it looks."""

    policy: str = ""
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seen(practice, browser) -> dict[str, Seen]:
    """Each page as it was seen, one after the other in one window."""
    context = window(browser)
    context.add_init_script(
        "window.stopped = [];"
        "addEventListener('securitypolicyviolation', event =>"
        " window.stopped.push(`${event.violatedDirective}: ${event.blockedURI}`))"
    )
    page, found, now = context.new_page(), {}, Seen()
    page.on("request", lambda one: _elsewhere(one.url, practice.address) and now.elsewhere.append(one.url))
    page.on("pageerror", lambda error: now.complaints.append(str(error)))
    page.on("console", lambda said: _is_complaint(said) and now.complaints.append(said.text))
    for name in practice.paths:
        now = found[name] = Seen()
        now.policy = go(practice, page, name).headers.get("content-security-policy", "")
        now.faults = faults(page)
        now.complaints += page.evaluate("window.stopped")
    context.close()
    return found


def _is_complaint(said: ConsoleMessage) -> bool:
    # Here no live event is heard, and a page says so.
    is_of_stream = urlsplit(said.location["url"]).path == reverse("foundation:live")
    return said.type in ("error", "warning") and not is_of_stream


def _elsewhere(url: str, origin: str) -> bool:
    return urlsplit(url).scheme not in ("data", "blob", "about") and not url.startswith(origin + "/")


def test_every_page_keeps_the_rules_of_accessibility(seen):
    wrong = [f"{name}: {each}" for name, one in seen.items() for each in one.faults]

    assert not wrong, "\n".join(wrong)


def test_no_page_asks_anybody_else_and_none_breaks_its_policy(seen):
    assert len(seen) >= AT_LEAST
    assert {name: one.elsewhere for name, one in seen.items() if one.elsewhere} == {}
    assert {name: one.complaints for name, one in seen.items() if one.complaints} == {}
    assert {name: one.policy for name, one in seen.items() if one.policy != CONTENT_SECURITY_POLICY} == {}


# What one can press or fill in, as far as it is shown; of radio buttons the one that is chosen.
ACTIONS = """() => [...document.querySelectorAll(
    'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex="0"]')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0)
    .filter((one) => one.type !== 'hidden' && !(one.type === 'radio' && !one.checked))"""
NAMES = f"() => ({ACTIONS})().map((one) => one.outerHTML.slice(0, 120))"
# Where the focus is: its place among the actions, whether a ring is seen, and whether something lies over it.
FOCUS = f"""async () => {{
    await Promise.allSettled(document.getAnimations().map((one) => one.finished));
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const {{left, top, width, height}} = at.getClientRects()[0] ?? {{}};
    const over = document.elementFromPoint(left + width / 2, top + Math.min(height, 32) / 2);
    return {{
        place: ({ACTIONS})().indexOf(at),
        // the browser rings the parts of a day itself
        ringed: at.type === 'date' || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        free: Boolean(over) && (at.contains(over) || over.contains(at)),
    }};
}}"""


@pytest.mark.parametrize(
    "name",
    [
        "foundation:components",
        "record:chart",
        "protocols:composer",
        "dispensary:dispense",
        "inventory:product",
    ],
)
def test_every_action_is_reached_by_tab_in_order_with_a_ring_that_nothing_covers(practice, browser, name):
    page = opened(practice, browser, name)
    page.wait_for_load_state("networkidle")
    # What comes once it is looked at comes now: under way it would take the focus along.
    page.evaluate("document.querySelectorAll('[hx-trigger=revealed]').forEach((one) => one.scrollIntoView())")
    expect(page.locator("[hx-trigger=revealed]")).to_have_count(0, timeout=30_000)
    page.evaluate("scrollTo(0, 0)")
    names = page.evaluate(NAMES)
    met = []
    for _ in range(2 * len(names)):  # a day is filled in at three places
        page.keyboard.press("Tab")
        met.append(page.evaluate(FOCUS))
        if met[-1]["place"] == len(names) - 1:
            break

    assert {each["place"] for each in met} == set(range(len(names)))
    assert [each["place"] for each in met] == sorted(each["place"] for each in met)
    assert [names[each["place"]] for each in met if not (each["ringed"] and each["free"])] == []
    page.context.close()


def test_the_first_tab_offers_to_skip_to_the_content(practice, browser):
    page = opened(practice, browser, "record:chart")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()
    page.context.close()


def test_a_dialog_keeps_the_focus_and_gives_it_back(practice, browser):
    page = opened(practice, browser, "foundation:components")
    button = page.get_by_role("button", name="Open a dialog")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sample-dialog")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('body, #sample-dialog, #sample-dialog *')")
    page.keyboard.press("Escape")

    expect(button).to_be_focused()
    page.context.close()
