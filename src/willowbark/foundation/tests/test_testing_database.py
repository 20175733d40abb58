"""The databases that tests work on."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import connection, transaction

from willowbark.foundation.database import roles


def _query(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


@pytest.mark.django_db
def test_tests_work_as_the_application_on_a_clone():
    assert _query("SELECT current_user") == roles.APP
    assert str(_query("SELECT current_database()")).startswith("test_")
    assert _query("SELECT count(*) > 20 FROM information_schema.tables WHERE table_schema = 'public'")
    assert _query("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False


@pytest.mark.django_db
def test_a_durable_transaction_works_inside_a_test():
    with transaction.atomic(durable=True):
        assert _query("SELECT 1") == 1


@pytest.mark.django_db(transaction=True)
def test_real_commits_happen_on_a_clone_of_the_tests_own(session_database):
    assert _query("SELECT current_database()") != session_database.name
    assert not connection.in_atomic_block


def test_every_thread_works_on_the_fresh_database(fresh_database):
    found: list[object] = []

    def look() -> None:
        try:
            found.append(_query("SELECT current_database()"))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [fresh_database.name] * 3
    assert fresh_database.environment()["WILLOWBARK_DATABASE"] == fresh_database.name


def test_a_fresh_database_is_gone_afterwards(database_server, database_template):
    clone = database_server.clone(database_template)
    with psycopg.connect(**clone.app.libpq()) as one:
        assert one.execute("SELECT current_user").fetchone() == (roles.APP,)
    database_server.drop(clone.name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(**clone.app.libpq())


def test_the_owner_sees_what_the_application_may_not(fresh_database, owner_connection):
    assert owner_connection.execute("SELECT current_database()").fetchone() == (fresh_database.name,)
    assert owner_connection.execute("SELECT current_user").fetchone() == (roles.OWNER,)


def test_the_database_is_closed_to_a_test_that_did_not_ask_for_it():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.cursor()
