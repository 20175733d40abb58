"""What a task may say, by property."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid
from willowbark.worklist.core.filing import NewTask, checked, checked_reason, digest_of

TASK = NewTask(title="Call", kind="call", owner_id=uuid7(), due_on=date(2026, 12, 1), next_action="Dial")


@given(title=st.text(max_size=300), action=st.text(max_size=300), detail=st.text(max_size=2100))
def test_a_task_is_trimmed_and_bounded_or_refused(title, action, detail):
    task = dataclasses.replace(TASK, title=title, next_action=action, detail=detail)
    refused = ""
    try:
        kept = checked(task)
    except Invalid as error:
        refused = error.field
    if refused:
        assert refused in {"title", "next_action", "detail"}
        return
    assert 1 <= len(kept.title) <= 200
    assert 1 <= len(kept.next_action) <= 200
    assert len(kept.detail) <= 2000
    assert kept == checked(kept)


@given(
    st.sampled_from([field.name for field in dataclasses.fields(NewTask)]),
    st.one_of(st.text(min_size=1), st.dates(), st.uuids()),
)
def test_two_tasks_that_say_different_things_have_different_digests(name, value):
    other = dataclasses.replace(TASK, **{name: value})
    assert (digest_of(other) == digest_of(TASK)) is (other == TASK)


@pytest.mark.parametrize("days", [date(2000, 1, 1), date(2200, 12, 31)])
def test_the_first_and_the_last_day_are_within(days):
    assert checked(dataclasses.replace(TASK, due_on=days)).due_on == days


@given(st.text(max_size=400))
def test_a_reason_has_1_to_300_characters(reason):
    try:
        assert 1 <= len(checked_reason(reason)) <= 300
    except Invalid:
        assert not reason.strip() or len(reason.strip()) > 300 or "\0" in reason
