"""A demo is built where there is none, kept where there is one, and never mixed with a real practice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from willowbark.demo.building import script_of
from willowbark.demo.emptying import empty_demo
from willowbark.demo.players import by_services
from willowbark.demo.players.cast import Cast
from willowbark.demo.preparing import HoldsRealPractice, prepare
from willowbark.demo.script.practice import BY_KEY
from willowbark.demo.status import Plan, State, Status, status_of, written_down
from willowbark.demo.summary import summary_of
from willowbark.foundation.database import ConnectionParams
from willowbark.kernel.errors import Conflict
from willowbark.practice.services import open_practice

from .conftest import SMALL, TODAY, NewDatabase, Owner

PLAN = Plan(seed=7, today=TODAY, patients=24, by_services=3)


def params_of(owner: Owner) -> ConnectionParams:
    info = owner.info
    return ConnectionParams(
        host=info.host, port=info.port, dbname=info.dbname, user=info.user, password=info.password
    )


def open_a_real_practice() -> None:
    open_practice(
        name="Real Practice",
        jurisdiction="US",
        time_zone="America/New_York",
        site_name="Main",
        owner_name="Owner",
        owner_email="owner@practice.example",
        owner_password="a long enough pass phrase",
    )


@pytest.mark.slow
def test_a_demo_is_built_checked_and_kept(new_database: NewDatabase, capsys: pytest.CaptureFixture[str]):
    said: list[str] = []
    with new_database() as owner:
        assert status_of(owner) == Status(State.EMPTY)
        built = prepare(params_of(owner), PLAN, say=said.append)
        assert built.script is not None
        assert status_of(owner).plan == PLAN
        summary = summary_of(owner, PLAN, built.script, just_built=True, seconds=built.seconds)
        assert summary["faults"] == {"counts": [], "charts": [], "walls": [], "pages": []}
        assert summary["ok"] is True
        # 24, and a row that the file from another practice brings.
        assert summary["patients"] == 25
        assert {**summary["entries"], "patient": 25} == built.script.counts()
        assert summary["people"]["staff"] == 9

        other_plan = Plan(seed=8, today=TODAY, patients=5, by_services=1)
        kept = prepare(params_of(owner), other_plan, say=said.append)
        assert (kept.plan, kept.just_built) == (PLAN, False)
        again = summary_of(owner, PLAN, built.script, just_built=False, seconds={})
        assert again["digest"] == summary["digest"]
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_what_an_earlier_script_made_is_kept_said_to_be_earlier_and_not_called_faulty(
    small_demo: NewDatabase, monkeypatch: pytest.MonkeyPatch
):
    with small_demo() as owner:
        assert not status_of(owner).is_earlier
        # Today's script would make other people, and more of them.
        monkeypatch.setattr("willowbark.demo.status.script_version", lambda: "another")
        said: list[str] = []
        kept = prepare(params_of(owner), PLAN, say=said.append)
        assert (kept.plan, kept.just_built, kept.is_earlier) == (SMALL, False, True)
        assert ["earlier version" in said[0], "--anew" in said[0]] == [True, True]
        summary = summary_of(owner, SMALL, None, just_built=False, seconds={})
        assert (summary["ok"], summary["made_by"]) == (True, said[0])
        assert summary["patients"] == 3

        owner.execute("ALTER TABLE record_note DISABLE ROW LEVEL SECURITY")
        assert summary_of(owner, SMALL, None, just_built=False, seconds={})["faults"]["walls"]


def test_a_demo_of_which_nobody_wrote_down_the_script_is_an_earlier_one():
    status = Status(State.BUILT, "Willow Creek", PLAN)
    assert status.is_earlier
    assert written_down(PLAN).startswith(str(PLAN))
    assert not replace(status, made_by=written_down(PLAN).partition(" script=")[2]).is_earlier
    assert not Status(State.EMPTY).is_earlier


@pytest.mark.slow
def test_a_check_finds_what_is_missing(small_demo: NewDatabase):
    script = script_of(SMALL)
    in_care = [one for one in script.histories if BY_KEY[one.practitioner].reach == "care"]
    with small_demo() as owner:
        owner.execute("DELETE FROM patients_carerelationship")
        owner.execute("DELETE FROM record_note")
        owner.execute("ALTER TABLE record_note DISABLE ROW LEVEL SECURITY")
        summary = summary_of(owner, SMALL, script, just_built=True, seconds={})
    assert summary["ok"] is False
    assert summary["faults"]["counts"]
    assert len(summary["faults"]["charts"]) == len(in_care) > 0
    assert any("record_note" in fault for fault in summary["faults"]["walls"])


@pytest.mark.slow
def test_a_real_practice_is_refused_and_stays_as_it_was(new_database: NewDatabase):
    with new_database() as owner:
        open_a_real_practice()
        assert status_of(owner).state is State.REAL
        for anew in (False, True):
            with pytest.raises(HoldsRealPractice, match="'Real Practice', which is a real practice"):
                prepare(params_of(owner), PLAN, say=lambda line: None, anew=anew)
        with pytest.raises(Conflict):
            empty_demo(owner)
        assert owner.execute("SELECT name FROM practice_organisation").fetchall() == [("Real Practice",)]


@pytest.mark.slow
def test_an_interrupted_build_is_built_again(small_demo: NewDatabase):
    said: list[str] = []
    with small_demo() as owner:
        digest = preparing_digest(owner)
        empty_demo(owner)
        assert status_of(owner).state is State.EMPTY

        script = script_of(SMALL)
        cast = Cast()
        by_services.play(cast, script.opening)
        by_services.play(cast, script.histories[0].occasions[:3])
        assert status_of(owner).state is State.UNFINISHED
        assert prepare(params_of(owner), SMALL, say=said.append).just_built
        assert "interrupted" in said[0]
        assert preparing_digest(owner) == digest

        anew = prepare(params_of(owner), SMALL, say=said.append, anew=True)
        assert anew.just_built
        assert preparing_digest(owner) == digest


def preparing_digest(owner: Owner) -> str:
    from willowbark.demo.digest import digest_of

    return digest_of(owner).whole


def test_a_plan_is_read_as_it_was_written():
    assert Plan.read(str(PLAN)) == PLAN
    with pytest.raises(ValueError, match="no plan"):
        Plan.read("seed=1")
