"""Patients, for the tests of every business above."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any
from unittest import mock
from uuid import UUID

from willowbark.foundation import authorisation, clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.patients.core.matching import as_json, compare, frequencies_of, profile_of
from willowbark.patients.models import MatchCandidate, Patient
from willowbark.patients.selectors import reach
from willowbark.patients.selectors.details import load_persons
from willowbark.patients.services import registration
from willowbark.patients.services.break_glass import break_glass, look_up_exactly
from willowbark.patients.services.care import begin_care
from willowbark.patients.services.registration import NewPatient, register_patient
from willowbark.practice.testing import PracticeForTests

_numbers = count(1)


def new_patient(site_id: UUID, **known: Any) -> NewPatient:
    """What the front desk knows of somebody: a family name of their own unless one is given."""
    return NewPatient(
        **{"family": f"Testperson{next(_numbers)}", "given": "Ann", "sex": "female"} | known,
        home_site_id=site_id,
    )


def make_patient(
    practice: PracticeForTests, *, site_id: UUID | None = None, actor: Actor | None = None, **known: Any
) -> Patient:
    """Register somebody, at the north site and by someone who reaches every site unless said otherwise."""
    desk = actor or practice.everywhere
    with acting_as(desk):
        return register_patient(
            actor=desk, new=new_patient(site_id or practice.north, **known), request_key=uuid7()
        )


def put_into_care(practice: PracticeForTests, patient_id: UUID, *carers: Actor) -> None:
    """Let these people care for the patient."""
    with acting_as(practice.everywhere):
        for carer in carers:
            assert carer.staff_id is not None
            begin_care(actor=practice.everywhere, patient_id=patient_id, staff_id=carer.staff_id, kind="team")


def break_the_glass(actor: Actor, patient_id: UUID, *, number: str) -> UUID:
    """Have `actor`, who does not reach the patient, name them by a number and break the glass; its id."""
    with acting_as(actor):
        look_up_exactly(actor=actor, number=number)
        return break_glass(
            actor=actor,
            patient_id=patient_id,
            reason_code="emergency",
            reason="They fainted in the waiting room",
            request_key=uuid7(),
        )


def link(practice: PracticeForTests, patient_id: UUID, *, to: UUID) -> None:
    """Merge a patient row into another by a link, as matching does."""
    with acting_as(practice.system):
        changed = Patient.objects.filter(pk=patient_id).update(linked_to=to)
    assert changed == 1


def ask_about(practice: PracticeForTests, newcomer: UUID, known: UUID, *, probability: str = "0.9") -> UUID:
    """Let a pair wait for a decision, with the evidence of what is known of both; returns its id."""
    with acting_as(practice.system):
        one, other = sorted(load_persons([newcomer, known]), key=lambda each: each.key != str(newcomer))
        found = as_json(compare(one, other, frequencies=frequencies_of([profile_of(one), profile_of(other)])))
        return MatchCandidate.objects.create(
            patient_id=newcomer,
            other_id=known,
            probability=Decimal(probability),
            evidence={name: found[name] for name in ("objections", "evidence")},
            found_at=clock.now(),
        ).pk


@contextmanager
def first_wall_down() -> Iterator[None]:
    """
    Every check of a permission or of reach lets everybody through; only the database refuses now.

    What nothing but the second wall stops must still be stopped.
    """
    with (
        mock.patch.object(authorisation, "allows", return_value=True),
        mock.patch.object(reach, "extent_of", return_value=reach.EVERYWHERE),
        mock.patch.object(registration, "_check_site", return_value=None),
    ):
        yield
