"""The access log as it is read: by filter, by page, by patient; and who can see somebody, and why."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from willowbark.foundation import access_log, clock
from willowbark.foundation.access_log import Wanted
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.patients import selectors
from willowbark.patients.core.access_words import said
from willowbark.patients.selectors import LogFilter
from willowbark.patients.selectors.access_log import SEES
from willowbark.patients.services.care import end_care
from willowbark.patients.testing import first_wall_down, link, make_patient, put_into_care
from willowbark.patients.web import access_log as pages
from willowbark.practice import services
from willowbark.practice.models import Role, RolePermission, Staff
from willowbark.practice.selectors import actor_for
from willowbark.practice.testing import again, make_staff, signed_in, staff_of

UTC = timezone.get_fixed_timezone(0)


@pytest.fixture
def ann(practice):
    return make_patient(practice, family="Rivera", given="Ann").pk


@pytest.fixture
def ben(practice):
    return make_patient(practice, family="Stone", given="Ben").pk


@pytest.fixture
def owner(practice):
    return signed_in(practice.owner)


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def read(actor, patient):
    with acting_as(again(actor)) as reader:
        selectors.get_patient(reader, patient)


def log(practice, **asked):
    with acting_as(practice.owner) as owner:
        return selectors.read_log(owner, LogFilter(**asked), zone=UTC)


def test_each_filter_shows_what_it_says_and_nothing_else(practice, ann, ben):
    read(practice.front_desk, ann)
    read(practice.senior, ben)
    with pytest.raises(NotFound):
        read(practice.practitioner, ann)
    assert signed_in(practice.practitioner).get(reverse("record:chart", args=[ann])).status_code == 404

    of_ann = log(practice, patient_id=ann).lines
    assert {row for line in of_ann for row, _ in line.patients} == {ann}
    by_desk = log(practice, user_id=practice.front_desk.user_id).lines
    assert {line.by_name for line in by_desk} == {"Fay Frontdesk"}
    (refused,) = log(practice, outcome="refused", patient_id=ann).lines
    assert (refused.said, refused.by_name) == ("Asked for: timeline", "Pia Practitioner")
    assert refused.about == "not_found"
    today = clock.now().astimezone(UTC).date()
    assert log(practice, day=today, user_id=practice.senior.user_id).lines
    for other in (today - timedelta(days=1), today + timedelta(days=1)):
        assert log(practice, day=other).lines == ()


def test_whom_an_entry_is_about_is_named(practice):
    who = make_staff(practice.owner, role="front_desk", name="Nora New")
    lines = log(practice, user_id=practice.owner.user_id).lines
    about = {line.said: line.about for line in reversed(lines) if "Nora New" in line.about}
    assert about["Practice: staff added"] == "Nora New"
    assert about["Practice: role assigned"].startswith("Nora New front_desk")
    assert not any(str(staff_of(who)) in line.about for line in lines)


def test_who_was_merged_is_part_of_the_patient(practice, ann, ben):
    link(practice, ben, to=ann)
    read(practice.senior, ben)
    assert "Patients: read" in {line.said for line in log(practice, patient_id=ann).lines}


def test_one_act_on_many_patients_is_one_line_that_names_them(practice, ann, ben):
    with acting_as(practice.front_desk) as desk:
        selectors.search(desk, "")
    (line,) = [each for each in log(practice).lines if each.said == "Patients: search"]
    assert dict(line.patients) == {ann: "Rivera, Ann", ben: "Stone, Ben"}


def test_reading_the_log_is_logged_for_everybody_it_names_and_left_out_until_asked_for(practice, ann, ben):
    read(practice.front_desk, ann)
    log(practice)
    with acting_as(practice.owner):
        named = AccessEntry.objects.filter(action="audit.read").values_list("patient_id", flat=True)
        assert {ann, ben} <= set(named)
    assert not [line for line in log(practice).lines if line.action == "audit.read"]
    for asked in ({"with_own": True}, {"patient_id": ann}, {"user_id": practice.owner.user_id}):
        assert [line for line in log(practice, **asked).lines if line.action == "audit.read"]
    log(practice, outcome="refused")
    subjects = {line.about for line in log(practice, user_id=practice.owner.user_id).lines}
    assert "outcome=refused" in subjects


def test_pages_follow_each_other_without_gap_or_repeat_at_the_same_cost(practice, ann):
    for _ in range(12):
        read(practice.front_desk, ann)
    wanted = LogFilter(user_id=practice.front_desk.user_id)
    seen: list[str] = []
    taken, place = set(), None
    while True:
        with acting_as(practice.owner) as owner, CaptureQueriesContext(connection) as captured:
            page = selectors.read_log(owner, wanted, zone=UTC, before=place, limit=5)
        taken.add(len(captured))
        seen += [line.at.isoformat() for line in page.lines]
        if page.before is None:
            break
        place = page.before
    assert len(seen) == len(set(seen)) == 12
    assert seen == sorted(seen, reverse=True)
    assert len(taken) == 1
    assert max(taken) <= 7


@pytest.mark.parametrize(
    "who", ["senior_practitioner", "practitioner", "health_coach", "front_desk", "dispensary"]
)
def test_who_may_not_read_the_log_gets_nothing_of_it(practice, ann, who):
    actor = practice.by_role[who]
    put_into_care(practice, ann, practice.practitioner)
    for call in (
        lambda: selectors.read_log(actor, LogFilter(), zone=UTC),
        lambda: selectors.read_log(actor, LogFilter(patient_id=ann), zone=UTC),
        lambda: selectors.who_sees(actor, ann),
        lambda: access_log.entries(actor, Wanted(), limit=1),
    ):
        with acting_as(actor), pytest.raises(Forbidden), transaction.atomic():
            call()
    with acting_as(actor), first_wall_down():
        assert not AccessEntry.objects.exists()


def test_holding_the_right_at_one_site_opens_no_log_of_everybody(practice, ann):
    """The log names everybody, so both walls ask for the right everywhere."""
    desk = make_staff(practice.owner, role="front_desk", reach=Reach.SITE, site_id=practice.north)
    local = _with_right(practice, desk)
    with acting_as(local), pytest.raises(Forbidden):
        selectors.read_log(local, LogFilter(), zone=UTC)
    with acting_as(local):
        assert not AccessEntry.objects.exists()


def _with_right(practice, actor):
    """The same person, who holds the owner's role at one site: the service gives it only everywhere."""
    with acting_as(practice.owner):
        owner_role = Role.objects.get(code="owner")
        assert RolePermission.objects.filter(role=owner_role, permission="audit.read").exists()
        Staff.objects.get(pk=actor.staff_id).assignments.create(
            role=owner_role, reach=Reach.SITE, site_id=practice.north
        )
    found = actor_for(actor.user_id, channel="web")
    assert "audit.read" in found.permissions
    return found


def test_nobody_changes_what_they_may_read(practice, ann):
    with acting_as(practice.owner):
        for change in (
            lambda: AccessEntry.objects.update(actor_id=None),
            lambda: AccessEntry.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()


def can(practice, patient) -> dict[str, list[tuple[str, str]]]:
    with acting_as(practice.owner) as owner:
        found = selectors.who_sees(owner, patient)
    return {
        each.name: [(reason.because, reason.through_row) for reason in each.reasons] for each in found.can
    }


def test_who_can_see_a_patient_and_why(practice, ann):
    put_into_care(practice, ann, practice.practitioner)
    found = can(practice, ann)
    assert found["Sage Senior"] == [("site", "")]
    assert found["Pia Practitioner"] == [("care", "")]
    assert found["Eve Everywhere"] == [("everywhere", "")]
    assert found["Olive Owner"] == [("everywhere", "")]
    assert "Otto Other" not in found
    with acting_as(practice.owner) as owner:
        viewers = {each.name: each for each in selectors.who_sees(owner, ann).can}
    assert "the chart" not in viewers["Olive Owner"].reasons[0].sees
    assert "the chart" in viewers["Pia Practitioner"].reasons[0].sees
    assert viewers["Pia Practitioner"].reasons[0].since is not None


def test_what_it_says_is_what_the_database_does(practice, ann):
    """Everybody, for every row of several people, as the walls themselves decide."""
    far = make_patient(practice, site_id=practice.south).pk
    own = make_patient(practice, actor=practice.practitioner).pk
    own_then_ended = make_patient(practice, actor=practice.other_practitioner).pk
    merged = make_patient(practice, site_id=practice.south).pk
    left = make_staff(practice.owner, role="front_desk", name="Lea Left")
    with acting_as(practice.owner):
        services.set_active(actor=practice.owner, staff_id=staff_of(left), is_active=False)
    put_into_care(practice, ann, practice.coach)
    put_into_care(practice, merged, practice.practitioner)
    with acting_as(practice.everywhere) as eve:
        end_care(actor=eve, patient_id=own_then_ended, staff_id=staff_of(practice.other_practitioner))
    link(practice, merged, to=ann)
    everybody = [*practice.by_role.values(), practice.other_practitioner, practice.everywhere, left]
    wanted = [permission for permission, _ in SEES]
    for row in (ann, far, own, own_then_ended, merged):
        said_to_see = can(practice, row)
        for actor in everybody:
            with acting_as(actor), connection.cursor() as cursor:
                rows = [row, merged] if row == ann else [row]
                cursor.execute(
                    "SELECT bool_or(willow_reaches(one, %s)) FROM unnest(%s::uuid[]) AS one", [wanted, rows]
                )
                (reaches,) = cursor.fetchone()
            assert (actor.name in said_to_see) is reaches, (actor.name, row)


def test_who_reaches_only_what_was_merged_is_named_so(practice, ann):
    merged = make_patient(practice, site_id=practice.south, family="Rivera", given="Anna").pk
    put_into_care(practice, merged, practice.practitioner)
    link(practice, merged, to=ann)
    assert can(practice, ann)["Pia Practitioner"] == [("care", "Rivera, Anna")]


def test_who_did_is_counted_and_old_acts_are_not(practice, ann):
    read(practice.front_desk, ann)
    read(practice.front_desk, ann)
    with acting_as(practice.owner) as owner:
        did = {each.name: each for each in selectors.who_sees(owner, ann).did}
        assert (did["Fay Frontdesk"].read, did["Fay Frontdesk"].refused) == (2, 0)
        assert did["Eve Everywhere"].written >= 1
    with clock.at(clock.now() + timedelta(days=91)), acting_as(practice.owner) as owner:
        assert [each.name for each in selectors.who_sees(owner, ann).did] == []


def test_who_sees_costs_the_same_however_many_there_are(practice, ann):
    taken = set()
    for number in range(3):
        with acting_as(practice.owner) as owner, CaptureQueriesContext(connection) as captured:
            selectors.who_sees(owner, ann)
        taken.add(len(captured))
        newcomer = make_staff(
            practice.owner,
            role="practitioner",
            reach=Reach.CARE,
            site_id=practice.north,
            name=f"P{number}",
        )
        put_into_care(practice, ann, newcomer)
    assert len(taken) == 1
    assert max(taken) <= 11


def test_the_page_filters_and_leads_on(practice, owner, ann, ben):
    read(practice.front_desk, ann)
    url = reverse("patients:access_log")
    page = text_of(owner.get(url))
    assert "Rivera, Ann" in page
    assert "Fay Frontdesk" in page
    offered = text_of(owner.get(url, {"q": "rivera", "outcome": "read"}))
    found = re.search(rf'href="({re.escape(url)}\?patient={ann}&outcome=read)"', offered)
    assert found is not None
    of_ann = text_of(owner.get(found[1]))
    assert "Stone, Ben" not in of_ann
    assert reverse("patients:access", args=[ann]) in of_ann
    assert "Nobody matches zzz" in text_of(owner.get(url, {"q": "zzz"}))
    assert "Nothing is written here" in text_of(owner.get(url, {"day": "1999-01-01"}))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"day": "yesterday"}, 422),
        ({"day": "0001-01-01"}, 422),
        ({"day": "9999-12-31"}, 422),
        ({"outcome": "lost"}, 422),
        ({"patient": "x"}, 404),
        ({"person": "x"}, 404),
        ({"before": "x"}, 404),
        ({"patient": str(UUID(int=5))}, 404),
        ({"person": str(UUID(int=5))}, 200),
        ({"before": str(UUID(int=0))}, 200),
        ({"q": "\x00"}, 400),
        ({"q": "'; DROP TABLE foundation_accessentry; --"}, 200),
    ],
)
def test_what_cannot_be_asked_is_answered_plainly(owner, asked, status):
    for name in ("access_log",) if "before" in asked else ("access_log", "access_log_csv"):
        answer = owner.get(reverse(f"patients:{name}"), asked)
        assert answer.status_code == status
        if answer.streaming:
            assert rows_of(answer)[0][0] == "at"


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_download_holds_what_was_asked_for_and_says_that_it_is_whole(practice, owner, ann, monkeypatch):
    monkeypatch.setattr(pages, "_CHUNK", 3)
    for _ in range(7):
        read(practice.front_desk, ann)
    answer = owner.get(reverse("patients:access_log_csv"), {"person": str(practice.front_desk.user_id)})
    head, *rows, end = rows_of(answer)
    assert head[:3] == ["at", "who", "through"]
    assert len(rows) == 7
    assert {tuple(row[1:8:2]) for row in rows} == {("Fay Frontdesk", "patients.read", "", str(ann))}
    assert end == ["end: this is all", "7"]
    assert "attachment" in answer.headers["Content-Disposition"]
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(action="audit.downloaded", patient_id=ann).count() == 3


def test_a_download_ends_somewhere_and_says_so(practice, owner, ann, monkeypatch):
    monkeypatch.setattr(pages, "_CHUNK", 2)
    monkeypatch.setattr(pages, "MOST_DOWNLOADED", 4)
    for _ in range(7):
        read(practice.front_desk, ann)
    answer = owner.get(reverse("patients:access_log_csv"), {"person": str(practice.front_desk.user_id)})
    *_, end = rows_of(answer)
    assert end == ["end: older entries follow", "4"]


def test_a_name_that_a_spreadsheet_would_run_is_text(practice, owner):
    made = make_patient(practice, family="=HYPERLINK(1)", given="+1").pk
    read(practice.front_desk, made)
    _, *rows, _ = rows_of(owner.get(reverse("patients:access_log_csv"), {"patient": str(made)}))
    assert {row[6] for row in rows} == {"'=HYPERLINK(1), +1"}


def test_markup_in_a_name_is_shown_as_text(practice, owner):
    hostile = "<script>alert('x')</script>"
    made = make_patient(practice, family=hostile, given=hostile).pk
    for url in (reverse("patients:access_log"), reverse("patients:access", args=[made])):
        page = owner.get(url).content.decode()
        assert hostile not in page
        assert "&lt;script&gt;" in page


def test_the_pages_lead_there_for_whom_they_are(practice, owner, ann):
    url = reverse("patients:access", args=[ann])
    assert url in text_of(owner.get(reverse("patients:list")))
    page = text_of(owner.get(url))
    assert "Who can see them, and why" in page
    assert "for the whole practice" in page
    desk = text_of(signed_in(practice.front_desk).get(reverse("patients:team", args=[ann])))
    assert url not in desk


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("patients.care_began", "Patients: care began"),
        ("GET team", "Asked for: team"),
        ("POST add_carer", "Tried: add carer"),
        ("why", "Why"),
        ("", ""),
    ],
)
def test_an_action_in_words(action, words):
    assert said(action) == words


def test_an_unknown_patient_has_no_page(owner):
    assert owner.get(reverse("patients:access", args=[uuid7()])).status_code == 404
