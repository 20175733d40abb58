"""Who comes first in a care team, endings taken back, and the page of both."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.foundation.testing import at_once
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.patients import selectors
from willowbark.patients.models import CareRelationship, Consent, Patient
from willowbark.patients.services.care import begin_care, end_care, make_primary, resume_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import link, make_patient, new_patient, put_into_care
from willowbark.practice import services
from willowbark.practice.testing import make_practice, make_staff, quick_passwords, signed_in, staff_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def begin(actor, patient, whom, kind="team"):
    with acting_as(actor):
        return begin_care(actor=actor, patient_id=patient, staff_id=staff_of(whom), kind=kind)


def end(actor, patient, whom):
    with acting_as(actor):
        return end_care(actor=actor, patient_id=patient, staff_id=staff_of(whom))


def resume(actor, patient, care_ids):
    with acting_as(actor):
        resume_care(actor=actor, patient_id=patient, care_ids=care_ids)


def first(actor, patient, whom):
    with acting_as(actor):
        make_primary(actor=actor, patient_id=patient, staff_id=staff_of(whom))


def team(practice, patient) -> list[tuple[str, str]]:
    with acting_as(practice.everywhere) as actor:
        record = selectors.open_record(actor, patient, "patients.read", action="patients.read")
        return [(each.name.split()[0], each.kind) for each in selectors.care_of(actor, record).now]


def test_a_new_primary_practitioner_takes_the_place_of_the_one_before(practice, patient):
    begin(practice.front_desk, patient, practice.practitioner, "primary")
    begin(practice.front_desk, patient, practice.other_practitioner, "primary")
    assert team(practice, patient) == [("Otto", "primary"), ("Pia", "team")]

    first(practice.front_desk, patient, practice.practitioner)
    assert team(practice, patient) == [("Pia", "primary"), ("Otto", "team")]
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(action="patients.primary_changed", patient_id=patient).count() == 1


def test_who_may_not_write_charts_or_is_not_in_the_team_does_not_come_first(practice, patient):
    begin(practice.front_desk, patient, practice.practitioner, "primary")
    begin(practice.front_desk, patient, practice.coach)
    with pytest.raises(Invalid) as refusal:
        first(practice.front_desk, patient, practice.coach)
    assert refusal.value.field == "kind"
    with pytest.raises(Invalid):
        begin(practice.front_desk, patient, practice.dispensary, "primary")
    with pytest.raises(NotFound):
        first(practice.front_desk, patient, practice.other_practitioner)

    assert team(practice, patient) == [("Pia", "primary"), ("Cleo", "team")]


@pytest.mark.parametrize("who", ["owner", "health_coach", "dispensary"])
def test_whoever_may_not_write_patients_changes_nothing_of_their_team(practice, patient, who):
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    (ended,) = end(practice.front_desk, patient, practice.coach)
    for change in (
        lambda actor: first(actor, patient, practice.practitioner),
        lambda actor: resume(actor, patient, [ended]),
    ):
        with pytest.raises(Forbidden):
            change(practice.by_role[who])
    with pytest.raises(NotFound):
        first(practice.other_practitioner, patient, practice.practitioner)
    assert team(practice, patient) == [("Pia", "team")]


def test_an_ending_is_taken_back_as_if_it_had_not_been(practice, patient):
    before = begin(practice.front_desk, patient, practice.practitioner, "primary")
    ended = end(practice.front_desk, patient, practice.practitioner)
    for _ in range(2):
        resume(practice.front_desk, patient, ended)

    with acting_as(practice.everywhere):
        (care,) = CareRelationship.objects.filter(patient=patient)
    assert (care.pk, care.started_at, care.ended_at) == (before.pk, before.started_at, None)
    assert care.kind == "primary"


def test_an_ending_of_long_ago_stays(practice, patient):
    put_into_care(practice, patient, practice.practitioner)
    ended = end(practice.front_desk, patient, practice.practitioner)
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)), pytest.raises(Conflict):
        resume(practice.front_desk, patient, ended)

    assert team(practice, patient) == []


def test_who_came_first_in_the_meantime_stays_so(practice, patient):
    begin(practice.front_desk, patient, practice.practitioner, "primary")
    ended = end(practice.front_desk, patient, practice.practitioner)
    begin(practice.front_desk, patient, practice.other_practitioner, "primary")
    resume(practice.front_desk, patient, ended)

    assert team(practice, patient) == [("Otto", "primary"), ("Pia", "team")]


def test_nothing_is_taken_back_for_another_patient_or_for_who_has_left(practice, patient):
    other = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    ended = end(practice.front_desk, patient, practice.practitioner)
    for whose, which in ((other, ended), (patient, [uuid7()]), (patient, [])):
        with pytest.raises(NotFound):
            resume(practice.front_desk, whose, which)
    with acting_as(practice.owner) as owner:
        services.set_active(actor=owner, staff_id=staff_of(practice.practitioner), is_active=False)
    with pytest.raises(NotFound):
        resume(practice.front_desk, patient, ended)

    assert team(practice, patient) == []


def test_of_a_person_in_two_merged_rows_care_is_one(practice, patient):
    older = make_patient(practice).pk
    begin(practice.everywhere, older, practice.practitioner, "primary")
    begin(practice.everywhere, patient, practice.practitioner)
    begin(practice.everywhere, patient, practice.senior)
    link(practice, older, to=patient)
    assert team(practice, patient) == [("Pia", "primary"), ("Sage", "team")]

    first(practice.front_desk, patient, practice.senior)
    assert team(practice, patient) == [("Sage", "primary"), ("Pia", "team")]
    ended = end(practice.front_desk, patient, practice.practitioner)
    assert (len(ended), team(practice, patient)) == (2, [("Sage", "primary")])
    resume(practice.front_desk, patient, ended)
    assert team(practice, patient) == [("Sage", "primary"), ("Pia", "team")]


def test_consent_of_a_person_in_two_merged_rows_is_withdrawn_in_both(practice, patient):
    older = make_patient(practice).pk
    with acting_as(practice.everywhere) as actor:
        for row in (older, patient):
            give_consent(actor=actor, patient_id=row, scope="research", wording="Yes")
    link(practice, older, to=patient)
    with acting_as(practice.front_desk) as actor:
        withdraw_consent(actor=actor, patient_id=patient, scope="research")
        record = selectors.open_record(actor, patient, "patients.read", action="patients.read")
        rows = selectors.consents_of(actor, record)

    assert [(row.recorded_by_name, row.withdrawn_at is None) for row in rows] == [
        ("Eve Everywhere", False)
    ] * 2


def test_two_who_are_put_first_at_once_are_not_both_so(fresh_database):
    practice = make_practice()
    patient = make_patient(practice).pk
    whom = [practice.practitioner, practice.other_practitioner, practice.senior]

    def put(number: int) -> str:
        begin(practice.everywhere, patient, whom[number], "primary")
        return "put"

    assert at_once(len(whom), put) == ["put"] * len(whom)
    assert sorted(kind for _, kind in team(practice, patient)) == ["primary", "team", "team"]


def test_the_desk_registers_somebody_for_a_practitioner(practice):
    pia = staff_of(practice.practitioner)
    key, new = uuid7(), new_patient(practice.north, primary_id=pia)
    with acting_as(practice.front_desk) as desk:
        one = register_patient(actor=desk, new=new, request_key=key)
        assert register_patient(actor=desk, new=new, request_key=key).pk == one.pk

    assert team(practice, one.pk) == [("Pia", "primary")]


def test_a_practitioner_may_register_somebody_for_another_and_stays_in_the_team(practice):
    new = new_patient(practice.north, primary_id=staff_of(practice.senior))
    with acting_as(practice.practitioner) as pia:
        one = register_patient(actor=pia, new=new, request_key=uuid7())

    assert team(practice, one.pk) == [("Sage", "primary"), ("Pia", "team")]


@pytest.mark.parametrize("error", [Invalid, NotFound])
def test_nobody_is_registered_for_who_may_not_come_first(practice, error):
    primary = staff_of(practice.coach) if error is Invalid else uuid7()
    new = new_patient(practice.north, family="Nobodys", primary_id=primary)
    with acting_as(practice.front_desk) as desk, pytest.raises(error):
        register_patient(actor=desk, new=new, request_key=uuid7())
    with acting_as(practice.everywhere):
        assert not Patient.objects.filter(family="Nobodys").exists()


# The page


def url(name, patient, query="") -> str:
    return f"{reverse(f'patients:{name}', args=[patient])}{query}"


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def desk(practice):
    return signed_in(practice.front_desk)


def test_the_page_says_who_cares_who_did_and_what_was_agreed_to(practice, patient, desk):
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    end(practice.front_desk, patient, practice.coach)
    with acting_as(practice.front_desk) as actor:
        give_consent(actor=actor, patient_id=patient, scope="treatment", wording="I agree to this")
    shown = text(desk.get(url("team", patient)))

    assert "Pia Practitioner" in shown
    assert "1 before" in shown
    assert "I agree to this" in shown
    assert "written down by Fay Frontdesk" in shown
    assert shown.count("Not asked yet") == 3


def test_somebody_is_added_and_made_first_from_the_page(practice, patient, desk):
    pia, otto = (staff_of(who) for who in (practice.practitioner, practice.other_practitioner))
    answer = desk.post(url("add_carer", patient), {"staff": str(pia), "kind": "primary"})
    assert answer.headers["Location"] == url("team", patient, "?done=added")
    desk.post(url("add_carer", patient), {"staff": str(otto), "kind": "team"})
    fragment = desk.post(url("put_first", patient), {"staff": str(otto)}, headers=HTMX)

    assert fragment.content.decode().lstrip().startswith('<section class="card" id="team"')
    assert team(practice, patient) == [("Otto", "primary"), ("Pia", "team")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"staff": "", "kind": "team"}, "Choose who it is."),
        ({"staff": "coach", "kind": "primary"}, "somebody whose role writes charts"),
        ({"staff": "coach", "kind": "friend"}, "Care is as the primary practitioner"),
    ],
)
def test_what_is_wrong_is_said_on_the_page_and_nobody_is_added(practice, patient, desk, said, expected):
    staff = str(staff_of(practice.coach)) if said["staff"] else ""
    answer = desk.post(url("add_carer", patient), {**said, "staff": staff})

    assert answer.status_code == 422
    assert expected in text(answer)
    assert team(practice, patient) == []


def test_an_ending_is_undone_with_one_click(practice, patient, desk):
    put_into_care(practice, patient, practice.practitioner)
    said = {"staff": str(staff_of(practice.practitioner))}
    answer = desk.post(url("end_care", patient), said, headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["willow:toast"]
    assert team(practice, patient) == []

    undone = desk.post(toast["undo_url"], headers=HTMX)
    assert (undone.status_code, undone.headers["HX-Refresh"]) == (204, "true")
    assert team(practice, patient) == [("Pia", "team")]


def test_what_somebody_else_has_ended_already_is_shown_as_ended(practice, patient, desk):
    put_into_care(practice, patient, practice.practitioner)
    said = {"staff": str(staff_of(practice.practitioner))}
    assert desk.post(url("end_care", patient), said).status_code == 302
    answer = desk.post(url("end_care", patient), said, headers=HTMX)

    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"])["willow:toast"]["undo_url"] == ""


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_whoever_ends_their_own_care_is_led_to_the_list(practice, patient, headers):
    put_into_care(practice, patient, practice.practitioner)
    pia = signed_in(practice.practitioner)
    said = {"staff": str(staff_of(practice.practitioner))}
    answer = pia.post(url("end_care", patient), said, headers=headers)

    assert answer.headers["HX-Redirect" if headers else "Location"] == "/patients"
    assert team(practice, patient) == []
    assert pia.get(url("team", patient)).status_code == 404


def test_consent_is_written_down_for_the_day_it_was_given_and_withdrawn(practice, patient, desk):
    said = {"scope": "research", "wording": "I agree", "given_on": "2026-03-01"}
    desk.post(url("give_consent", patient), said)
    with acting_as(practice.everywhere):
        given = Consent.objects.get(patient=patient)
    assert f"{given.given_at:%Y-%m-%d %H:%M}" == "2026-03-01 17:00"
    assert "1 Mar 2026" in text(desk.get(url("team", patient)))

    desk.post(url("withdraw_consent", patient), {"scope": "research"})
    assert "Withdrawn" in text(desk.get(url("team", patient)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"wording": " "}, "what the patient agreed to takes 1 to 300 characters"),
        ({"given_on": "2999-01-01"}, "consent cannot be given in the future"),
        ({"given_on": "yesterday"}, "That is not a day."),
    ],
)
def test_a_consent_that_cannot_be_is_said_where_it_was_written(practice, patient, desk, wrong, said):
    form = {"scope": "research", "wording": "These very words", "given_on": "2026-03-01"}
    answer = desk.post(url("give_consent", patient), form | wrong)

    assert answer.status_code == 422
    assert said in text(answer)
    assert "<details open>" in answer.content.decode()
    assert ("These very words" in answer.content.decode()) is ("wording" not in wrong)


def test_a_consent_that_is_in_force_is_not_given_twice(practice, patient, desk):
    form = {"scope": "research", "wording": "Yes", "given_on": ""}
    answers = [desk.post(url("give_consent", patient), form).status_code for _ in range(2)]

    assert answers == [302, 422]


def test_lists_lead_each_role_to_the_page_of_a_patient_that_is_theirs(practice, patient):
    put_into_care(practice, patient, practice.practitioner)
    pages = {}
    for role, actor in practice.by_role.items():
        row = signed_in(actor).get("/patients").content.decode()
        found = re.search(rf'<th scope="row"><a class="table__link" href="/patients/{patient}([^"]*)"', row)
        pages[role] = found.group(1) if found else None
        options = signed_in(actor).get("/patients/search", {"q": "testperson"}).content.decode()
        for href in re.findall(r'href="([^"]*)"', options):
            assert signed_in(actor).get(href.replace("&amp;", "&")).status_code == 200, (role, href)

    assert pages == {
        "owner": "/access",
        "senior_practitioner": "",
        "practitioner": "",
        "health_coach": None,
        "front_desk": "/team",
        "dispensary": "/medications",
    }


def test_the_desk_sees_in_the_list_whom_nobody_cares_for_yet(practice, patient, desk):
    assert "Nobody yet" in text(desk.get("/patients"))
    put_into_care(practice, patient, practice.practitioner)
    shown = text(desk.get("/patients"))

    assert "Pia Practitioner" in shown
    assert "Nobody yet" not in shown
    assert "Care" not in text(signed_in(practice.owner).get("/patients")).partition("By name")[2][:200]


def test_the_form_for_somebody_new_offers_practitioners_to_the_desk_and_its_own_sites(practice, desk):
    page = desk.get("/patients/new").content.decode()
    own = signed_in(practice.practitioner).get("/patients/new").content.decode()

    assert 'name="primary"' in page
    assert "Pia Practitioner" in page
    assert "Cleo Coach" not in page
    assert f'value="{practice.south}"' not in page
    assert 'name="primary"' not in own


def test_who_is_registered_at_the_desk_is_next_seen_with_their_team(practice, desk):
    form = {
        "family": "Newcomer",
        "home_site": str(practice.north),
        "primary": str(staff_of(practice.practitioner)),
        "request_key": str(uuid7()),
    }
    answer = desk.post("/patients/new", form)
    with acting_as(practice.everywhere):
        one = Patient.objects.get(family="Newcomer")

    assert answer.headers["Location"] == url("team", one.pk)
    assert "Pia Practitioner" in text(desk.get(answer.headers["Location"]))
    other = {"family": "Other", "primary": str(staff_of(practice.coach)), "request_key": str(uuid7())}
    wrong = desk.post("/patients/new", form | other)
    assert (wrong.status_code, "whose role writes charts" in text(wrong)) == (422, True)


def test_somebody_of_the_team_who_was_deactivated_is_said_to_be(practice, patient, desk):
    with quick_passwords():
        who = make_staff(practice.owner, role="practitioner", reach=Reach.CARE, site_id=practice.north)
    put_into_care(practice, patient, who)
    with acting_as(practice.owner) as owner:
        services.set_active(actor=owner, staff_id=staff_of(who), is_active=False)

    assert "Deactivated" in text(desk.get(url("team", patient)))
