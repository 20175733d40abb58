"""What a user loses when these fail: every wall at once, to whoever can run SQL as the application."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from willowbark.foundation import effort, live
from willowbark.foundation.acting import acting_as
from willowbark.kernel.errors import Forbidden
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import make_practice
from willowbark.record.events import TOPIC


@pytest.fixture
def practice(db):
    return make_practice()


def test_the_app_cannot_put_the_owners_trigger_on_a_table_of_its_own(practice):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE mine (id uuid, patient_id uuid)")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute(
                "CREATE TRIGGER forged AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows"
                " FOR EACH STATEMENT EXECUTE FUNCTION willow_keep_history('patient_id')"
            )


def test_history_of_a_table_that_is_not_ours_is_refused_even_to_the_owner(practice, owner_connection):
    owner_connection.execute("CREATE TEMP TABLE mine (id uuid, patient_id uuid)")
    owner_connection.execute(
        "CREATE TRIGGER forged AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION willow_keep_history('patient_id')"
    )
    with pytest.raises(Exception, match="our own tables"):
        owner_connection.execute("INSERT INTO mine VALUES (gen_random_uuid(), gen_random_uuid())")


def test_a_chart_is_heard_by_those_who_reach_the_patient_alone(practice):
    patient_id = make_patient(practice).pk
    put_into_care(practice, patient_id, practice.practitioner)
    topic = f"{TOPIC}:{patient_id}"

    with acting_as(practice.practitioner) as actor:
        assert live.may_hear(actor, [topic, TOPIC, f"{TOPIC}:{uuid4()}", f"{TOPIC}:no-id"]) == {topic}
    for other in (practice.coach, practice.front_desk, practice.dispensary, practice.owner):
        with acting_as(other) as actor:
            assert live.may_hear(actor, [topic]) == frozenset()


def test_time_is_counted_for_patients_within_reach_alone(practice):
    patient_id = make_patient(practice).pk
    with acting_as(practice.practitioner) as actor, pytest.raises(Forbidden):
        effort.report(
            actor=actor, visit_id=uuid4(), task_kind="chart_review", active_seconds=5, patient_id=patient_id
        )
    put_into_care(practice, patient_id, practice.practitioner)
    with acting_as(practice.practitioner) as actor:
        effort.report(
            actor=actor, visit_id=uuid4(), task_kind="chart_review", active_seconds=5, patient_id=patient_id
        )
