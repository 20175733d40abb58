"""Breaking the glass by several at once, and the moment at which it is over: with real commits."""

from __future__ import annotations

import pytest
from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import all_at_once
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients import selectors
from willowbark.patients.models import BreakGlass, BreakGlassReview
from willowbark.patients.services import break_glass as services
from willowbark.patients.services.break_glass import (
    LookedUpTooOften,
    OpenAlready,
    break_glass,
    end_break_glass,
    look_up_exactly,
    review_break_glass,
)
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import break_the_glass, make_patient
from willowbark.practice.testing import again, make_practice

WHY = {"reason_code": "emergency", "reason": "They fainted in the waiting room"}


@pytest.fixture
def people(fresh_database):
    return make_practice()


@pytest.fixture
def ben(people):
    number = Identification("urn:mrn", "MRN-77", "MR")
    return make_patient(people, site_id=people.south, identifiers=(number,)).pk


def looked_up(actor):
    with acting_as(again(actor)) as looking:
        look_up_exactly(actor=looking, number="MRN-77")


def asking(actor, patient, key):
    def act():
        with acting_as(again(actor)) as who:
            return break_glass(actor=who, patient_id=patient, request_key=key, **WHY)

    return act


def rows_of(people, model):
    with acting_as(people.owner):
        return model.objects.count()


def test_one_request_sent_many_times_at_once_opens_once(people, ben):
    looked_up(people.other_practitioner)
    key = uuid7()
    given = all_at_once(*[asking(people.other_practitioner, ben, key)] * 6)
    assert len(set(given)) == 1, given
    assert rows_of(people, BreakGlass) == 1


def test_different_requests_at_once_open_once_and_the_others_are_told(people, ben):
    looked_up(people.other_practitioner)
    given = all_at_once(*[asking(people.other_practitioner, ben, uuid7()) for _ in range(6)])
    assert given.count(OpenAlready) == 5
    assert rows_of(people, BreakGlass) == 1


def test_two_people_are_let_in_each_by_themselves(people, ben):
    for actor in (people.practitioner, people.coach):
        looked_up(actor)
    first, second = all_at_once(asking(people.practitioner, ben, uuid7()), asking(people.coach, ben, uuid7()))
    assert first != second
    assert rows_of(people, BreakGlass) == 2


def test_look_ups_at_once_are_counted_each(people, ben, monkeypatch):
    monkeypatch.setattr(services, "LOOKUPS_AN_HOUR", 3)

    def act():
        with acting_as(again(people.coach)) as who:
            return len(look_up_exactly(actor=who, number="MRN-77"))

    assert sorted(map(str, all_at_once(*[act] * 6))) == [*"111", *[str(LookedUpTooOften)] * 3]


def test_of_two_reviews_at_once_one_stands(people, ben):
    glass = break_the_glass(people.coach, ben, number="MRN-77")
    with acting_as(people.coach):
        end_break_glass(actor=people.coach, patient_id=ben, glass_id=glass)

    def reviewing(actor, verdict):
        def act():
            with acting_as(again(actor)) as who:
                review_break_glass(
                    actor=who, patient_id=ben, glass_id=glass, verdict=verdict, words="As I have seen it"
                )

        return act

    given = all_at_once(reviewing(people.owner, "justified"), reviewing(people.everywhere, "not_justified"))
    assert set(given) == {None, Conflict}
    assert rows_of(people, BreakGlassReview) == 1


def test_it_is_over_by_the_clock_of_the_database_in_both_walls_within_one_transaction(
    people, ben, owner_connection
):
    coach = people.coach
    glass = break_the_glass(coach, ben, number="MRN-77")
    with acting_as(again(coach)) as who:
        assert selectors.reaches(who, ben, "record.read")
        owner_connection.execute(
            "UPDATE patients_breakglass SET opened_at = opened_at - interval '1 day',"
            " expires_at = clock_timestamp() WHERE id = %s",
            [glass],
        )
        owner_connection.commit()
        assert not selectors.reaches(who, ben, "record.read")
        with connection.cursor() as cursor:
            cursor.execute("SELECT willow_reaches(%s, %s)", [ben, ["record.read"]])
            assert cursor.fetchone() == (False,)
        with pytest.raises(NotFound):
            selectors.get_patient(who, ben)
    looked_up(coach)
    assert asking(coach, ben, uuid7())() != glass
