from __future__ import annotations

import re
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from willowbark.assistant.cli import app
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, User
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.record.testing import import_entries, make_entry


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, family="Rivera", given="Ana").pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def brief(actor, patient):
    email = User.objects.get(pk=actor.user_id).email
    return CliRunner().invoke(app, ["brief", str(patient), "--as", email])


def test_it_prints_the_brief_with_the_source_of_every_line(practice, patient):
    seen = clock.now() - timedelta(days=30)
    import_entries(practice, patient, "encounter", [{"effective_at": seen}])
    entry = make_entry(practice.practitioner, patient, "condition", effective_at=clock.now())
    shown = brief(practice.practitioner, patient)

    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("Ana Rivera\nLast visit: ")
    assert "Since the last visit\n  - New problem: Hypertension, " in shown.output
    assert f"[condition {entry}]" in shown.output
    lines = [line for line in shown.output.splitlines() if line.startswith("  - ")]
    assert lines
    assert all(re.search(r"\[\w+( [0-9a-f-]{36})?\]$", line) for line in lines)


def test_what_is_not_theirs_to_see_is_refused_and_the_refusal_logged(practice, patient):
    for actor, asked in (
        (practice.other_practitioner, patient),
        (practice.front_desk, patient),
        (practice.practitioner, uuid7()),
    ):
        shown = brief(actor, asked)
        assert shown.exit_code == 1
        assert "Rivera" not in shown.output
    with acting_as(practice.owner):
        refused = AccessEntry.objects.filter(action="assistant.brief_read", outcome="refused")
        assert refused.count() == 3
