from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from willowbark.foundation import cursors
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.core.names import name_key
from willowbark.patients.models import Patient
from willowbark.patients.selectors import search
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import make_staff


def find(actor, text, **options) -> list[str]:
    """The given names of those found, in order: tests give each person one of their own."""
    with acting_as(actor):
        return [row.given for row in search(actor, text, **options).rows]


@pytest.fixture
def people(practice):
    for family, given_name, born in (
        ("O'Brien-Núñez", "Ana", "1980-04-03"),
        ("O’Brien", "Bob", "1980-03-04"),
        ("Obrienson", "Cid", "1984"),
        ("Smith", "Dee", "1984-03-12"),
        ("Smith-Jones", "Eve", ""),
        ("von der Leyen", "Fay", ""),
    ):
        make_patient(
            practice,
            family=family,
            given=given_name,
            birth_date=parse_partial_date(born) if born else None,
            phone=f"(541) 555-01{ord(given_name[0])}",
            identifiers=(Identification("urn:mrn", f"MRN-{given_name}-1", "MR"),),
        )
    return practice.front_desk


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("smith", ["Dee", "Eve"]),
        ("SMI", ["Dee", "Eve"]),
        ("smi dee", ["Dee"]),
        ("dee smi", ["Dee"]),
        ("jones", ["Eve"]),
        ("jon smi ev", ["Eve"]),
        ("obrien", ["Bob", "Ana", "Cid"]),
        ("o'brien", ["Bob", "Ana", "Cid"]),
        ("O’BRIEN nunez", ["Ana"]),
        ("núñez", ["Ana"]),
        ("nun\u0303ez", ["Ana"]),
        ("leyen", ["Fay"]),
        ("der von", ["Fay"]),
        ("eyen", []),
        ("ob", ["Bob", "Ana", "Cid"]),
        ("1984-03-12", ["Dee"]),
        ("12.3.1984", ["Dee"]),
        ("3/12/1984", ["Dee"]),
        ("3/4/1980", ["Bob", "Ana"]),
        ("smith 1984-03-12", ["Dee"]),
        ("jones 1984-03-12", []),
        ("MRN-Dee-1", ["Dee"]),
        ("mrn-dee-1", []),
        ("MRN-D1", []),
        ("(541)555-0168", ["Dee"]),
        ("5550168", ["Dee"]),
        ("0168", ["Dee"]),
        ("168", []),
        ("+1541555016", []),
        ("", ["Bob", "Ana", "Cid", "Dee", "Eve", "Fay"]),
        ("   ", ["Bob", "Ana", "Cid", "Dee", "Eve", "Fay"]),
        ("'", []),
        ("%", []),
        ("smith%", ["Dee", "Eve"]),
        ("_mith", []),
        ("MRN-___-1", []),
        ("MRN%1", []),
        ("%1", []),
        ("\\1", []),
        ("'; DROP TABLE patients_patient; --", []),
        ("1' OR '1'='1", []),
        ("\0smith", ["Dee", "Eve"]),
        ("<script>1", []),
    ],
)
def test_people_are_found_as_others_type_them(people, typed, found):
    assert find(people, typed) == found


def test_what_an_identifier_holds_is_searched_for_as_it_stands(practice):
    for given_name, value in (("Ann", "A_1%\\x"), ("Ben", "AB1CDx")):
        make_patient(practice, given=given_name, identifiers=(Identification("urn:x", value),))

    assert find(practice.front_desk, "A_1%\\x") == ["Ann"]
    assert find(practice.front_desk, "A_1") == ["Ann"]
    assert find(practice.front_desk, "AB1") == ["Ben"]
    assert find(practice.front_desk, "ab1cdx") == [], "small letters find a number of capitals alone"


def test_a_number_in_small_letters_finds_the_one_in_capitals(practice):
    make_patient(practice, given="Ann", identifiers=(Identification("urn:x", "AB-17"),))

    assert find(practice.front_desk, "ab-17") == ["Ann"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=60))
@example(typed="0001-01-01 9999-12-31 31.12.9999")
@example(typed="\u0661\u0662/\u0663/\u0661\u0669\u0668\u0660")
@example(typed="ﷺ" * 30)
def test_whatever_is_typed_the_search_answers(practice, typed):
    with acting_as(practice.front_desk) as actor:
        assert search(actor, typed).more is False


names = st.text(st.sampled_from("abÉé'- "), min_size=1, max_size=6).filter(lambda text: text.strip(" -'"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(names, names), min_size=1, max_size=12), limit=st.integers(1, 5))
def test_the_list_is_paged_through_once_in_the_order_of_names(practice, people, limit):
    with acting_as(practice.everywhere):
        made = Patient.objects.bulk_create(
            Patient(
                home_site_id=practice.north,
                family=family,
                given=given_name,
                source_kind="staff",
                recorded_by_id=practice.everywhere.user_id,
                recorded_at="2024-01-01T00:00:00Z",
                name_key=name_key(family, given_name),
            )
            for family, given_name in people
        )
        known = {patient.pk for patient in made}
        seen, after = [], None
        while True:
            page = search(practice.everywhere, "", after=after, limit=limit)
            assert len(page.rows) <= limit
            seen += [(row.name_key, row.patient_id) for row in page.rows]
            if not page.more:
                break
            after = cursors.read_text(cursors.write(*seen[-1]))

    mine = [row for row in seen if row[1] in known]
    assert len(mine) == len(known)
    assert seen == sorted(set(seen))


def test_the_search_keeps_to_a_site_when_one_is_named(practice):
    make_patient(practice, given="Ann")
    make_patient(practice, given="Ben", site_id=practice.south)

    assert find(practice.everywhere, "", site_id=practice.south) == ["Ben"]
    assert find(practice.everywhere, "", site_id=uuid7()) == []
    assert find(practice.front_desk, "", site_id=practice.south) == []


def test_everyone_finds_those_within_their_reach_alone(practice):
    ann = make_patient(practice, given="Ann", family="Aa")
    make_patient(practice, given="Ben", family="Bb")
    make_patient(practice, given="Cat", family="Cc", site_id=practice.south)
    put_into_care(practice, ann.pk, practice.practitioner, practice.coach)
    expected = {
        "owner": ["Ann", "Ben", "Cat"],
        "senior_practitioner": ["Ann", "Ben"],
        "practitioner": ["Ann"],
        "health_coach": ["Ann"],
        "front_desk": ["Ann", "Ben"],
        "dispensary": ["Ann", "Ben"],
    }

    assert {role: find(actor, "") for role, actor in practice.by_role.items()} == expected
    assert find(practice.practitioner, "Bb") == []
    assert find(practice.practitioner, "b") == []
    with pytest.raises(Forbidden):
        find(make_staff(practice.owner, role=None), "")


def test_the_database_function_that_searches_gives_nobody_more_than_their_reach(practice):
    """It runs as the owner, past row-level security: it must ask for itself."""
    make_patient(practice, given="Ann")
    nobody = make_staff(practice.owner, role=None)
    call = "SELECT count(*) FROM willow_search_patients('{}', '{}', '{}', '{}', '{}', NULL, NULL, NULL, 100)"
    for actor, found in ((practice.practitioner, 0), (nobody, 0), (practice.front_desk, 1)):
        with acting_as(actor), connection.cursor() as cursor:
            cursor.execute(call)
            assert cursor.fetchone() == (found,)
    with connection.cursor() as cursor:
        cursor.execute(call)
        assert cursor.fetchone() == (0,)


def test_a_row_merged_into_another_does_not_stand_in_the_list_beside_it(practice):
    ann, older = make_patient(practice, given="Ann"), make_patient(practice, given="Anna")
    link(practice, older.pk, to=ann.pk)

    assert find(practice.front_desk, "") == ["Ann"]


def test_a_person_is_found_by_the_name_and_the_number_of_a_row_that_was_merged_into_theirs(practice):
    ann = make_patient(practice, family="Jones", given="Ann")
    older = make_patient(
        practice, family="Maiden", given="Anna", identifiers=(Identification("urn:mrn", "OLD-1", "MR"),)
    )
    link(practice, older.pk, to=ann.pk)

    assert find(practice.front_desk, "OLD-1") == ["Ann"]
    assert find(practice.front_desk, "maiden") == ["Ann"]
    assert find(practice.front_desk, "maiden anna") == ["Ann"]


def test_a_site_still_finds_its_own_row_when_the_person_it_was_merged_into_is_out_of_its_reach(practice):
    elsewhere = make_patient(practice, given="Ann", site_id=practice.south)
    here = make_patient(practice, given="Anna")
    link(practice, here.pk, to=elsewhere.pk)

    assert find(practice.front_desk, "") == ["Anna"]
    assert find(practice.front_desk, "anna") == ["Anna"]
    assert find(practice.everywhere, "") == ["Ann"]


def test_a_list_costs_the_same_statements_whatever_it_finds(practice):
    taken = set()
    for number in (1, 60):
        for _ in range(number):
            make_patient(practice, identifiers=(Identification("urn:x", str(uuid7())),))
        with acting_as(practice.front_desk) as actor, CaptureQueriesContext(connection) as captured:
            search(actor, "")
        taken.add(len(captured))

    assert taken == {3}


def test_a_row_of_the_list_says_who_it_is(practice):
    make_patient(
        practice,
        family="Smith",
        given="Ann",
        birth_date=parse_partial_date("1984-03"),
        identifiers=(Identification("urn:ssn", "9", "SS"), Identification("urn:mrn", "7", "MR")),
    )
    with acting_as(practice.front_desk) as actor:
        (row,) = search(actor, "smith").rows

    assert (row.family, row.birth_date, row.birth_date_precision) == ("Smith", date(1984, 3, 1), "month")
    assert (row.site_name, row.identifiers) == ("North", (("MR", "7", "urn:mrn"),))
