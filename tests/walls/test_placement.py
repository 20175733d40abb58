from __future__ import annotations

import pytest
from django.apps import apps as real_apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from willowbark.foundation.compartment import CompartmentFK, Guard, Identified, PatientModel
from willowbark.foundation.models import PatientHistory, User
from willowbark.foundation.placement import PLACEMENTS, check_placement, placement_of, problems_of
from willowbark.patients.models import Patient
from willowbark.record.models import Encounter

GUARD = Guard(read=("record.read",), write=("record.write",))


@pytest.fixture(autouse=True)
def throw_away_models():
    """Models made in a test never reach the real registry; keys to patients find them all the same."""
    with isolate_apps("willowbark.record") as registry:
        for model in (Patient, User, Encounter):
            registry.register_model(model._meta.app_label, model)
        yield


def problems(model: type[models.Model]) -> list[str]:
    return list(problems_of(model))


def test_every_table_of_ours_obeys_the_rules():
    assert check_placement() == []
    assert [model for model in real_apps.get_models() if placement_of(model) not in PLACEMENTS] == []


def test_the_rules_are_part_of_djangos_own_check_so_that_nothing_starts_without_them():
    assert not [message for message in run_checks(tags=["models"]) if message.id == "willowbark.placement"]


def test_a_good_table_of_a_patient_passes():
    class Fine(PatientModel):
        guard = GUARD
        encounter = CompartmentFK(Encounter, null=True)
        author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "record"
            constraints = [models.UniqueConstraint(fields=["patient", "author"], name="fine_once")]

    assert problems(Fine) == []


def test_a_table_that_does_not_say_where_it_lives_is_named():
    class Nowhere(Identified):
        class Meta:
            app_label = "record"

    class Elsewhere(Identified):
        placement = "everywhere"

        class Meta:
            app_label = "record"

    assert [problem[:19] for problem in problems(Nowhere)] == ["declare `placement`"]
    assert [problem[:19] for problem in problems(Elsewhere)] == ["declare `placement`"]


def test_an_integer_key_is_named():
    class Counted(models.Model):
        placement = "reference"
        id = models.BigAutoField(primary_key=True)

        class Meta:
            app_label = "record"

    assert problems(Counted) == ["the key is not a UUID"]


def test_a_patient_table_outside_the_compartment_is_named():
    class Loose(Identified):
        placement = "patient"

        class Meta:
            app_label = "record"

    assert problems(Loose) == ["a patient table inherits PatientModel"]


def test_a_patient_table_without_a_guard_is_named():
    class Unguarded(PatientModel):
        class Meta:
            app_label = "record"

    assert problems(Unguarded) == ["declare `guard`: who may read and write these rows"]


def test_an_ordinary_key_inside_the_compartment_is_named():
    class Plain(PatientModel):
        guard = GUARD
        encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "record"

    assert problems(Plain) == ["encounter: a key inside the patient compartment is a CompartmentFK"]


@pytest.mark.parametrize("placement", ["reference", "local"])
def test_a_key_into_a_patients_compartment_from_outside_is_named(placement):
    where = placement

    class Pointing(Identified):
        placement = where
        encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "record"

    assert problems(Pointing) == [
        f"encounter: a {placement} table keeps a UUID, not a key, to a patient table"
    ]


def test_what_is_unique_across_patients_is_named():
    class Unique(PatientModel):
        guard = GUARD
        number = models.CharField(max_length=10, unique=True)
        code = models.CharField(max_length=10)
        owner = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "record"
            constraints = [models.UniqueConstraint(fields=["code"], name="code_once")]
            unique_together = [("code", "number")]

    assert sorted(problems(Unique)) == [
        "('code', 'number') unique together lacks patient",
        "code_once lacks patient",
        "number: unique alone, without patient",
        "owner: unique alone, without patient",
    ]


def test_an_exclusion_that_looks_across_patients_is_named():
    class Booked(PatientModel):
        guard = GUARD
        during = DateTimeRangeField()

        class Meta:
            app_label = "record"
            constraints = [
                ExclusionConstraint(name="across", expressions=[("during", RangeOperators.OVERLAPS)]),
                ExclusionConstraint(
                    name="within",
                    expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                ),
            ]

    assert problems(Booked) == ["across excludes without patient WITH ="]


def test_a_patient_that_may_be_missing_is_named():
    class Orphan(PatientModel):
        guard = GUARD
        patient = models.ForeignKey(
            Patient, on_delete=models.PROTECT, related_name="+", db_constraint=False, null=True
        )

        class Meta:
            app_label = "record"

    assert problems(Orphan) == ["patient may be null"]


def test_a_site_table_without_its_site_is_named():
    class Homeless(Identified):
        placement = "site"

        class Meta:
            app_label = "record"

    assert problems(Homeless) == ["declare `site`: a site table has it in every key"]


def test_many_to_many_with_a_patients_table_is_named():
    class Tagged(PatientModel):
        guard = GUARD
        users = models.ManyToManyField(User)

        class Meta:
            app_label = "record"

    class Groups(Identified):
        placement = "reference"
        users = models.ManyToManyField(User)

        class Meta:
            app_label = "record"

    assert [problem[:19] for problem in problems(Tagged.users.through)] == ["declare `placement`"]
    assert placement_of(Groups.users.through) == "reference"


def test_the_history_lives_with_its_patient_though_triggers_write_it():
    assert placement_of(PatientHistory) == "patient"
    assert problems(PatientHistory) == []
