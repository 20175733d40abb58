"""A composition that was kept is solved again from the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.protocols.cli import app
from willowbark.protocols.core.solving import cp_sat
from willowbark.protocols.testing import make_composition


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def replayed(*arguments: str):
    return CliRunner().invoke(app, ["replay", *arguments])


def test_a_composition_is_answered_to_the_byte_again(practice, patient):
    view = make_composition(practice.practitioner, patient)

    result = replayed(str(view.id))

    assert result.exit_code == 0, result.output
    assert result.stdout_bytes == view.plan_bytes
    with acting_as(practice.owner):
        entry = AccessEntry.objects.get(patient_id=patient, action="protocols.composition_replayed")
    assert entry.subject == str(view.id)


def test_another_version_of_the_solver_is_told_of(practice, patient, monkeypatch):
    view = make_composition(practice.practitioner, patient)
    monkeypatch.setattr(cp_sat, "version", lambda: "0.0")

    result = replayed(str(view.id))

    assert result.exit_code == 1
    assert result.stderr.startswith("The same plan, but or-tools cp-sat 9.")


def test_nobody_finds_what_is_not_there(practice):
    result = replayed(str(uuid7()))

    assert result.exit_code == 1
    assert "no such composition" in result.stderr
    assert result.stdout == ""


def test_an_id_that_is_none():
    assert replayed("nonsense").exit_code == 2
