"""What the part "Describe in your words" of the composer's page is given."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from willowbark.assistant.core.connection import Connection
from willowbark.assistant.core.failures import SENTENCES
from willowbark.assistant.core.proposing import LEFT_OUT, MOST_CHARACTERS
from willowbark.assistant.selectors.asking import AskingView, Question, connection, open_asking
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound
from willowbark.knowledge.selectors import release
from willowbark.protocols.selectors.library import library


@dataclass(frozen=True, slots=True)
class Offered:
    """A proposal to be ticked: what it is, and the words of the text that it rests on."""

    key: str
    title: str
    detail: str
    quote: str


@dataclass(frozen=True, slots=True)
class AskingShown:
    """A question and its answer; `failure_text` says why there is none."""

    view: AskingView
    masters: tuple[Offered, ...]
    targets: tuple[Offered, ...]
    left_out: tuple[str, ...]
    failure_text: str

    @property
    def is_under_way(self) -> bool:
        """Whether the answer is still waited for."""
        return self.view.state in ("waiting", "asking")


@dataclass(frozen=True, slots=True)
class WordsPage:
    """
    The part as it stands: an empty field, a `question` as it would be sent, or an `asking`.

    `text` is what was typed, `error_text` what is wrong with it, `problem` why nothing can be asked at all.
    """

    patient_id: UUID
    connection: Connection
    problem: str = ""
    text: str = ""
    error_text: str = ""
    question: Question | None = None
    asking: AskingShown | None = None
    most_characters: int = MOST_CHARACTERS

    @property
    def request_key(self) -> str:
        """The key of the next question."""
        return str(uuid7())


def words_of(
    actor: Actor,
    patient_id: UUID,
    *,
    text: str = "",
    error_text: str = "",
    question: Question | None = None,
    asking: AskingView | None = None,
) -> WordsPage:
    """
    The part of the page.

    Raises:
        NotFound: the practice has no language model.
    """
    found = connection()
    if found is None:
        raise NotFound("language model")
    return WordsPage(
        patient_id=patient_id,
        connection=found,
        problem=found.problem,
        text=text,
        error_text=error_text,
        question=question,
        asking=asking_shown(actor, asking) if asking else None,
    )


def asking_shown(actor: Actor, view: AskingView) -> AskingShown:
    """A question and what of its answer can be taken, in words that are none of the model's."""
    failure = f"{SENTENCES[view.failure]} Nothing was changed." if view.failure else ""
    if view.proposals is None:
        return AskingShown(view, (), (), (), failure)
    masters, ingredients = library(actor).masters, release().ingredients
    return AskingShown(
        view=view,
        masters=tuple(
            Offered(each.key, masters[each.key].title, masters[each.key].summary, each.quote)
            for each in view.proposals.masters
            if each.key in masters
        ),
        targets=tuple(
            Offered(key, ingredients[key].name, f"{each.wanted.text} a day", each.quote)
            for each in view.proposals.targets
            if (key := each.wanted.ingredient_key) in ingredients
        ),
        left_out=tuple(LEFT_OUT[kind].format(count) for kind, count in view.proposals.left_out.items()),
        failure_text=failure,
    )


def panel(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The part on the composer's page; nothing at all where the practice has no language model."""
    if patient_id is None or connection() is None:
        return ""
    page = words_of(actor, patient_id, asking=open_asking(actor, patient_id))
    return render_to_string("assistant/words.html", {"page": page}, request)
