from __future__ import annotations

from datetime import date, timedelta

import pytest

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.kernel.errors import Forbidden, Invalid, RequestKeyReused
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.models import (
    Address,
    CareRelationship,
    ContactPoint,
    Patient,
    PatientIdentifier,
    PatientSource,
)
from willowbark.patients.services.registration import Identification, PostalAddress, register_patient
from willowbark.patients.testing import make_patient, new_patient
from willowbark.practice.testing import make_staff

TABLES = (Patient, PatientSource, PatientIdentifier, ContactPoint, Address, CareRelationship)


def register(actor, new, key=None):
    with acting_as(actor):
        return register_patient(actor=actor, new=new, request_key=key or uuid7())


def everything(practice) -> list[int]:
    """How many rows there are of everything that a registration writes."""
    with acting_as(practice.everywhere):
        return [*(table._default_manager.count() for table in TABLES), OutboxMessage.objects.count()]


def whole(practice, **known):
    return new_patient(
        practice.north,
        **{
            "family": " O'Brien-Núñez ",
            "given": "Ann",
            "birth_date": parse_partial_date("1984-03-12"),
            "phone": " 555-0100 ",
            "email": "ann@example.test",
            "language": "es-MX",
            "identifiers": (Identification("urn:mrn", "100", "MR"), Identification("urn:ssn", "100", "SS")),
            "address": PostalAddress(line="1 High St", city="Bend", state="OR", postal_code="97701"),
        }
        | known,
    )


def test_someone_new_is_kept_whole(practice):
    made = register(practice.front_desk, whole(practice))

    with acting_as(practice.front_desk):
        patient = Patient.objects.get()
        assert patient.pk == made.pk
        assert (patient.family, patient.given, patient.name_key) == (
            "O'Brien-Núñez",
            "Ann",
            " obrien nunez ann",
        )
        assert (patient.birth_date, patient.birth_date_precision) == (date(1984, 3, 12), "day")
        assert (patient.source_kind, patient.recorded_by_id) == ("staff", practice.front_desk.user_id)
        assert sorted(ContactPoint.objects.values_list("system", "value")) == [
            ("email", "ann@example.test"),
            ("phone", "555-0100"),
        ]
        assert PatientIdentifier.objects.count() == 2
        assert Address.objects.get().city == "Bend"
    (message,) = OutboxMessage.objects.filter(name="patients.PatientRegistered")
    assert message.payload == {"patient_id": str(made.pk)}


@pytest.mark.parametrize(("typed", "kept"), [("1984", "year"), ("1984-03", "month")])
def test_a_birth_date_known_in_part_stays_known_in_part(practice, typed, kept):
    made = register(practice.front_desk, whole(practice, birth_date=parse_partial_date(typed)))

    assert (made.birth_date_precision, str(made.birth_date)[: len(typed)]) == (kept, typed)


def test_a_repeated_request_registers_nobody_twice(practice):
    key, new = uuid7(), whole(practice)
    first = register(practice.front_desk, new, key)
    before = everything(practice)

    assert register(practice.front_desk, new, key).pk == first.pk
    assert everything(practice) == before


def test_the_same_request_with_other_content_is_refused_by_name_and_the_first_stands(practice):
    key = uuid7()
    register(practice.front_desk, whole(practice), key)
    before = everything(practice)
    for other in ({"given": "Anna"}, {"phone": ""}, {"address": None}, {"birth_date": None}):
        with pytest.raises(RequestKeyReused):
            register(practice.front_desk, whole(practice, **other), key)

    assert everything(practice) == before


def test_a_request_key_does_not_open_the_patient_of_somebody_else(practice):
    """Neither one of another site nor the source key of an import."""
    key = uuid7()
    register(practice.everywhere, new_patient(practice.south, family="Southern"), key)
    with pytest.raises(RequestKeyReused):
        register(practice.front_desk, new_patient(practice.north), key)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"family": "  "}, "family"),
        ({"family": "x" * 201}, "family"),
        ({"family": "a\0b"}, "family"),
        ({"given": "x" * 201}, "given"),
        ({"phone": "5\0"}, "phone"),
        ({"email": "no at sign"}, "email"),
        ({"language": "x" * 36}, "language"),
        ({"sex": "robot"}, "sex"),
        ({"birth_date": parse_partial_date("2999")}, "birth_date"),
        ({"birth_date": parse_partial_date("1849-12-31")}, "birth_date"),
        ({"birth_date": parse_partial_date("0001-01-01")}, "birth_date"),
        ({"birth_date": parse_partial_date("1984-03-12T10:00:00Z")}, "birth_date"),
        ({"identifiers": (Identification("urn:mrn", "x" * 201),)}, "identifiers"),
        ({"identifiers": (Identification("urn:mrn", "1\0"),)}, "identifiers"),
        ({"identifiers": (Identification("urn:mrn", "1", "x" * 21),)}, "identifiers"),
        (
            {"identifiers": (Identification("urn:mrn", "1"), Identification("urn:mrn", "1", "MR"))},
            "identifiers",
        ),
        ({"address": PostalAddress(city="x" * 121)}, "address"),
        ({"address": PostalAddress(line="a\0b")}, "address"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name_and_nobody_is_registered(practice, wrong, field):
    before = everything(practice)
    with pytest.raises(Invalid) as refusal:
        register(practice.front_desk, whole(practice, **wrong))

    assert refusal.value.field == field
    assert everything(practice) == before


def test_the_birthday_of_someone_born_today_is_not_in_the_future(practice):
    today = clock.now().date()
    register(practice.front_desk, whole(practice, birth_date=parse_partial_date(today.isoformat())))
    with pytest.raises(Invalid):
        tomorrow = today + timedelta(days=1)
        register(practice.front_desk, whole(practice, birth_date=parse_partial_date(tomorrow.isoformat())))


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "'; DROP TABLE patients_patient; --", "Robert'); --"]
)
def test_markup_and_sql_in_a_name_are_kept_as_a_name(practice, hostile):
    made = register(practice.front_desk, whole(practice, family=hostile, given=hostile))

    with acting_as(practice.front_desk):
        assert Patient.objects.get(pk=made.pk).family == hostile


@pytest.mark.parametrize("who", ["owner", "health_coach", "dispensary"])
def test_whoever_may_not_register_registers_nobody(practice, who):
    before = everything(practice)
    with pytest.raises(Forbidden):
        register(practice.by_role[who], whole(practice))
    assert everything(practice) == before


def test_nobody_registers_at_a_site_where_they_do_not_work(practice):
    before = everything(practice)
    for actor in (practice.front_desk, practice.senior, practice.practitioner):
        with pytest.raises(Forbidden):
            register(actor, new_patient(practice.south))
    assert everything(practice) == before


def test_a_practitioner_cares_for_whom_they_register_and_so_still_reaches_them(practice):
    made = register(practice.practitioner, whole(practice))

    with acting_as(practice.practitioner):
        care = CareRelationship.objects.get()
        assert (care.patient_id, care.staff_id, care.kind) == (
            made.pk,
            practice.practitioner.staff_id,
            "primary",
        )
        assert Patient.objects.get().pk == made.pk
        assert ContactPoint.objects.count() == 2


def test_the_front_desk_registers_without_entering_the_care_team(practice):
    register(practice.front_desk, whole(practice))

    with acting_as(practice.front_desk):
        assert not CareRelationship.objects.exists()


def test_two_people_of_the_same_name_are_two_patients(practice):
    first, second = (make_patient(practice, family="Smith", given="Jo") for _ in range(2))
    assert first.pk != second.pk


def test_someone_without_a_role_registers_nobody(practice):
    with pytest.raises(Forbidden):
        register(make_staff(practice.owner, role=None), whole(practice))
