from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.patients import selectors
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import make_staff


def opened(actor, patient, permission="patients.read"):
    with acting_as(actor):
        record = selectors.open_record(actor, patient, permission, action="patients.read")
        return record, selectors.identity_of(actor, record)


def test_a_patient_is_opened_by_those_who_reach_them_alone(practice):
    ann = make_patient(practice).pk
    ben = make_patient(practice, site_id=practice.south).pk
    put_into_care(practice, ann, practice.practitioner)
    reached: dict[str, set[str]] = {}
    for name, actor in (*practice.by_role.items(), ("other", practice.other_practitioner)):
        reached[name] = set()
        for who, patient in (("ann", ann), ("ben", ben)):
            try:
                opened(actor, patient)
            except NotFound:
                continue
            reached[name].add(who)

    assert reached == {
        "owner": {"ann", "ben"},
        "senior_practitioner": {"ann"},
        "practitioner": {"ann"},
        "health_coach": set(),
        "front_desk": {"ann"},
        "dispensary": {"ann"},
        "other": set(),
    }


def test_a_permission_held_over_others_does_not_open_a_patient_and_none_at_all_is_told_apart(practice):
    patient = make_patient(practice).pk
    with pytest.raises(NotFound):
        opened(practice.practitioner, patient, "record.read")
    with pytest.raises(Forbidden):
        opened(practice.front_desk, patient, "record.read")
    with pytest.raises(Forbidden):
        opened(make_staff(practice.owner, role=None), patient)
    with pytest.raises(NotFound):
        opened(practice.owner, uuid7())


def test_merged_rows_open_as_one_person_with_all_their_numbers(practice):
    ann = make_patient(practice, phone="555-0100", identifiers=(Identification("urn:mrn", "1", "MR"),)).pk
    older = make_patient(practice, email="a@b.test", identifiers=(Identification("urn:mrn", "2", "MR"),)).pk
    link(practice, older, to=ann)
    record, identity = opened(practice.front_desk, ann)

    assert record.patient_ids == (ann, older)
    assert [each.value for each in identity.identifiers] == ["1", "2"]
    assert (identity.phone, identity.email) == ("555-0100", "a@b.test")
    assert [each.pk for each in identity.linked_from] == [older]


def test_a_merged_row_opens_by_itself_and_leads_to_the_person(practice):
    ann, older = make_patient(practice).pk, make_patient(practice).pk
    link(practice, older, to=ann)
    record, identity = opened(practice.front_desk, older)

    assert record.patient_ids == (older,)
    assert identity.linked_to is not None
    assert identity.linked_to.pk == ann


def test_a_merged_row_names_nobody_who_is_out_of_reach(practice):
    ann = make_patient(practice, site_id=practice.south).pk
    older = make_patient(practice).pk
    link(practice, older, to=ann)
    _, identity = opened(practice.front_desk, older)

    assert identity.linked_to is None


def test_whoever_cares_for_the_person_reaches_the_merged_row_too(practice):
    ann = make_patient(practice).pk
    older = make_patient(practice, site_id=practice.south).pk
    link(practice, older, to=ann)
    put_into_care(practice, ann, practice.practitioner)

    assert opened(practice.practitioner, older)[0].patient.pk == older
    assert opened(practice.senior, older)[0].patient.pk == older


def test_opening_a_record_costs_the_same_statements_whatever_is_known(practice):
    taken = set()
    for number in (0, 1, 30):
        patient = make_patient(
            practice, identifiers=tuple(Identification("urn:x", str(each)) for each in range(number))
        ).pk
        with acting_as(practice.front_desk) as actor, CaptureQueriesContext(connection) as captured:
            record = selectors.open_record(actor, patient, "patients.read", action="patients.read")
            selectors.identity_of(actor, record)
        taken.add(len(captured))

    assert len(taken) == 1
