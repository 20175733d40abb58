from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import make_practice
from willowbark.record.models import Condition, Encounter, Observation
from willowbark.record.testing import AT, make_entry

pytestmark = pytest.mark.django_db


class World:
    """Two patients with a visit each; the first has a result at theirs."""

    def __init__(self) -> None:
        self.practice = make_practice()
        self.actor = self.practice.everywhere
        self.ann, self.ben = make_patient(self.practice).pk, make_patient(self.practice).pk
        self.anns_visit = make_entry(self.actor, self.ann, "encounter", text="Ann's visit")
        self.bens_visit = make_entry(self.actor, self.ben, "encounter", text="Ben's visit")
        self.result = make_entry(self.actor, self.ann, "observation", encounter_id=self.anns_visit)

    def row(self) -> Observation:
        return Observation.objects.get(patient=self.ann, pk=self.result)


@pytest.fixture
def world():
    made = World()
    with acting_as(made.actor):
        yield made


def observation(world, patient_id, **said):
    return Observation(
        patient_id=patient_id,
        text="Glucose",
        status="final",
        source_kind="staff",
        recorded_by_id=world.actor.user_id,
        recorded_at=AT,
        **said,
    )


def statements(captured) -> list[str]:
    return [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]


def of_patient(patient_id) -> str:
    """The condition on the patient, as Django's log of statements words it."""
    return f"\"patient_id\" = '{patient_id.hex}'"


def test_one_patients_result_never_hangs_on_anothers_visit(world):
    for key in ({"encounter_id": world.bens_visit}, {"parent_id": world.result}):
        stranger = world.ben if "parent_id" in key else world.ann
        with pytest.raises(IntegrityError, match="same_patient"), transaction.atomic():
            observation(world, stranger, **key).save(force_insert=True)


def test_a_result_is_not_moved_to_anothers_visit_afterwards(world):
    row = world.row()
    row.encounter_id = world.bens_visit
    with pytest.raises(IntegrityError, match="same_patient"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="same_patient"), transaction.atomic():
        Observation.objects.filter(patient=world.ann).update(encounter=world.bens_visit)


def test_a_row_needs_a_patient_who_exists(world):
    with pytest.raises(DatabaseError), transaction.atomic():
        observation(world, uuid7()).save(force_insert=True)


def test_following_a_key_asks_for_the_patient_too(world):
    row = world.row()
    with CaptureQueriesContext(connection) as captured:
        assert row.encounter.text == "Ann's visit"

    (statement,) = statements(captured)
    assert of_patient(world.ann) in statement


def test_a_join_never_reaches_into_another_patients_rows(world):
    with CaptureQueriesContext(connection) as captured:
        found = Observation.objects.select_related("encounter").get(patient=world.ann)
        assert found.encounter.text == "Ann's visit"
        filtered = Observation.objects.filter(patient=world.ann, encounter__text="Ann's visit")
        assert filtered.count() == 1
        assert Observation.objects.filter(patient=world.ann, parent__encounter__text="x").count() == 0

    joins = '"record_encounter"."patient_id" = ("record_observation"."patient_id")'
    for statement in statements(captured)[:2]:
        assert joins in statement
    assert statements(captured)[2].count('"patient_id" = (') == 2


def test_fetching_ahead_asks_for_the_patients_and_gives_each_row_its_own(world):
    make_twins(world)
    with CaptureQueriesContext(connection) as captured:
        rows = list(Observation.objects.order_by("patient_id").prefetch_related("encounter"))

    assert {row.patient_id: row.encounter.text for row in rows} == {
        world.ann: "Ann's visit",
        world.ben: "Ben's visit",
    }
    assert len(statements(captured)) == 2
    assert '"record_encounter"."patient_id" IN (' in statements(captured)[1]


def make_twins(world) -> None:
    """Give Ben a visit of the same id as Ann's (an id alone is not unique), and a result there."""
    twin = Encounter.objects.get(patient=world.ben, pk=world.bens_visit)
    twin.pk, twin.source_key = world.anns_visit, None
    twin.save(force_insert=True)
    observation(world, world.ben, encounter_id=world.anns_visit).save(force_insert=True)


def test_reading_again_asks_for_the_patient_too_also_for_what_was_left_out(world):
    row = Observation.objects.defer("text").get(patient=world.ann)
    with CaptureQueriesContext(connection) as captured:
        assert row.text == "Glucose"
        row.refresh_from_db()

    assert len(statements(captured)) == 2
    assert all(of_patient(world.ann) in statement for statement in statements(captured))


def test_saving_changes_one_row_of_one_patient_and_never_writes_the_patient(world):
    make_twins(world)
    visit = Encounter.objects.get(patient=world.ann, pk=world.anns_visit)
    visit.text = "Changed"
    with CaptureQueriesContext(connection) as captured:
        visit.save()

    (update,) = statements(captured)
    changed, condition = update.split(" WHERE ")
    assert "patient_id" not in changed
    assert of_patient(world.ann) in condition
    assert Encounter.objects.get(patient=world.ben, pk=world.anns_visit).text == "Ben's visit"


def test_a_row_never_moves_to_another_patient_however_one_tries(world):
    alone = observation(world, world.ann)
    alone.save(force_insert=True)
    alone.patient_id = world.ben
    with pytest.raises(DatabaseError, match="not there"), transaction.atomic():
        alone.save()
    with pytest.raises(IntegrityError, match="never moves"), transaction.atomic():
        Observation.objects.filter(pk=world.result).update(patient=world.ben)
    with (
        pytest.raises(IntegrityError, match="never moves"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE record_observation SET patient_id = %s", [world.ben])

    assert not Observation.objects.filter(patient=world.ben).exists(), "nor does a copy of it"
    assert world.row().text == "Glucose"


def test_a_row_that_has_gone_is_not_written_anew_by_saving_it(world):
    row = Observation.objects.get(pk=world.result)
    row.pk, row.source_key = world.bens_visit, None
    with pytest.raises(DatabaseError, match="not there"), transaction.atomic():
        row.save()


def test_no_row_of_a_patient_can_be_deleted(world):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        world.row().delete()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Condition.objects.filter(patient=world.ann)._raw_delete(using="default")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE record_observation")
