"""Tasks about no patient: asked once of somebody, done on a page of their own."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, Invalid
from willowbark.practice.testing import signed_in
from willowbark.worklist.models import PracticeTask
from willowbark.worklist.selectors import practice_tasks
from willowbark.worklist.services import file_practice_task, finish_practice_tasks_of

DUE = date(2026, 12, 1)


def filed(practice, request_key=None, **said):
    with acting_as(practice.system) as actor:
        return file_practice_task(
            actor=actor,
            **{
                "title": "Review: Restorative sleep",
                "kind": "library_review",
                "owner_id": practice.senior.user_id,
                "due_on": DUE,
                "next_action": "Read it.",
                "path": "/protocols/library/restorative_sleep",
                "source_id": uuid7(),
                "request_key": request_key or uuid7(),
            }
            | said,
        )


def titles(actor, whose="mine"):
    with acting_as(actor) as acting:
        return [each.title for each in practice_tasks(acting, whose=whose)]


def test_who_is_asked_has_it_among_their_tasks_with_the_page_where_it_is_done(practice):
    filed(practice)

    assert titles(practice.senior) == ["Review: Restorative sleep"]
    assert titles(practice.practitioner) == []
    assert titles(practice.practitioner, "everyone") == ["Review: Restorative sleep"]
    page = signed_in(practice.senior).get(reverse("tasks:list")).content.decode()
    assert "For the practice" in page
    assert 'href="/protocols/library/restorative_sleep"' in page


def test_the_same_request_files_it_once(practice):
    key = uuid7()

    assert filed(practice, key) is not None
    assert filed(practice, key) is None
    assert len(titles(practice.senior)) == 1


def test_it_is_closed_by_what_made_it_necessary_alone(practice):
    source = uuid7()
    filed(practice, source_id=source)
    with acting_as(practice.senior) as sage:
        finish_practice_tasks_of(actor=sage, kind="other", source_id=source)
        finish_practice_tasks_of(actor=sage, kind="library_review", source_id=uuid7())
        assert len(practice_tasks(sage)) == 1
        finish_practice_tasks_of(actor=sage, kind="library_review", source_id=source)
        finish_practice_tasks_of(actor=sage, kind="library_review", source_id=source)

    assert titles(practice.senior) == []


def test_nothing_is_filed_that_says_nothing_or_by_who_files_no_tasks(practice):
    with pytest.raises(Invalid):
        filed(practice, title=" ")
    with acting_as(practice.front_desk) as desk, pytest.raises(Forbidden):
        practice_tasks(desk)
    with acting_as(practice.front_desk), pytest.raises(DatabaseError), transaction.atomic():
        PracticeTask.objects.create(
            title="Mine",
            kind="other",
            owner_id=practice.front_desk.user_id,
            due_on=DUE,
            next_action="Do",
            path="/",
            source_id=uuid7(),
            filed_at="2026-11-22T10:00:00Z",
            request_key=uuid7(),
        )
    assert titles(practice.senior, "everyone") == []
