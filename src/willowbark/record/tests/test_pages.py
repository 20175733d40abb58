from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.record.kinds import TABLES
from willowbark.record.models import Note
from willowbark.record.testing import AT, daily, import_entries, make_entry

HOSTILE = "<script>alert('x')</script>"
TABS = ("chart", "timeline", "problems", "medications", "labs", "notes")


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def client(practice):
    return signed_in(practice.practitioner)


def read(client, name, patient, *more, **asked) -> str:
    answer = client.get(reverse(f"record:{name}", args=[patient, *more]), asked)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return html.unescape(answer.content.decode())


def test_every_tab_of_an_empty_chart_opens(practice, patient, client):
    for tab in TABS:
        read(client, tab, patient)


def test_every_tab_shows_what_belongs_there(practice, patient, client):
    for kind in TABLES:
        make_entry(practice.practitioner, patient, kind)
    for tab, words in {
        "timeline": (
            "Follow-up visit",
            "Hypertension",
            "Metformin",
            "Spirometry",
            "Influenza",
            "<b>1</b> result",
        ),
        "problems": ("Hypertension",),
        "medications": ("Metformin 500 mg",),
        "labs": ("Glucose", "95"),
        "notes": ("First words of a note",),
    }.items():
        page = read(client, tab, patient)
        assert "Penicillin" in page, f"the allergy stands above {tab}"
        for word in words:
            assert word in page, f"{word} on {tab}"


def test_markup_in_an_entry_is_shown_as_text_on_every_tab(practice, patient, client):
    for kind in TABLES:
        said = {"body": HOSTILE, "kind": "clinical"} if kind == "note" else {}
        make_entry(practice.practitioner, patient, kind, text=HOSTILE, **said)
    for tab in TABS:
        page = client.get(reverse(f"record:{tab}", args=[patient])).content.decode()
        assert HOSTILE not in page, tab
        assert "&lt;script&gt;" in page, tab


def test_the_dispensary_reads_medicines_and_allergies_and_nothing_else(practice, patient):
    for kind in TABLES:
        make_entry(practice.practitioner, patient, kind)
    client = signed_in(practice.dispensary)
    page = read(client, "medications", patient)

    assert "Metformin 500 mg" in page
    assert "Penicillin" in page
    for hidden in ("Hypertension", "Glucose", "First words", "Spirometry", "Problems", "Labs"):
        assert hidden not in page
    for tab in ("chart", "timeline", "problems", "labs", "notes"):
        assert client.get(reverse(f"record:{tab}", args=[patient])).status_code == 404


def test_a_note_is_written_once_from_the_form_that_the_page_gave(practice, patient, client):
    key = re.search(r'name="request_key" value="([^"]+)"', read(client, "notes", patient))
    assert key is not None
    for _ in range(2):
        answer = client.post(
            reverse("record:add_note", args=[patient]),
            {"kind": "clinical", "body": "Slept well", "request_key": key[1]},
        )
        assert answer.status_code == 302

    assert read(client, "notes", patient).count("Slept well") == 1


def test_a_note_that_is_refused_comes_back_with_its_words(practice, patient, client):
    answer = client.post(
        reverse("record:add_note", args=[patient]),
        {"kind": "poem", "body": "A long note", "request_key": str(uuid7())},
    )

    assert answer.status_code == 422
    assert "A long note" in answer.content.decode()
    with acting_as(practice.everywhere):
        assert not Note.objects.exists()


def test_a_coach_is_offered_coaching_notes_alone_and_voids_nothing(practice, patient):
    note = make_entry(practice.practitioner, patient, "note")
    coach = signed_in(practice.coach)
    page = read(coach, "notes", patient)

    assert "Coaching note" in page
    assert 'value="clinical"' not in page
    assert str(note) not in re.findall(r"void\?kind=note&id=([0-9a-f-]+)", page)
    refused = {"kind": "clinical", "body": "x", "request_key": str(uuid7())}
    assert coach.post(reverse("record:add_note", args=[patient]), refused).status_code == 404


def test_an_entry_is_voided_with_a_reason_and_stays_readable(practice, patient, client):
    entry = make_entry(practice.practitioner, patient, "condition")
    url = reverse("record:void", args=[patient])
    asked = {"kind": "condition", "id": str(entry)}
    assert "Hypertension" in client.get(url, asked).content.decode()
    without = client.post(url, asked)
    assert without.status_code == 422
    assert client.post(url, asked | {"reason": "Wrong patient"}).status_code == 302

    page = read(client, "problems", patient)
    assert "Hypertension" in page
    assert "Wrong patient" in page
    again = client.post(url, asked | {"reason": "Another reason"})
    assert again.status_code == 422
    assert "voided already" in again.content.decode()


def test_an_entry_of_another_patient_is_not_voided_through_this_one(practice, patient, client):
    entry = make_entry(practice.everywhere, make_patient(practice).pk, "condition")
    url, asked = reverse("record:void", args=[patient]), {"kind": "condition", "id": str(entry)}

    assert client.get(url, asked).status_code == 404
    assert client.post(url, asked | {"reason": "x"}).status_code == 404


def test_the_timeline_is_paged_through_by_its_own_links_both_ways(practice, patient, client):
    import_entries(
        practice,
        patient,
        "procedure",
        [
            {"effective_at": AT - timedelta(days=number), "text": f"Procedure-{number:03}"}
            for number in range(120)
        ],
    )
    wanted = [f"Procedure-{number:03}" for number in range(120)]

    def walk(url: str, label: str) -> list[list[str]]:
        pages: list[list[str]] = []
        while len(pages) < 10:
            page = html.unescape(client.get(url).content.decode())
            pages.append([*dict.fromkeys(re.findall(r"Procedure-\d{3}", page))])
            links = re.findall(rf'href="([^"]*timeline\?[^"]*{label}=[^"]+)"', page)
            if not links:
                return pages
            url = links[0]
        raise AssertionError("the pages never end")

    down = walk(reverse("record:timeline", args=[patient]), "before")
    assert [each for page in down for each in page] == wanted
    year = walk(reverse("record:timeline", args=[patient]) + "?year=2023", "before")
    assert [each for page in year for each in page] == wanted[65:], "from the end of that year on"


@pytest.mark.parametrize(
    "asked", [{"kind": "poem"}, {"year": "soon"}, {"year": "99999"}, {"before": "x"}, {"after": "="}]
)
def test_a_place_that_the_timeline_does_not_have_is_refused_in_words(practice, patient, client, asked):
    answer = client.get(reverse("record:timeline", args=[patient]), asked)

    assert answer.status_code == 422
    assert (
        "There is no such" in html.unescape(answer.content.decode())
        or "does not exist" in answer.content.decode()
    )


def test_a_tab_that_is_fetched_into_the_page_is_a_fragment_that_no_cache_mistakes(practice, patient, client):
    answer = client.get(reverse("record:labs", args=[patient]), headers={"HX-Target": "chart-body"})

    assert "<html" not in answer.content.decode()
    assert {"HX-Request", "HX-Target"} <= set(answer.headers["Vary"].replace(",", " ").split())
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_merged_chart_shows_both_rows_and_each_leads_to_the_other(practice, patient, client):
    older = make_patient(practice, given="Older", family="Row").pk
    make_entry(practice.everywhere, older, "condition", text="Known before")
    link(practice, older, to=patient)

    assert "Known before" in read(client, "problems", patient)
    assert str(older) in read(client, "chart", patient)
    assert str(patient) in read(client, "chart", older)


@pytest.mark.parametrize(("code", "name"), [("haw", "Hawaiian"), ("qqq", "qqq")])
def test_the_head_of_a_chart_names_the_language(practice, client, code, name):
    patient = make_patient(practice, language=code).pk
    put_into_care(practice, patient, practice.practitioner)
    assert f"Language</span>{name}</span>" in read(client, "chart", patient)


def test_entries_of_the_first_and_of_far_years_do_not_break_the_chart(practice, patient, client):
    """Imports bring such dates; people in every time zone must be able to open what came."""
    for kind in TABLES:
        import_entries(
            practice,
            patient,
            kind,
            [
                {"effective_at": datetime(1, 1, 1, tzinfo=UTC)},
                {"effective_at": datetime(9999, 12, 31, 23, tzinfo=UTC)},
            ],
        )
    for tab in TABS:
        read(client, tab, patient)
    read(client, "lab_trend", patient, "2345-7")


def test_a_trend_shows_its_results_and_what_is_not_there_is_not_found(practice, patient, client):
    import_entries(practice, patient, "observation", daily(3))

    assert read(client, "lab_trend", patient, "2345-7").count("95") >= 3
    assert client.get(reverse("record:lab_trend", args=[patient, "no/such/test"])).status_code == 404


def test_results_are_read_over_the_api_page_by_page(practice, patient, client):
    made = import_entries(practice, patient, "observation", daily(250))
    seen, before = [], ""
    while True:
        page = client.get(
            f"/api/patients/{patient}/observations", {"code": "2345-7", "before": before}
        ).json()
        seen += [row["id"] for row in page["observations"]]
        if not (before := page["next"]):
            break

    assert seen == [str(each) for each in made]
