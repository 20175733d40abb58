"""Whether two patient rows are one person: linked, kept apart, taken back; by one person at a time."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage, PatientHistory
from willowbark.foundation.testing import at_once
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients import selectors
from willowbark.patients.models import MatchCandidate, Patient
from willowbark.patients.services import matching, review
from willowbark.patients.services.review import (
    AlreadyDecided,
    DecidedSince,
    KeptApart,
    MatchingIsBusy,
    decide_match,
    undo_match,
)
from willowbark.patients.testing import ask_about, first_wall_down, link, make_patient
from willowbark.practice.testing import make_practice

BORN = parse_partial_date("1984-03-12")


@pytest.fixture
def ann(practice):
    return make_patient(practice, family="Rivera", given="Ann", birth_date=BORN).pk


@pytest.fixture
def anna(practice, ann):
    return make_patient(practice, family="Rivera", given="Anna", birth_date=BORN).pk


@pytest.fixture
def annie(practice, anna):
    return make_patient(practice, family="Rivera", given="Annie", birth_date=BORN).pk


@pytest.fixture
def pair(practice, ann, anna):
    return anna, ask_about(practice, anna, ann)


def decide(actor, pair, decision="link", *, key=None, reason=""):
    with acting_as(actor):
        decide_match(
            actor=actor,
            patient_id=pair[0],
            candidate_id=pair[1],
            decision=decision,
            request_key=key or uuid7(),
            reason=reason,
        )


def undo(actor, pair):
    with acting_as(actor):
        undo_match(actor=actor, patient_id=pair[0], candidate_id=pair[1])


def links(practice) -> dict[UUID, UUID | None]:
    with acting_as(practice.everywhere):
        return dict(Patient.objects.values_list("pk", "linked_to"))


def state(practice, pair):
    with acting_as(practice.owner):
        row = MatchCandidate.objects.get(patient=pair[0], pk=pair[1])
        return row.decision, row.decided_by_id


def facts(practice, name):
    with acting_as(practice.owner):
        return [each.payload for each in OutboxMessage.objects.filter(name=f"patients.{name}").order_by("id")]


@pytest.mark.parametrize("who", ["owner", "senior_practitioner"])
def test_a_pair_is_linked_to_who_was_recorded_first_and_taken_back(practice, ann, anna, pair, who):
    actor = practice.by_role[who]
    decide(actor, pair)
    assert links(practice) == {ann: None, anna: ann}
    assert state(practice, pair) == ("linked", actor.user_id)

    undo(actor, pair)
    undo(actor, pair)
    assert links(practice) == {ann: None, anna: None}
    assert state(practice, pair) == ("", None)


def test_what_a_decision_did_is_told_logged_and_kept_in_history(practice, ann, anna, pair):
    decide(practice.owner, pair)
    undo(practice.owner, pair)

    assert facts(practice, "PatientLinked") == [{"patient_id": str(anna), "linked_to_id": str(ann)}]
    assert facts(practice, "PatientUnlinked") == [{"patient_id": str(anna), "unlinked_from_id": str(ann)}]
    assert len(facts(practice, "MatchDecided")) == 2
    with acting_as(practice.owner):
        logged = set(
            AccessEntry.objects.filter(actor_id=practice.owner.user_id, outcome="written").values_list(
                "action", "patient_id"
            )
        )
    assert logged >= {
        ("patients.linked", anna),
        ("patients.unlinked", anna),
        *(("patients.match_linked", row) for row in (ann, anna)),
        *(("patients.match_undone", row) for row in (ann, anna)),
    }
    with acting_as(practice.everywhere):
        before = PatientHistory.objects.filter(table_name="patients_matchcandidate", operation="update")
        assert sorted((each.old_row or {})["decision"] for each in before) == ["", "linked"]


def test_kept_apart_they_are_not_asked_about_until_it_is_taken_back(practice, ann, anna, pair):
    decide(practice.owner, pair, "apart", reason="  twins ")
    assert links(practice) == {ann: None, anna: None}
    assert state(practice, pair) == ("apart", practice.owner.user_id)
    with acting_as(practice.owner) as owner:
        assert selectors.match_queue(owner).rows == ()
        assert selectors.match_pair(owner, *pair).reason == "twins"
    undo(practice.owner, pair)
    with acting_as(practice.owner) as owner:
        assert [each.ref.candidate_id for each in selectors.match_queue(owner).rows] == [pair[1]]


def test_everybody_whom_either_stood_for_is_linked_to_the_one_who_stands_for_both(
    practice, ann, anna, annie, pair
):
    """Anna stands for Annie; linked to Ann, both end at Ann; taken back, Annie is Anna's again."""
    link(practice, annie, to=anna)
    decide(practice.owner, pair)
    assert links(practice) == {ann: None, anna: ann, annie: ann}

    undo(practice.owner, pair)
    assert links(practice) == {ann: None, anna: None, annie: anna}


def test_a_chain_of_links_is_taken_back_last_one_first(practice, ann, anna, annie, pair):
    further = (annie, ask_about(practice, annie, anna))
    with clock.at(clock.now()):
        decide(practice.owner, further)
    with clock.at(clock.now() + timedelta(minutes=1)):
        decide(practice.owner, pair)
    assert links(practice) == {ann: None, anna: ann, annie: ann}
    with pytest.raises(DecidedSince):
        undo(practice.owner, further)
    assert links(practice) == {ann: None, anna: ann, annie: ann}

    undo(practice.owner, pair)
    assert links(practice) == {ann: None, anna: None, annie: anna}
    undo(practice.owner, further)
    assert links(practice) == {ann: None, anna: None, annie: None}


def test_three_pairs_of_three_rows_are_one_person_without_a_circle(practice, ann, anna, annie, pair):
    others = [(annie, ask_about(practice, annie, ann)), (annie, ask_about(practice, annie, anna))]
    decide(practice.owner, pair)
    decide(practice.owner, others[0])

    assert links(practice) == {ann: None, anna: ann, annie: ann}
    # What is settled by the two is no question any more, and comes back with them.
    assert state(practice, others[1]) == ("linked", practice.owner.user_id)
    with pytest.raises(DecidedSince):
        undo(practice.owner, others[1])
    undo(practice.owner, others[0])
    assert state(practice, others[1]) == ("", None)


def test_who_is_one_person_cannot_be_kept_apart_nor_who_was_kept_apart_be_linked_round_about(
    practice, ann, anna, annie, pair
):
    apart = (annie, ask_about(practice, annie, ann))
    round_about = (annie, ask_about(practice, annie, anna))
    decide(practice.owner, apart, "apart")
    decide(practice.owner, pair)
    # Annie is not Ann, so neither is she Anna, who is Ann.
    with pytest.raises(KeptApart):
        decide(practice.owner, round_about)
    assert links(practice)[annie] is None

    undo(practice.owner, apart)
    decide(practice.owner, round_about)
    assert links(practice) == {ann: None, anna: ann, annie: ann}
    with pytest.raises(AlreadyDecided):
        decide(practice.owner, round_about, "apart")


def test_asking_about_who_is_linked_already_can_only_be_agreed_to(practice, ann, anna, pair):
    link(practice, anna, to=ann)
    with pytest.raises(Conflict):
        decide(practice.owner, pair, "apart")
    decide(practice.owner, pair)
    undo(practice.owner, pair)
    assert links(practice)[anna] == ann


def test_a_repeated_request_changes_nothing_and_its_key_says_one_thing_only(practice, ann, anna, pair):
    key = uuid7()
    for _ in range(2):
        decide(practice.owner, pair, key=key)
    assert len(facts(practice, "PatientLinked")) == 1
    with pytest.raises(RequestKeyReused):
        decide(practice.owner, pair, "apart", key=key)
    with pytest.raises(AlreadyDecided):
        decide(practice.senior, pair, "link")
    undo(practice.owner, pair)
    # A request that comes late does not do again what was taken back.
    with pytest.raises(AlreadyDecided):
        decide(practice.owner, pair, key=key)
    assert links(practice)[anna] is None


def test_against_the_evidence_a_link_needs_a_reason(practice, ann):
    other = make_patient(
        practice, family="Rivera", given="Ann", birth_date=parse_partial_date("1951-11-30")
    ).pk
    pair = (other, ask_about(practice, other, ann))
    with pytest.raises(Invalid) as refusal:
        decide(practice.owner, pair)
    assert refusal.value.field == "reason"
    for decision, reason in (("merge", ""), ("apart", "x" * 301)):
        with pytest.raises(Invalid):
            decide(practice.owner, pair, decision, reason=reason)
    assert links(practice)[other] is None
    decide(practice.owner, pair, reason="She showed her passport")
    assert links(practice)[other] == ann


@pytest.mark.parametrize("who", ["practitioner", "health_coach", "front_desk", "dispensary"])
def test_who_decides_about_nobody_moves_nothing(practice, ann, anna, pair, who):
    for call in (lambda: decide(practice.by_role[who], pair), lambda: undo(practice.by_role[who], pair)):
        with pytest.raises(Forbidden):
            call()
    assert state(practice, pair) == ("", None)


@pytest.mark.parametrize("far_side", ["newcomer", "known"])
def test_a_pair_of_which_one_is_out_of_reach_is_not_there(practice, far_side):
    near, far = make_patient(practice).pk, make_patient(practice, site_id=practice.south).pk
    newcomer, known = (far, near) if far_side == "newcomer" else (near, far)
    pair = (newcomer, ask_about(practice, newcomer, known))
    for decision in ("link", "apart"):
        with pytest.raises(NotFound):
            decide(practice.senior, pair, decision)
    with acting_as(practice.senior) as senior:
        assert selectors.match_queue(senior).rows == ()
        assert selectors.waiting_matches(senior) == 0
        with pytest.raises(NotFound):
            selectors.match_pair(senior, *pair)
    with acting_as(practice.owner) as owner:
        assert selectors.waiting_matches(owner) == 1


def test_the_database_itself_links_only_whom_one_reaches_and_never_in_a_circle(practice, ann, anna, annie):
    far = make_patient(practice, site_id=practice.south).pk

    def set_links(actor, rows, standing):
        with acting_as(actor), first_wall_down(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT willow_link_rows(%s::uuid[], %s::uuid[])", [rows, standing])

    for actor, rows, standing in (
        (practice.practitioner, [anna], [ann]),
        (practice.front_desk, [anna], [ann]),
        (practice.senior, [anna], [far]),
        (practice.senior, [far], [ann]),
        (practice.system, [anna], [ann]),
    ):
        with pytest.raises(ProgrammingError, match="out of reach"):
            set_links(actor, rows, standing)
    for rows, standing in (
        ([ann, anna], [anna, ann]),
        ([anna, annie], [ann, anna]),
        ([ann, anna, annie], [anna, annie, ann]),
    ):
        with pytest.raises(Exception, match="stands for itself"):
            set_links(practice.owner, rows, standing)
    with (
        acting_as(practice.senior),
        pytest.raises(ProgrammingError, match="out of reach"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM willow_lock_persons(%s::uuid[])", [[far]])
    assert set(links(practice).values()) == {None}


def test_the_queue_is_paged_strongest_first_with_the_same_statements(practice, ann):
    found = []
    for number in range(7):
        newcomer = make_patient(practice, family="Rivera", given=f"Ann{number}").pk
        found.append(ask_about(practice, newcomer, ann, probability=f"0.{number % 3 + 5}"))
    seen: list[selectors.Waiting] = []
    taken, place = set(), None
    while True:
        with acting_as(practice.owner) as owner, CaptureQueriesContext(connection) as captured:
            page = selectors.match_queue(owner, after=place, limit=3, decided=0)
        taken.add(len(captured))
        seen += page.rows
        if not page.more:
            break
        place = (page.rows[-1].probability, page.rows[-1].ref.candidate_id)

    assert sorted(each.ref.candidate_id for each in seen) == sorted(found)
    assert [each.probability for each in seen] == sorted((each.probability for each in seen), reverse=True)
    assert len(taken) == 1
    with acting_as(practice.owner) as owner:
        whose = seen[0].ref.patient_id
        assert [each.ref for each in selectors.match_queue(owner, patient_id=whose).rows] == [seen[0].ref]


def test_a_pair_stands_side_by_side_with_what_speaks_for_and_against(practice, ann, anna, pair):
    with acting_as(practice.owner) as owner, CaptureQueriesContext(connection) as captured:
        shown = selectors.match_pair(owner, *pair)
    lines = {line.field: line for line in shown.lines}
    assert (lines["given"].mine, lines["given"].theirs, lines["given"].is_alike) == (
        ("Anna",),
        ("Ann",),
        False,
    )
    assert lines["birth"].is_alike
    assert (lines["birth"].weight or 0) > 0
    assert shown.stands == ann
    assert len(captured) <= 14
    with acting_as(practice.owner):
        read = AccessEntry.objects.filter(action="patients.match_read").values_list("patient_id", flat=True)
        assert set(read) == {ann, anna}


def test_the_chart_of_either_says_that_there_is_a_question(practice, ann, anna, pair):
    for row in (ann, anna):
        with acting_as(practice.senior) as senior:
            record = selectors.open_record(senior, row, "patients.read", action="patients.read")
            assert selectors.identity_of(senior, record).open_matches == 1


def test_of_many_at_once_one_decides(fresh_database):
    practice = make_practice()
    ann, anna = (make_patient(practice, family="Rivera", given="Ann", birth_date=BORN).pk for _ in range(2))
    pair = (anna, ask_about(practice, anna, ann))
    deciders = [(practice.owner, "link"), (practice.senior, "apart"), (practice.everywhere, "link")] * 2

    def deciding(number: int) -> tuple[str, UUID]:
        actor, decision = deciders[number]
        decide(actor, pair, decision)
        return decision, actor.user_id

    outcomes = at_once(len(deciders), deciding)

    assert outcomes.count(AlreadyDecided) == len(deciders) - 1
    (winner,) = (one for one in outcomes if one is not AlreadyDecided)
    assert state(practice, pair) == ({"link": "linked"}.get(winner[0], winner[0]), winner[1])
    assert links(practice)[anna] == (ann if winner[0] == "link" else None)
    assert len(facts(practice, "MatchDecided")) == 1


def test_pairs_of_a_ring_decided_at_once_end_at_one_row(fresh_database):
    """Each of three rows is linked to the next at the same moment: no circle, no chain, no deadlock."""
    practice = make_practice()
    rows = [make_patient(practice, family="Rivera", given="Ann", birth_date=BORN).pk for _ in range(3)]
    ring = [
        (rows[here], ask_about(practice, rows[here], rows[there])) for here, there in ((1, 0), (2, 1), (0, 2))
    ]

    def deciding(number: int) -> str:
        decide(practice.owner, ring[number])
        return "decided"

    assert set(at_once(len(ring), deciding)) <= {"decided", AlreadyDecided}
    assert links(practice) == {rows[0]: None, rows[1]: rows[0], rows[2]: rows[0]}


def test_a_long_import_is_not_waited_for(fresh_database, monkeypatch):
    practice = make_practice()
    ann, anna = (make_patient(practice, family="Rivera", given="Ann", birth_date=BORN).pk for _ in range(2))
    pair = (anna, ask_about(practice, anna, ann))
    monkeypatch.setattr(review, "WAITS_MILLISECONDS", 200)
    holds, done = threading.Event(), threading.Event()

    def importing() -> None:
        with acting_as(practice.system):
            matching.lock_matching()
            holds.set()
            done.wait(timeout=30)
        connection.close()

    thread = threading.Thread(target=importing)
    thread.start()
    try:
        assert holds.wait(timeout=30)
        with pytest.raises(MatchingIsBusy):
            decide(practice.owner, pair)
    finally:
        done.set()
        thread.join()
    assert state(practice, pair) == ("", None)
    decide(practice.owner, pair)
    assert links(practice)[anna] == ann
