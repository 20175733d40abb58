from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.patients.models import Patient
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import make_practice

SETTINGS = ("willow.user_id", "willow.request_id", "willow.channel", "willow.patient_id")


def settings_in_force() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
        )
        return list(cursor.fetchone())


def server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return pid


@pytest.fixture
def practice(fresh_database):
    return make_practice()


def test_inside_the_database_knows_who_acts_and_afterwards_nobody_does(practice):
    actor = practice.front_desk
    with acting_as(actor) as acting:
        assert acting is actor
        assert settings_in_force() == [str(actor.user_id), str(actor.request_id), "web", ""]

    assert settings_in_force() == ["", "", "", ""]


def test_after_an_error_nobody_acts_either_and_what_was_written_is_gone(practice):
    with pytest.raises(KeyError), acting_as(practice.everywhere):
        Patient.objects.create(
            family="Halfway",
            home_site_id=practice.north,
            source_kind="staff",
            recorded_by_id=practice.everywhere.user_id,
            recorded_at=clock.now(),
            name_key=" halfway",
        )
        raise KeyError

    assert settings_in_force() == ["", "", "", ""]
    with acting_as(practice.everywhere):
        assert not Patient.objects.exists()


def test_nobody_acts_inside_another_actors_transaction(practice):
    with acting_as(practice.front_desk):
        with pytest.raises(RuntimeError), acting_as(practice.owner):
            pass
        assert settings_in_force()[0] == str(practice.front_desk.user_id), "the first goes on undisturbed"
    with transaction.atomic(), pytest.raises(RuntimeError), acting_as(practice.owner):
        pass


def test_a_connection_taken_again_from_the_pool_does_not_remember_who_used_it_last(practice):
    make_patient(practice)
    used = set()
    for _ in range(5):
        with acting_as(practice.everywhere):
            assert Patient.objects.count() == 1
            used.add(server_process())
        connection.close()

    again = set()
    for _ in range(5):
        again.add(server_process())
        assert settings_in_force() == ["", "", "", ""]
        assert not Patient.objects.exists(), "and nobody sees nothing"
        connection.close()
    assert used & again, "the pool hands out the same server process"


def test_two_people_at_once_each_act_as_themselves(practice):
    met = threading.Barrier(2, timeout=10)
    seen: dict[str, str] = {}

    def act(actor) -> None:
        with acting_as(actor):
            met.wait()
            seen[str(actor.user_id)] = settings_in_force()[0]
            met.wait()
        connection.close()

    threads = [threading.Thread(target=act, args=[each]) for each in (practice.owner, practice.front_desk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {str(each.user_id): str(each.user_id) for each in (practice.owner, practice.front_desk)}


def test_an_error_of_the_database_is_shown_as_it_is(db):
    """Also in a test's wrapper, where the transaction goes on: nothing else may hide it."""
    practice = make_practice()
    with (
        pytest.raises(Exception, match="division by zero"),
        acting_as(practice.owner),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 / 0")

    assert settings_in_force() == ["", "", "", ""]


def test_in_a_tests_wrapper_too_nobody_acts_after_the_block(db):
    practice = make_practice()
    with acting_as(practice.owner):
        assert settings_in_force()[0]
    assert settings_in_force() == ["", "", "", ""]
