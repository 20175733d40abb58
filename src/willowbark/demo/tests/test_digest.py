"""Two builds are equal, and the digest would show it if they were not."""

from __future__ import annotations

import pytest

from willowbark.demo.building import build, parts_of
from willowbark.demo.digest import digest_of, left_out
from willowbark.demo.script import write_script
from willowbark.demo.status import Plan

from .conftest import TODAY, NewDatabase

PLAN = Plan(seed=5, today=TODAY, patients=10, by_services=2)


@pytest.mark.slow
def test_two_builds_in_two_databases_give_the_same_digest(new_database: NewDatabase):
    digests = []
    for _ in range(2):
        with new_database() as owner:
            build(PLAN)
            digests.append(digest_of(owner))
    assert digests[0].differences(digests[1]) == []
    assert digests[0].whole == digests[1].whole
    assert digests[0].tables["record_observation"].rows > 200
    assert digests[0].tables["foundation_accessentry"].rows > 100


@pytest.mark.slow
def test_the_digest_shows_any_change_that_counts_and_none_that_does_not(small_demo: NewDatabase):
    with small_demo() as owner:
        before = digest_of(owner)
        assert digest_of(owner).whole == before.whole
        owner.execute("UPDATE foundation_user SET password = 'other', last_login = now()")
        owner.execute("UPDATE foundation_accessentry SET at = now()")
        assert digest_of(owner).whole == before.whole
        for statement, table in (
            ("UPDATE record_note SET text = text || ' '", "record_note"),
            ("UPDATE practice_site SET address = 'elsewhere' WHERE name = 'Hillside'", "practice_site"),
            ("DELETE FROM foundation_outboxmessage", "foundation_outboxmessage"),
        ):
            now = digest_of(owner)
            owner.execute(statement)
            assert table in digest_of(owner).differences(now)


@pytest.mark.slow
def test_what_is_left_out_is_there_and_says_why(new_database: NewDatabase):
    with new_database() as owner:
        digest = digest_of(owner)
    listed = left_out()
    assert all(listed.tables.values())
    assert all(listed.columns.values())
    assert not set(listed.tables) & set(digest.tables)
    business = {name for name in listed.tables if name.startswith(("patients_", "record_", "interop_"))}
    assert business == set()


def test_services_play_some_patients_from_all_over_and_those_who_came_last():
    script = write_script(seed=1, today=TODAY, patients=20)

    def sizes(by_services: int) -> tuple[int, int]:
        parts = parts_of(script, Plan(seed=1, today=TODAY, patients=20, by_services=by_services))
        assert {*parts.by_services}.isdisjoint(parts.by_bulk)
        assert len(parts.by_services) + len(parts.by_bulk) == 20
        return len(parts.by_services), len(parts.by_bulk)

    assert [sizes(number) for number in (0, 1, 10, 20, 40)] == [(0, 20), (1, 19), (10, 10), (20, 0), (20, 0)]
    parts = parts_of(script, Plan(seed=1, today=TODAY, patients=20, by_services=10))
    arrivals = sorted(history.occasions[0].at for history in script.histories)
    assert {0, 10} <= {history.number for history in parts.by_services}
    assert sum(history.occasions[0].at >= arrivals[-8] for history in parts.by_services) >= 8
