from __future__ import annotations

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.protocols.models import Composition, Draft
from willowbark.protocols.selectors.library import shipped
from willowbark.protocols.services.trying import patients_to_try, table_of, try_patient
from willowbark.record.testing import make_entry


@pytest.fixture
def patients(practice):
    people = [
        make_patient(practice, birth_date=parse_partial_date(born)).pk for born in ("1950", "1980", "2020")
    ]
    for each in people:
        put_into_care(practice, each, practice.practitioner)
    make_entry(practice.practitioner, people[0], "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    return people


def test_everybody_in_reach_is_tried_against_every_protocol_and_nothing_is_kept(practice, patients):
    merged = make_patient(practice).pk
    link(practice, merged, to=patients[0])
    with acting_as(practice.practitioner) as actor:
        assert patients_to_try(actor) == sorted(patients)
        tried = [
            one for patient in patients_to_try(actor) for one in try_patient(actor=actor, patient_id=patient)
        ]
    assert len(tried) == len(patients) * len(shipped().masters)
    assert {each.outcome for each in tried} == {"proven"}
    with acting_as(practice.everywhere):
        assert not Composition.objects.filter(patient__in=patients).exists()
        assert not Draft.objects.filter(patient__in=patients).exists()
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(action="protocols.tried", patient_id__in=patients).count() == 3


def test_the_table_says_how_many_and_why(practice, patients):
    with acting_as(practice.practitioner) as actor:
        tried = [one for patient in patients for one in try_patient(actor=actor, patient_id=patient)]
    rows = list(table_of(tried))
    assert sum(count for _, _, count, _ in rows) == len(tried)
    children = [row for row in rows if row[1] == "proven, not to be signed"]
    assert {row[0] for row in children} == set(shipped().masters)
    assert all(f"{shipped().master(row[0]).from_age_years} years" in row[3] for row in children)


def test_a_catalog_without_anything_wanted_is_an_outcome_and_no_error(practice, patients, monkeypatch):
    from willowbark.protocols.selectors import considering

    monkeypatch.setattr(considering, "products", lambda actor: ())
    with acting_as(practice.practitioner) as actor:
        (one,) = try_patient(actor=actor, patient_id=patients[0], master_keys=["restorative_sleep"])
    assert one.outcome == "nothing_to_compose"
    assert "No product" in one.why


def test_whoever_composes_nothing_tries_nobody(practice):
    with pytest.raises(Forbidden), acting_as(practice.front_desk) as actor:
        patients_to_try(actor)
