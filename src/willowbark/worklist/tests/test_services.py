"""Tasks are filed once, closed once, and never left to nobody."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.patients.services.care import end_care, make_primary
from willowbark.patients.testing import first_wall_down, link, make_patient, put_into_care
from willowbark.practice import services as practice_services
from willowbark.practice.testing import staff_of
from willowbark.worklist import selectors
from willowbark.worklist.models import Task
from willowbark.worklist.services import (
    OwnerOutOfReach,
    dismiss_task,
    file_task,
    finish_task,
    hand_over,
    reopen_task,
)
from willowbark.worklist.testing import DUE, make_task

# Named in the names of tests, which must be the same in every process.
NOBODYS = UUID("0189f446-0000-7000-8000-000000000001")


@pytest.fixture
def ann(practice):
    """A patient of the north site, in the care of practitioner and coach."""
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


def kept(practice) -> tuple[int, int]:
    with acting_as(practice.everywhere):
        return Task.objects.count(), OutboxMessage.objects.count()


def ids(practice, actor, **asked):
    with acting_as(actor):
        return [row.task_id for row in selectors.my_tasks(actor, **asked).rows]


def test_a_task_says_who_does_what_by_when_and_why(practice, ann):
    protocol = uuid7()
    task = make_task(
        practice.practitioner,
        ann,
        owner=practice.coach,
        title="  Look at ferritin ",
        kind="monitoring",
        detail="Twelve weeks after the start",
        source_kind="protocol",
        source_id=protocol,
    )
    with acting_as(practice.coach) as coach:
        (row,) = selectors.open_tasks(coach, ann)
    assert (row.task_id, row.title, row.kind, row.owner_name) == (
        task,
        "Look at ferritin",
        "monitoring",
        "Cleo Coach",
    )
    assert (row.source_kind, row.source_id, row.due_on, row.has_fallen) == ("protocol", protocol, DUE, False)


def test_the_same_request_files_one_task_whatever_became_of_it(practice, ann):
    key = uuid7()
    first = make_task(practice.practitioner, ann, owner=practice.coach, request_key=key)
    assert make_task(practice.practitioner, ann, owner=practice.coach, request_key=key) == first
    with acting_as(practice.practitioner) as actor:
        finish_task(actor=actor, patient_id=ann, task_id=first)
    with acting_as(practice.everywhere) as eve:
        end_care(actor=eve, patient_id=ann, staff_id=staff_of(practice.coach))
    assert make_task(practice.practitioner, ann, owner=practice.coach, request_key=key) == first
    assert kept(practice)[0] == 1


def test_the_same_key_with_another_task_is_refused_by_name(practice, ann):
    key = uuid7()
    make_task(practice.practitioner, ann, request_key=key)
    before = kept(practice)
    with pytest.raises(RequestKeyReused):
        make_task(practice.practitioner, ann, request_key=key, title="Another")
    assert kept(practice) == before


@pytest.mark.parametrize("who", ["other_practitioner", "front_desk", "dispensary", "system"])
def test_whoever_cannot_do_it_is_not_asked(practice, ann, who):
    before = kept(practice)
    with pytest.raises(OwnerOutOfReach):
        make_task(practice.practitioner, ann, owner=getattr(practice, who))
    assert kept(practice) == before


def test_whoever_has_left_is_not_asked(practice, ann):
    with acting_as(practice.owner) as owner:
        practice_services.set_active(actor=owner, staff_id=staff_of(practice.coach), is_active=False)
    with pytest.raises(OwnerOutOfReach):
        make_task(practice.practitioner, ann, owner=practice.coach)


@pytest.mark.parametrize("who", ["front_desk", "dispensary"])
def test_whose_role_has_no_tasks_files_and_reads_none(practice, ann, who):
    actor, before = getattr(practice, who), kept(practice)
    with pytest.raises(Forbidden):
        make_task(actor, ann, owner=practice.practitioner)
    with pytest.raises(Forbidden), acting_as(actor):
        selectors.my_tasks(actor)
    assert kept(practice) == before


def test_a_patient_out_of_reach_is_not_there(practice, ann):
    task = make_task(practice.practitioner, ann)
    otto, before = practice.other_practitioner, kept(practice)
    for act in (
        lambda: _file_directly(otto, ann),
        lambda: selectors.open_tasks(otto, ann),
        lambda: selectors.get_task(otto, ann, task),
        lambda: finish_task(actor=otto, patient_id=ann, task_id=task),
        lambda: dismiss_task(actor=otto, patient_id=ann, task_id=task, reason="x"),
        lambda: reopen_task(actor=otto, patient_id=ann, task_id=task),
        lambda: hand_over(actor=otto, patient_id=ann, task_id=task, owner_id=otto.user_id),
    ):
        with pytest.raises(NotFound), acting_as(otto):
            act()
    assert kept(practice) == before
    assert ids(practice, otto, whose="everyone") == []


def _file_directly(actor, patient):
    return file_task(
        actor=actor,
        patient_id=patient,
        title="x",
        kind="call",
        owner_id=actor.user_id,
        due_on=DUE,
        next_action="x",
        request_key=uuid7(),
    )


def test_the_database_refuses_what_code_forgets_to(practice, ann):
    task = make_task(practice.practitioner, ann)
    otto = practice.other_practitioner
    with first_wall_down():
        with pytest.raises((NotFound, DatabaseError, OwnerOutOfReach)), acting_as(otto):
            _file_directly(otto, ann)
        with pytest.raises(NotFound), acting_as(otto):
            finish_task(actor=otto, patient_id=ann, task_id=task)
    with acting_as(practice.practitioner) as pia:
        assert selectors.get_task(pia, ann, task).task_id == task
        for column in ("title", "due_on", "request_key", "filed_by_id"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE worklist_task SET {column} = {column}")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"next_action": ""}, "next_action"),
        ({"detail": "x" * 2001}, "detail"),
        ({"kind": "Not a code"}, "kind"),
        ({"due_on": date(1999, 12, 31)}, "due_on"),
        ({"due_on": date(2201, 1, 1)}, "due_on"),
        ({"source_kind": "protocol"}, "source_kind"),
        ({"source_id": NOBODYS}, "source_kind"),
        ({"title": "a\0b"}, "title"),
    ],
    ids=str,
)
def test_a_task_that_says_nothing_is_refused(practice, ann, said, field):
    before = kept(practice)
    with pytest.raises(Invalid) as refused:
        make_task(practice.practitioner, ann, **said)
    assert refused.value.field == field
    assert kept(practice) == before


def test_done_is_said_once_and_taken_back(practice, ann):
    task = make_task(practice.practitioner, ann)
    with acting_as(practice.practitioner) as pia:
        for _ in range(2):
            finish_task(actor=pia, patient_id=ann, task_id=task)
        assert selectors.open_tasks(pia, ann) == []
        with pytest.raises(Conflict):
            dismiss_task(actor=pia, patient_id=ann, task_id=task, reason="Late")
        with pytest.raises(Conflict):
            hand_over(actor=pia, patient_id=ann, task_id=task, owner_id=practice.coach.user_id)
        for _ in range(2):
            reopen_task(actor=pia, patient_id=ann, task_id=task)
        assert [row.task_id for row in selectors.open_tasks(pia, ann)] == [task]
    told = list(OutboxMessage.objects.filter(payload__task_id=str(task)).values_list("name", flat=True))
    assert sorted(told) == ["worklist.TaskClosed", "worklist.TaskFiled", "worklist.TaskReopened"]


def test_a_task_is_dismissed_with_a_reason_that_stands(practice, ann):
    task = make_task(practice.practitioner, ann)
    with acting_as(practice.practitioner) as pia:
        for reason in (" ", "x" * 301):
            with pytest.raises(Invalid):
                dismiss_task(actor=pia, patient_id=ann, task_id=task, reason=reason)
        for _ in range(2):
            dismiss_task(actor=pia, patient_id=ann, task_id=task, reason="Settled")
        for act in (
            lambda: dismiss_task(actor=pia, patient_id=ann, task_id=task, reason="Other"),
            lambda: finish_task(actor=pia, patient_id=ann, task_id=task),
        ):
            with pytest.raises(Conflict):
                act()
        assert Task.objects.get(patient=ann, pk=task).close_reason == "Settled"


def test_a_task_goes_to_whom_it_is_handed(practice, ann):
    task = make_task(practice.practitioner, ann)
    with acting_as(practice.practitioner) as pia:
        for _ in range(2):
            hand_over(actor=pia, patient_id=ann, task_id=task, owner_id=practice.coach.user_id)
        with pytest.raises(OwnerOutOfReach):
            hand_over(actor=pia, patient_id=ann, task_id=task, owner_id=practice.other_practitioner.user_id)
        offered = [owner.name for owner in selectors.possible_owners(pia, ann)]
    assert ids(practice, practice.practitioner) == []
    assert ids(practice, practice.coach) == [task]
    assert offered == ["Cleo Coach", "Eve Everywhere", "Olive Owner", "Pia Practitioner", "Sage Senior"]
    assert OutboxMessage.objects.filter(name="worklist.TaskHandedOver").count() == 1


class TestLeftBehind:
    """Whoever no longer reaches the patient is no longer waited for."""

    def of(self, practice, actor, task) -> list[bool]:
        with acting_as(actor):
            rows = selectors.my_tasks(actor).rows
        return [row.has_fallen for row in rows if row.task_id == task]

    def leave(self, practice, patient, actor) -> None:
        with acting_as(practice.everywhere) as eve:
            end_care(actor=eve, patient_id=patient, staff_id=staff_of(actor))

    def test_it_falls_to_the_primary_practitioner(self, practice, ann):
        with acting_as(practice.everywhere) as eve:
            make_primary(actor=eve, patient_id=ann, staff_id=staff_of(practice.practitioner))
        task = make_task(practice.practitioner, ann, owner=practice.coach)
        assert self.of(practice, practice.practitioner, task) == []
        self.leave(practice, ann, practice.coach)
        assert self.of(practice, practice.practitioner, task) == [True]
        assert self.of(practice, practice.coach, task) == []
        assert self.of(practice, practice.senior, task) == []

    def test_without_one_it_falls_to_those_who_reach_the_site(self, practice, ann):
        task = make_task(practice.practitioner, ann, owner=practice.coach)
        self.leave(practice, ann, practice.coach)
        assert self.of(practice, practice.practitioner, task) == []
        assert self.of(practice, practice.senior, task) == [True]
        assert self.of(practice, practice.everywhere, task) == [True]

    def test_whoever_takes_it_over_has_it(self, practice, ann):
        task = make_task(practice.practitioner, ann, owner=practice.coach)
        self.leave(practice, ann, practice.coach)
        with acting_as(practice.senior) as sage:
            hand_over(actor=sage, patient_id=ann, task_id=task, owner_id=sage.user_id)
        assert self.of(practice, practice.senior, task) == [False]
        assert self.of(practice, practice.everywhere, task) == []

    def test_a_primary_practitioner_who_has_left_answers_for_nothing(self, practice, ann):
        with acting_as(practice.everywhere) as eve:
            make_primary(actor=eve, patient_id=ann, staff_id=staff_of(practice.practitioner))
        task = make_task(practice.practitioner, ann)
        with acting_as(practice.owner) as owner:
            practice_services.set_active(
                actor=owner, staff_id=staff_of(practice.practitioner), is_active=False
            )
        assert self.of(practice, practice.senior, task) == [True]

    def test_a_patient_merged_into_another_is_reached_through_that_one(self, practice, ann):
        merged = make_patient(practice).pk
        put_into_care(practice, merged, practice.coach)
        task = make_task(practice.coach, merged)
        link(practice, merged, to=ann)
        self.leave(practice, merged, practice.coach)
        assert self.of(practice, practice.coach, task) == [False], "the coach cares for the person"
        self.leave(practice, ann, practice.coach)
        assert self.of(practice, practice.coach, task) == []
        assert self.of(practice, practice.senior, task) == [True]
        assert ids(practice, practice.practitioner, whose="everyone") == [task]

    def test_the_rule_is_the_one_by_which_charts_open(self, practice, ann):
        """Who may own a task is worked out by a query of its own: it must say what the walls say."""
        from willowbark.patients.selectors import reaches

        merged, elsewhere = make_patient(practice).pk, make_patient(practice, site_id=practice.south).pk
        link(practice, merged, to=ann)
        own = make_patient(practice, actor=practice.other_practitioner).pk
        people = (*practice.by_role.values(), practice.other_practitioner, practice.everywhere)
        for patient in (ann, merged, elsewhere, own):
            for person in people:
                with acting_as(person):
                    expected = reaches(person, patient, "tasks.write")
                with acting_as(practice.everywhere):
                    assert selectors.may_own(person.user_id, patient) is expected


def test_lists_come_by_the_day_in_pieces_without_gaps(practice, ann):
    made = [
        make_task(practice.practitioner, ann, due_on=DUE + timedelta(days=number % 3)) for number in range(7)
    ]
    seen, after = [], None
    for _ in range(4):
        with acting_as(practice.practitioner) as pia:
            page = selectors.my_tasks(pia, after=after, limit=2)
        seen += [(row.due_on, row.task_id) for row in page.rows]
        after = seen[-1]
        assert page.more is (len(seen) < 7)
    assert seen == sorted(seen)
    assert sorted(task for _, task in seen) == sorted(made)
    with acting_as(practice.practitioner) as pia:
        counts = selectors.count_tasks(pia, on=DUE + timedelta(days=1))
        assert selectors.mine_and_counts(pia, on=DUE + timedelta(days=1), limit=3)[1] == counts
        assert selectors.mine_and_counts(pia, on=DUE + timedelta(days=1), limit=7)[1] == counts
    assert (counts.open, counts.overdue, counts.due) == (7, 3, 2)


@pytest.mark.parametrize("number", [1, 40])
def test_a_list_asks_as_much_of_the_database_however_long_it_is(practice, number, django_assert_num_queries):
    for _ in range(number):
        patient = make_patient(practice).pk
        put_into_care(practice, patient, practice.practitioner)
        make_task(practice.practitioner, patient)
    with acting_as(practice.practitioner) as pia, django_assert_num_queries(3):
        assert len(selectors.my_tasks(pia, limit=50).rows) == number
