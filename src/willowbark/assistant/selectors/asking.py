"""The practice's language model, what it would be asked, and what it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from willowbark.assistant.core.connection import Connection, connection_of
from willowbark.assistant.core.proposing import (
    Offer,
    Proposals,
    asked_sha256,
    named_in,
    proposals_of,
    text_of,
)
from willowbark.assistant.models import Asking
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.selectors import OpenRecord, numbers_of, open_record, require_reach
from willowbark.protocols.selectors.library import in_force
from willowbark.protocols.selectors.wanting import wantable

COMPOSE = "protocols.compose"
# Of an answer that nobody took: so long it is shown again when somebody comes back.
_SHOWN_FOR = timedelta(hours=12)
# Beyond the time that an answer is waited for: then whoever asked has gone.
_GONE_AFTER = timedelta(seconds=60)


class NoLanguageModel(Conflict):
    """The practice has no language model, or has not said that it may be asked."""

    code = "no_language_model"


def connection() -> Connection | None:
    """The practice's language model, None when none is set up."""
    return connection_of(settings.WILLOWBARK)


def usable_connection() -> Connection:
    """
    The practice's language model, where it may be asked.

    Raises:
        NoLanguageModel: there is none, or patients' words may not be sent there.
    """
    found = connection()
    if found is None:
        raise NoLanguageModel("The practice has no language model.")
    if found.problem:
        raise NoLanguageModel(found.problem)
    return found


def offer(actor: Actor) -> Offer:
    """
    The closed lists that the model may pick from.

    Raises:
        Forbidden: the actor composes no protocols.
        NoLanguageModel: there is nothing to pick from.
    """
    found = Offer(masters=in_force().masters, ingredients=wantable(actor))
    if not found.masters or not found.ingredients:
        raise NoLanguageModel("The library or the catalog is empty, so there is nothing to propose.")
    return found


@dataclass(frozen=True, slots=True)
class Question:
    """Exactly what would be sent, and where; `sha256` is over all of it."""

    text: str
    instructions: str
    connection: Connection
    sha256: str


def question(actor: Actor, patient_id: UUID, typed: str) -> Question:
    """
    What the model would be asked: the text as it was typed, and the closed lists. The reading is logged.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or not for this patient.
        NoLanguageModel: there is none, or it may not be asked.
        Invalid: no text, too long a one, or one that names the patient and would leave the practice.
    """
    record = open_record(actor, patient_id, COMPOSE, action="assistant.question_read")
    where, text = usable_connection(), text_of(typed)
    if not where.is_inside:
        named = named_in(text, _names_of(record))
        if named:
            raise Invalid(
                f"The text names the patient (“{named}”), and it would go to {where.host}. Write it without.",
                field="text",
            )
    instructions = offer(actor).instructions
    digest = asked_sha256(text=text, instructions=instructions, model=where.model, endpoint=where.endpoint)
    return Question(text, instructions, where, digest)


def _names_of(record: OpenRecord) -> list[str]:
    """By what a text names this patient: names, numbers, and the birth date as it is usually written."""
    person = record.patient
    names = [each for each in f"{person.family} {person.given}".split() if len(each) > 2]
    born = person.birth_date
    dates = [f"{born:%Y-%m-%d}", f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}"] if born else []
    return [*names, *dates, *(each.value for each in numbers_of(record.patient_ids))]


@dataclass(frozen=True, slots=True)
class AskingView:
    """A question and how it stands; one that nobody waits for any more is said to have been interrupted."""

    id: UUID
    patient_id: UUID
    text: str
    model: str
    host: str
    state: str
    failure: str
    proposals: Proposals | None
    input_tokens: int
    output_tokens: int
    asked_at: datetime
    was_taken: bool


def view_of(row: Asking) -> AskingView:
    """A row as a value."""
    longest = timedelta(seconds=settings.WILLOWBARK.language_model_seconds) + _GONE_AFTER
    is_gone = row.state == "asking" and row.sent_at is not None and clock.now() > row.sent_at + longest
    return AskingView(
        id=row.pk,
        patient_id=row.patient_id,
        text=row.text,
        model=row.model,
        host=row.host,
        state="failed" if is_gone else row.state,
        failure="interrupted" if is_gone else row.failure,
        proposals=None if row.proposals is None else proposals_of(row.proposals),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        asked_at=row.asked_at,
        was_taken=row.taken_at is not None,
    )


def asking(actor: Actor, patient_id: UUID, asking_id: UUID) -> AskingView:
    """
    One question; the reading is logged.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or there is no such question within reach.
    """
    require_reach(actor, patient_id, COMPOSE)
    access.record_read(actor, "assistant.asking_read", patient_id=patient_id, subject=str(asking_id))
    row = Asking.objects.filter(patient_id=patient_id, pk=asking_id).first()
    if row is None:
        raise NotFound("question")
    return view_of(row)


def open_asking(actor: Actor, patient_id: UUID) -> AskingView | None:
    """The patient's last question, while it is asked or its answer waits for somebody; else None."""
    require_reach(actor, patient_id, COMPOSE)
    row = Asking.objects.filter(patient_id=patient_id).order_by("-asked_at", "-id").first()
    if row is None or row.state not in ("waiting", "asking", "answered"):
        return None
    if row.taken_at is not None or clock.now() > row.asked_at + _SHOWN_FOR:
        return None
    return view_of(row)
