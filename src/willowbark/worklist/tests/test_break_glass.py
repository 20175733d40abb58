"""What follows from breaking the glass: somebody else is to review it, and the care team is told."""

from __future__ import annotations

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid
from willowbark.patients.services.break_glass import end_break_glass, review_break_glass
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import break_the_glass, make_patient, put_into_care
from willowbark.practice.services import set_active
from willowbark.practice.testing import again, signed_in, staff_of
from willowbark.worklist.models import Task
from willowbark.worklist.services import (
    ClosesByItself,
    OwnerOutOfReach,
    dismiss_task,
    file_task,
    file_tasks_of_break_glass,
    finish_task,
    finish_tasks_of,
    hand_over,
)
from willowbark.worklist.testing import DUE


@pytest.fixture
def ann(practice):
    """Somebody of the north in the care of Pia and Cleo."""
    number = Identification("urn:mrn", "MRN-1", "MR")
    patient = make_patient(practice, identifiers=(number,)).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def glass(practice, ann):
    made = break_the_glass(practice.other_practitioner, ann, number="MRN-1")
    file(practice, ann, made)
    return made


def file(practice, patient, glass):
    with acting_as(practice.system):
        file_tasks_of_break_glass(actor=practice.system, patient_id=patient, glass_id=glass)


def tasks(practice, **wanted):
    with acting_as(practice.owner):
        return list(Task.objects.filter(**wanted).order_by("id"))


def test_the_owner_is_to_review_it_within_three_days_and_everybody_who_cares_is_told(practice, ann, glass):
    (review,) = tasks(practice, kind="break_glass_review")
    assert (review.owner_id, review.source_id) == (practice.owner.user_id, glass)
    assert (review.due_on - review.filed_at.date()).days in (2, 3)
    told = {task.owner_id for task in tasks(practice, kind="break_glass_notice")}
    assert told == {practice.practitioner.user_id, practice.coach.user_id}


def test_the_same_fact_told_twice_files_nothing_more(practice, ann, glass):
    before = len(tasks(practice))
    file(practice, ann, glass)
    assert len(tasks(practice)) == before == 3


def test_whoever_broke_it_is_never_the_one_to_review_it(practice, ann):
    made = break_the_glass(practice.other_practitioner, ann, number="MRN-1")
    with acting_as(practice.owner):
        set_active(actor=practice.owner, staff_id=staff_of(practice.everywhere), is_active=False)
        set_active(actor=practice.owner, staff_id=staff_of(practice.senior), is_active=False)
    file(practice, ann, made)
    (review,) = tasks(practice, kind="break_glass_review")
    with acting_as(practice.owner), pytest.raises(OwnerOutOfReach):
        hand_over(
            actor=practice.owner,
            patient_id=ann,
            task_id=review.pk,
            owner_id=practice.practitioner.user_id,
        )


def test_a_review_is_closed_by_reviewing_and_not_by_hand(practice, ann, glass):
    (review,) = tasks(practice, kind="break_glass_review")
    owner = practice.owner
    for close in (
        lambda: finish_task(actor=owner, patient_id=ann, task_id=review.pk),
        lambda: dismiss_task(actor=owner, patient_id=ann, task_id=review.pk, reason="I trust them"),
    ):
        with acting_as(owner), pytest.raises(ClosesByItself):
            close()
    with acting_as(practice.other_practitioner):
        end_break_glass(actor=practice.other_practitioner, patient_id=ann, glass_id=glass)
    with acting_as(again(owner)) as reviewer:
        review_break_glass(
            actor=reviewer, patient_id=ann, glass_id=glass, verdict="justified", words="As three people saw"
        )
    assert tasks(practice, kind="break_glass_review", state="open") != []
    with acting_as(practice.system):
        finish_tasks_of(actor=practice.system, patient_id=ann, kind="break_glass_review", source_id=glass)
    assert tasks(practice, kind="break_glass_review", state="open") == []
    assert len(tasks(practice, kind="break_glass_notice", state="open")) == 2


def test_nobody_files_such_a_task_by_hand(practice, ann):
    with acting_as(practice.owner), pytest.raises(Invalid):
        file_task(
            actor=practice.owner,
            patient_id=ann,
            title="Review",
            kind="break_glass_review",
            owner_id=practice.owner.user_id,
            due_on=DUE,
            next_action="Look",
            request_key=uuid7(),
        )


def test_the_task_leads_to_the_review_and_offers_nothing_else(practice, ann, glass):
    (review,) = tasks(practice, kind="break_glass_review")
    page = signed_in(practice.owner).get(reverse("tasks:task", args=[ann, review.pk])).content.decode()
    assert reverse("patients:one_break_glass", args=[ann, glass]) in page
    assert reverse("tasks:finish", args=[ann, review.pk]) not in page
    assert reverse("tasks:dismiss", args=[ann, review.pk]) not in page
