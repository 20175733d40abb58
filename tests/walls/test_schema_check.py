from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from willowbark.dispensary.models import DispensedLine
from willowbark.foundation.compartment import Guard
from willowbark.foundation.placement import patient_models
from willowbark.foundation.schema_check import differences
from willowbark.protocols.models import ProtocolLine, SignedProtocol
from willowbark.record.models import Note, Observation


def found() -> list[str]:
    with connection.cursor() as cursor:
        return differences(cursor)


@pytest.mark.django_db
def test_the_database_holds_every_key_wall_trigger_and_grant_that_the_models_promise():
    assert len(patient_models()) >= 16
    assert found() == []


@pytest.mark.django_db
def test_looking_leaves_nothing_behind():
    found()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_the_owner_finds_the_same_as_the_app(owner_connection):
    with owner_connection.cursor() as cursor:
        assert differences(cursor) == []


OBSERVATION = "record_observation"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            f"ALTER TABLE {OBSERVATION} DROP CONSTRAINT {OBSERVATION}_encounter_same_patient",
            f"{OBSERVATION}: lacks the key (patient_id, encounter_id) to record_encounter (patient_id, id)",
        ),
        (
            f"ALTER TABLE {OBSERVATION} DROP CONSTRAINT {OBSERVATION}_patient",
            f"{OBSERVATION}: lacks the key (patient_id) to patients_patient (id)",
        ),
        (
            f"ALTER TABLE {OBSERVATION} DISABLE ROW LEVEL SECURITY",
            f"{OBSERVATION}: row-level security is off",
        ),
        (
            f"DROP POLICY {OBSERVATION}_change ON {OBSERVATION}",
            f"{OBSERVATION}: lacks the policy {OBSERVATION}_change",
        ),
        (
            f"CREATE POLICY anyone ON {OBSERVATION} USING (true)",
            f"{OBSERVATION}: has a policy anyone that nobody asked for",
        ),
        (
            f"ALTER TABLE {OBSERVATION} DISABLE TRIGGER {OBSERVATION}_update_history",
            f"{OBSERVATION}: the trigger {OBSERVATION}_update_history is ",
        ),
        (
            f"DROP TRIGGER {OBSERVATION}_delete_history ON {OBSERVATION}",
            f"{OBSERVATION}: lacks the trigger {OBSERVATION}_delete_history",
        ),
        (
            f"DROP TRIGGER {OBSERVATION}_stays ON {OBSERVATION}",
            f"{OBSERVATION}: lacks the trigger {OBSERVATION}_stays",
        ),
        (f"GRANT DELETE ON {OBSERVATION} TO willowbark_app", f"{OBSERVATION}: the app may DELETE"),
        (f"GRANT TRUNCATE ON {OBSERVATION} TO willowbark_app", f"{OBSERVATION}: the app may TRUNCATE"),
        (f"REVOKE UPDATE ON {OBSERVATION} FROM willowbark_app", f"{OBSERVATION}: the app may not UPDATE"),
        (
            f"ALTER TABLE {OBSERVATION} DROP CONSTRAINT observation_voided_with_reason",
            f"{OBSERVATION}: lacks the constraint observation_voided_with_reason",
        ),
        (
            f"CREATE UNIQUE INDEX tempting ON {OBSERVATION} (code)",
            f"{OBSERVATION}: tempting is unique without patient_id",
        ),
        (
            "GRANT UPDATE (old_row) ON foundation_patienthistory TO willowbark_app",
            "foundation_patienthistory: the app may UPDATE",
        ),
        (
            "GRANT INSERT ON foundation_accessentry TO willowbark_app",
            "foundation_accessentry: the app may INSERT",
        ),
        ("GRANT CREATE ON SCHEMA public TO willowbark_app", "the app's role may make tables"),
        ("ALTER TABLE record_note RENAME TO record_jotting", "record_note is not there"),
    ],
)
def test_a_wall_that_somebody_took_down_by_hand_is_named(owner_connection, statement, said):
    with owner_connection.transaction(force_rollback=True), owner_connection.cursor() as cursor:
        cursor.execute(statement)
        named = differences(cursor, [Observation, Note])
    assert any(difference.startswith(said) for difference in named), named


SIGNED, LINE = "protocols_signedprotocol", "protocols_protocolline"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"GRANT UPDATE (content) ON {SIGNED} TO willowbark_app", f"{SIGNED}: the app may change content"),
        (
            f"REVOKE UPDATE (ended_at) ON {SIGNED} FROM willowbark_app",
            f"{SIGNED}: the app may not change ended_at",
        ),
        (f"GRANT UPDATE ON {LINE} TO willowbark_app", f"{LINE}: the app may change containers"),
        (f"GRANT DELETE ON {LINE} TO willowbark_app", f"{LINE}: the app may DELETE"),
        (f"REVOKE INSERT ON {LINE} FROM willowbark_app", f"{LINE}: the app may not INSERT"),
    ],
)
def test_a_row_that_stands_but_could_be_changed_is_named(owner_connection, statement, said):
    with owner_connection.transaction(force_rollback=True), owner_connection.cursor() as cursor:
        cursor.execute(statement)
        named = differences(cursor, [SignedProtocol, ProtocolLine])
    assert any(difference.startswith(said) for difference in named), named


WITHIN = "dispensary_dispensedline_within_signed"
HANDED = "dispensary_dispensedline"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"DROP TRIGGER {WITHIN} ON {HANDED}", f"{HANDED}: lacks the trigger {WITHIN}"),
        (f"ALTER TABLE {HANDED} DISABLE TRIGGER {WITHIN}", f"{HANDED}: the trigger {WITHIN} is"),
        (
            f"CREATE TRIGGER another BEFORE INSERT ON {HANDED} FOR EACH ROW"
            " EXECUTE FUNCTION willow_guard_dispensed_line()",
            f"{HANDED}: has a trigger another that nobody asked for",
        ),
    ],
)
def test_a_trigger_of_a_business_that_was_taken_away_or_added_by_hand_is_named(
    owner_connection, statement, said
):
    with owner_connection.transaction(force_rollback=True), owner_connection.cursor() as cursor:
        cursor.execute(statement)
        named = differences(cursor, [DispensedLine])
    assert any(difference.startswith(said) for difference in named), named


@pytest.mark.django_db
def test_a_guard_that_was_changed_without_a_migration_is_named(monkeypatch):
    monkeypatch.setattr(Note, "guard", Guard(read=("practice.read",), write=Note.guard.write))

    assert [each.partition(" is ")[0] for each in found()] == ["record_note: the policy record_note_read"]


@pytest.mark.django_db
def test_a_key_inside_the_compartment_that_no_migration_made_is_named(monkeypatch):
    monkeypatch.setattr(Observation._meta.get_field("parent"), "column", "parent_of_id")

    assert (
        "record_observation: lacks the key (patient_id, parent_of_id) to record_observation (patient_id, id)"
        in found()
    )
