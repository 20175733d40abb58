"""`willow outbox`: what it lists, and how it ends."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from willowbark.foundation import clock, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage, Undelivered
from willowbark.practice.outbox_cli import app
from willowbark.practice.testing import make_practice


@pytest.fixture
def waiting(fresh_database):
    """One message that was set aside, of a handler that is gone."""
    practice = make_practice()
    with acting_as(practice.system):
        message = OutboxMessage.objects.create(name="no.Such", payload={}, published_at=clock.now())
        return Undelivered.objects.create(
            id=uuid7(), handler="gone.handler", message=message, error="ValueError", set_aside_at=clock.now()
        )


def run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_it_lists_and_replays_and_says_what_failed_again(waiting):
    listed = run("list")
    assert listed.exit_code == 0
    assert "gone.handler" in listed.output
    assert str(waiting.pk) in listed.output

    again = run("replay", "--all")
    assert again.exit_code == 1
    assert "NotFound" in again.output
    assert run("replay", "--handler", "gone.handler").exit_code == 1


def test_it_asks_which(waiting):
    assert run("replay").exit_code == 2
    assert run("replay", "--all", "--handler", "gone.handler").exit_code == 2
    assert run("list", "--handler", "unheard.of").exit_code == 2


def test_nothing_waits_for_a_handler_that_works(fresh_database):
    make_practice()
    done = run("replay", "--handler", outbox.handlers()[0])
    assert (done.exit_code, "0 delivered" in done.output) == (0, True)
