"""A language model that answers as it is told, for the tests of every business above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import override_settings

from willowbark.assistant.language_model.asking import Reply
from willowbark.assistant.selectors.asking import question
from willowbark.assistant.services.asking import ask, carry_out
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7

INSIDE = {"language_model": "small", "language_model_endpoint": "http://localhost:9/v1"}
TEXT = "Sleeps badly since May.\nWants vitamin D over the winter; asks about vitamin K."
SLEEP = {"id": "restorative_sleep", "quote": "Sleeps badly since May."}
VITAMIN_D = {
    "id": "vitamin_d",
    "least": "400",
    "aim": "1000",
    "most": None,
    "unit": "iu",
    "quote": "vitamin D over the winter",
}
ANSWER = {"protocols": [SLEEP], "targets": [VITAMIN_D], "not_understood": ["since May"]}


@contextmanager
def configured(**said: Any) -> Iterator[None]:
    """With these settings."""
    with override_settings(WILLOWBARK=settings.WILLOWBARK.model_copy(update=said)):
        yield


class Fake:
    """A model that answers, or fails, as it is told; `asked` is what reached it."""

    def __init__(self, answer: Mapping[str, Any] = ANSWER, failure: BaseException | None = None) -> None:
        self.answer, self.failure = answer, failure
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, connection: Any, *, instructions: str, text: str, **_: Any) -> Reply:
        self.asked.append((connection.model, instructions, text))
        if self.failure is not None:
            raise self.failure
        return Reply(self.answer, 120, 30)


def ask_for(me: Actor, patient_id: UUID, text: str = TEXT, **said: Any) -> UUID:
    """Look at what would be sent, and have it sent; the question's id."""
    with acting_as(me) as actor:
        shown = question(actor, patient_id, text)
        form: dict[str, Any] = {"shown_sha256": shown.sha256, "request_key": uuid7()} | said
        return ask(actor=actor, patient_id=patient_id, typed=text, **form)


def make_answer(me: Actor, patient_id: UUID, fake: Fake | None = None, text: str = TEXT) -> UUID:
    """A question that was asked and carried out."""
    asking_id = ask_for(me, patient_id, text)
    carry_out(actor=me, patient_id=patient_id, asking_id=asking_id, ask_model=fake or Fake())
    return asking_id
