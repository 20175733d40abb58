from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.record.testing import import_entries, make_entry
from willowbark.worklist.testing import make_task

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, family="Rivera", given="Ana").pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def client(practice):
    return signed_in(practice.practitioner)


def visit(practice, patient, minutes, status="planned", **said):
    import_entries(
        practice,
        patient,
        "encounter",
        [{"effective_at": clock.now() + timedelta(minutes=minutes), "status": status} | said],
    )


def read(client, patient):
    answer = client.get(reverse("assistant:brief", args=[patient]))
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def brief_in(page: str) -> str:
    return page[page.index('<article id="brief"') : page.index("</article>")]


def words_of(page) -> int:
    """What somebody reads of the allergies and the sections."""
    article = brief_in(page)
    body = article[article.index("</header>") :]
    said = body[: body.index('<p class="faint brief__foot"')]
    return len(html.unescape(re.sub(r"<[^>]+>", " ", said)).split())


def fill(practice, patient):
    ago = clock.now() - timedelta(days=40)
    import_entries(practice, patient, "encounter", [{"effective_at": ago, "status": "finished"}])
    for kind in (
        "observation",
        "condition",
        "medication",
        "allergy",
        "procedure",
        "immunization",
        "document",
    ):
        make_entry(practice.practitioner, patient, kind, effective_at=clock.now())
    make_entry(
        practice.coach, patient, "note", kind="coaching", body="Sleeps badly", effective_at=clock.now()
    )
    make_task(practice.practitioner, patient, title="Repeat ferritin")


def test_a_brief_of_somebody_of_whom_nothing_is_known_says_so(practice, patient, client):
    page = html.unescape(read(client, patient))

    assert "No earlier visit is on record" in page
    assert "nobody has stated that there are none" in page


def test_every_line_leads_to_a_page_on_which_its_source_stands(practice, patient, client):
    fill(practice, patient)
    article = brief_in(read(client, patient))
    urls = [html.unescape(url) for url in re.findall(r'class="brief__lead" href="([^"]+)"', article)]

    assert len(urls) == len(re.findall(r'<li class="brief__line', article)) + article.count("allergies__item")
    assert len(urls) >= 10
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        anchor = urlsplit(url).fragment
        assert not anchor or f'id="{anchor}"' in answer.content.decode(), url


def test_a_coach_can_follow_every_line_too(practice, patient):
    fill(practice, patient)
    coach = signed_in(practice.coach)
    for url in re.findall(r'<a [^>]*href="(/[^"]+)"', brief_in(read(coach, patient))):
        assert coach.get(html.unescape(url)).status_code == 200, url


def test_the_page_of_a_long_record_is_read_in_ninety_seconds(practice, patient, client):
    now = clock.now()
    import_entries(practice, patient, "encounter", [{"effective_at": now - timedelta(days=40)}])
    for kind in ("observation", "condition", "medication", "allergy", "note", "document"):
        rows = [
            {
                "effective_at": now - timedelta(hours=number),
                "text": f"Something called {kind} number {number}",
            }
            | ({"code": f"{number}-1"} if kind == "observation" else {})
            for number in range(60)
        ]
        import_entries(practice, patient, kind, rows)

    assert 250 < words_of(read(client, patient)) <= 300


def test_markup_in_the_record_is_shown_as_text(practice, patient, client):
    for kind in ("observation", "condition", "medication", "allergy", "document", "note"):
        said = {"body": HOSTILE, "kind": "clinical"} if kind == "note" else {}
        make_entry(practice.practitioner, patient, kind, text=HOSTILE, **said)
    page = read(client, patient)

    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_a_brief_is_measured_live_and_never_kept_by_the_browser(practice, patient, client):
    other = make_patient(practice).pk
    link(practice, other, to=patient)
    answer = client.get(reverse("assistant:brief", args=[patient]))
    page = answer.content.decode()

    assert 'data-task-kind="brief"' in page
    assert f'data-patient-id="{patient}"' in page
    for row in (patient, other):
        assert f"record.changed:{row}" in page
        assert f"willow:record.changed:{row} from:body" in page
    assert "no-store" in answer["Cache-Control"]


def test_the_brief_of_a_merged_row_leads_to_the_whole_one(practice, patient, client):
    other = make_patient(practice).pk
    link(practice, other, to=patient)
    page = read(client, other)

    assert "Merged into another" in page
    assert f'href="{reverse("assistant:brief", args=[patient])}"' in page
    assert "Merged into another" not in read(client, patient)


def test_what_is_fetched_anew_is_the_brief_alone(practice, patient, client):
    answer = client.get(
        reverse("assistant:brief", args=[patient]), headers={"HX-Request": "true", "HX-Target": "brief"}
    )
    assert answer.content.decode().strip().startswith('<article id="brief"')
    assert {"HX-Request", "HX-Target"} <= set(answer["Vary"].split(", "))


def test_the_keys_lead_to_the_visits_before_and_after(practice, patient, client):
    before, after = (make_patient(practice, family=name, given="").pk for name in ("Before", "After"))
    put_into_care(practice, before, practice.practitioner)
    put_into_care(practice, after, practice.practitioner)
    for who, minutes in ((before, -1), (patient, 0), (after, 1)):
        visit(practice, who, minutes)
    page = read(client, patient)

    assert f'href="{reverse("assistant:brief", args=[before])}" aria-label="The visit before: Before"' in page
    assert re.search(rf'href="{reverse("assistant:brief", args=[after])}"[^>]*data-key="j"', page)
    assert 'data-key="k"' not in read(client, before)
    assert 'data-key="j"' not in read(client, after)


def test_the_day_sheet_shows_who_comes_with_brief_and_chart(practice, patient, client):
    visit(practice, patient, 0, reason_text="Fatigue", practitioner_name="Pia Practitioner")
    page = client.get(reverse("practice:day")).content.decode()

    assert "Rivera, Ana" in page
    assert "Fatigue" in page
    assert reverse("assistant:brief", args=[patient]) in page
    assert reverse("record:chart", args=[patient]) in page
    assert ">Next<" in re.sub(r"<svg.*?</svg>", "", page)


def test_own_visits_stand_before_those_of_colleagues(practice, patient, client):
    other = make_patient(practice, family="Ng", given="Wu").pk
    put_into_care(practice, other, practice.practitioner)
    visit(practice, patient, 1, practitioner_name="Pia Practitioner")
    visit(practice, other, 0, practitioner_name="Sage Senior")
    page = client.get(reverse("practice:day")).content.decode()

    assert page.index("Rivera, Ana") < page.index("1 with colleagues") < page.index("Ng, Wu")


def test_a_day_without_visits_says_so_and_what_to_do(practice, patient, client):
    page = client.get(reverse("practice:day"), {"date": "2001-01-01"}).content.decode()

    assert "had a visit on this day" in page
    assert reverse("patients:list") in page


def test_a_day_without_visits_leads_to_the_next_with_some_of_ones_own_patients(practice, patient, client):
    other = make_patient(practice, family="Ng", given="Wu").pk
    put_into_care(practice, other, practice.other_practitioner)
    visit(practice, other, 2 * 24 * 60)
    visit(practice, patient, 4 * 24 * 60, status="cancelled")
    assert "The next visits are on" not in client.get(reverse("practice:day")).content.decode()
    visit(practice, patient, 5 * 24 * 60)
    following = (clock.now() + timedelta(days=5)).astimezone(ZoneInfo("America/New_York")).date()
    page = client.get(reverse("practice:day")).content.decode()
    assert f'The next visits are on <a href="{reverse("practice:day")}?date={following.isoformat()}">' in page
    assert "Rivera, Ana" in client.get(reverse("practice:day"), {"date": following}).content.decode()


def test_who_reads_no_records_does_not_see_who_comes(practice, patient):
    visit(practice, patient, 0)
    for actor in (practice.front_desk, practice.dispensary, practice.owner):
        page = signed_in(actor).get(reverse("practice:day")).content.decode()
        assert "Rivera" not in page
        assert 'id="panel-visits"' not in page


def test_the_head_of_a_chart_leads_to_the_brief_for_those_who_may_read_it(practice, patient, client):
    url = reverse("assistant:brief", args=[patient])

    assert url in client.get(reverse("record:chart", args=[patient])).content.decode()
    dispensary = signed_in(practice.dispensary)
    assert url not in dispensary.get(reverse("record:medications", args=[patient])).content.decode()
