"""Questions to a language model that have an answer, for every address of theirs."""

from __future__ import annotations

from uuid import UUID

from willowbark.assistant.selectors.asking import question
from willowbark.assistant.testing import INSIDE, TEXT, configured, make_answer
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PracticeForTests


class ToAsk:
    """An answer about each patient, for which Eve asked while the practice had a language model."""

    def __init__(self, practice: PracticeForTests, ann: UUID, ben: UUID) -> None:
        self._eve = practice.everywhere
        with configured(**INSIDE):
            self._answered = {patient: make_answer(self._eve, patient) for patient in (ann, ben)}

    def answer(self, patient: UUID) -> UUID:
        """The question about a patient; an id that nobody has for one who does not exist."""
        return self._answered.get(patient, uuid7())

    def form(self, patient: UUID) -> dict[str, str]:
        """What the form says that sends what was shown."""
        form = {"text": TEXT, "shown": "", "request_key": str(uuid7())}
        if patient in self._answered:
            with configured(**INSIDE), acting_as(self._eve) as eve:
                form["shown"] = question(eve, patient, TEXT).sha256
        return form
