"""`willow why` and `willow metrics rebuild`, as somebody at the practice's machine runs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner

from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import reference
from willowbark.foundation.models import AccessEntry
from willowbark.metrics import cli
from willowbark.metrics.testing import make_signed
from willowbark.patients.testing import make_patient, put_into_care

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)

why = typer.Typer()
why.command()(cli.why)


def run(app, *arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def piece(practice):
    """A protocol that Pia signed, counted; the reference of what it counts as."""
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    protocol = make_signed(practice.practitioner, patient, practice.north, opened_at=AT, signed_at=AT)
    said = run(cli.app, "rebuild")
    assert said.exit_code == 0, said.output
    assert "2 counted facts, 4 days: 4 of them were otherwise before" in said.output
    return reference("piece", practice.north, "protocols_signed", patient, protocol)


def email_of(actor) -> str:
    from willowbark.foundation.models import User

    return User.objects.get(pk=actor.user_id).email


def test_counting_again_says_that_all_is_as_before(practice, piece):
    assert "all as before" in run(cli.app, "rebuild").output


def test_why_goes_from_a_figure_to_facts_rule_and_source(practice, piece):
    said = run(why, piece)

    assert said.exit_code == 0
    assert said.output.startswith("Protocols signed: signed on 2 Mar 2026 09:00")
    assert "Rule: Each signed protocol counts once" in said.output
    assert "Source: Counted by this platform" in said.output
    assert "[protocol:" in said.output


def test_why_is_data_for_machines(practice, piece):
    plain = json.loads(run(why, piece, "--json").output)

    assert plain["reference"] == piece
    assert plain["figure"] == "1 protocol"
    assert run(why, plain["facts"][-1]["why"]).exit_code == 0


def test_why_tells_somebody_what_they_may_see_and_nobody_more(practice, piece):
    assert run(why, piece, "--as", email_of(practice.practitioner)).exit_code == 0
    for other in (practice.other_practitioner, practice.front_desk):
        refused = run(why, piece, "--as", email_of(other))
        absent = run(why, "piece:1/2/3/4", "--as", email_of(other))
        assert (refused.exit_code, refused.output) == (1, absent.output)
        assert "or it is not that person's to see" in refused.output


def test_what_was_asked_and_what_was_refused_is_in_the_log(practice, piece):
    run(why, piece)
    run(why, piece, "--as", email_of(practice.front_desk))
    with acting_as(practice.owner):
        logged = AccessEntry.objects.filter(action="why").values_list("actor_id", "outcome", "subject")
        assert set(logged) == {
            (practice.system.user_id, "read", piece),
            (practice.front_desk.user_id, "refused", "not_found"),
        }


def test_nobody_of_that_address_is_nobody(practice):
    said = run(why, "measure:protocol_time", "--as", "nobody@practice.test")

    assert said.exit_code == 1
