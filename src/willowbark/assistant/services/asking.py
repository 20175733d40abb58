"""Ask the practice's language model about a patient, in the worker: no page waits, and no row is locked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.db import transaction

from willowbark.assistant.core.connection import Connection
from willowbark.assistant.core.failures import Cancelled, NoAnswer
from willowbark.assistant.core.proposing import PROMPT_VERSION, Offer, judged
from willowbark.assistant.models import Asking
from willowbark.assistant.selectors.asking import COMPOSE, NoLanguageModel, offer, question, usable_connection
from willowbark.foundation import access, clock, jobs
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, NotFound, RequestKeyReused
from willowbark.patients.selectors import require_reach

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from willowbark.assistant.language_model.asking import Reply

ASK = "assistant.ask"


class NotAsShown(Conflict):
    """What would be sent is no longer what was shown."""

    code = "not_as_shown"


class Asks(Protocol):
    """How a model is asked: `language_model.asking.ask`, or what stands in its place."""

    def __call__(
        self,
        connection: Connection,
        *,
        instructions: str,
        text: str,
        schema: Mapping[str, Any],
        goes_on: Callable[[], bool],
    ) -> Reply:
        """The reply."""


@transaction.atomic
def ask(*, actor: Actor, patient_id: UUID, typed: str, shown_sha256: str, request_key: UUID) -> UUID:
    """
    Have the model asked exactly what was shown; the id of the question.

    A question that was answered before is not sent again: it is the one that is returned.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or not for this patient.
        NoLanguageModel: there is none, or it may not be asked.
        Invalid: no text, too long a one, or one that names the patient and would leave the practice.
        NotAsShown: the lists, the model or the text are not those that were shown.
        RequestKeyReused: the key came before with another question.
    """
    asked = question(actor, patient_id, typed)
    rows = Asking.objects.filter(patient_id=patient_id)
    before = rows.filter(request_key=request_key).first()
    if before is not None:
        if before.asked_sha256 != asked.sha256:
            raise RequestKeyReused("This form has asked something else before.")
        return before.pk
    if asked.sha256 != shown_sha256:
        raise NotAsShown("What would be sent has changed since it was shown. Look at it again.")
    same = rows.filter(asked_sha256=asked.sha256, state="answered").order_by("asked_at", "id").first()
    if same is not None:
        access.record_read(actor, "assistant.asked_before", patient_id=patient_id, subject=str(same.pk))
        return same.pk
    row = Asking(
        id=uuid7(),
        patient_id=patient_id,
        text=asked.text,
        instructions=asked.instructions,
        asked_sha256=asked.sha256,
        prompt_version=PROMPT_VERSION,
        model=asked.connection.model,
        endpoint=asked.connection.endpoint,
        host=asked.connection.host,
        asked_by_id=actor.user_id,
        asked_at=clock.now(),
        request_key=request_key,
    )
    row.save(force_insert=True)
    access.record_write(actor, "assistant.asked", patient_id=patient_id, subject=_subject(row))
    jobs.defer(ASK, patient_id=str(patient_id), asking_id=str(row.pk), asked_by=str(actor.user_id))
    return row.pk


def _subject(row: Asking) -> str:
    return f"{row.pk} {row.model[:40]} at {row.host[:40]}, SHA-256 {row.asked_sha256}"


@transaction.atomic
def cancel(*, actor: Actor, patient_id: UUID, asking_id: UUID) -> None:
    """
    Want the answer no more. Of a question that has ended nothing changes.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or there is no such question within reach.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = _locked(patient_id, asking_id)
    if row.state in ("waiting", "asking"):
        _end(actor, row, "cancelled")


def _locked(patient_id: UUID, asking_id: UUID) -> Asking:
    row = Asking.objects.select_for_update().filter(patient_id=patient_id, pk=asking_id).first()
    if row is None:
        raise NotFound("question")
    return row


@dataclass(frozen=True, slots=True)
class _Sending:
    """What goes now, and the lists that its answer is read by."""

    row: Asking
    connection: Connection
    offer: Offer


def carry_out(*, actor: Actor, patient_id: UUID, asking_id: UUID, ask_model: Asks | None = None) -> None:
    """
    Ask what waits to be asked, outside any transaction, and keep what came back: several transactions.

    What was under way when a worker was killed is not sent a second time: it ends as interrupted.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or there is no such question within reach.
    """
    with acting_as(actor):
        sending = _begin(actor, patient_id, asking_id)
    if sending is None:
        return

    def goes_on() -> bool:
        with acting_as(actor):
            return Asking.objects.filter(patient_id=patient_id, pk=asking_id, state="asking").exists()

    # Here and not above: a practice without a model never loads what is behind it.
    from willowbark.assistant.language_model.answers import AnswerTypes

    types = AnswerTypes(sending.offer)
    try:
        reply = (ask_model or _own_model())(
            sending.connection,
            instructions=sending.row.instructions,
            text=sending.row.text,
            schema=types.schema,
            goes_on=goes_on,
        )
    except Cancelled:
        return
    except NoAnswer as error:
        with acting_as(actor):
            _fail(actor, _locked(patient_id, asking_id), error.code)
        return
    proposals = judged(types.picked(reply.answer), sending.row.text, sending.offer)
    with acting_as(actor):
        row = _locked(patient_id, asking_id)
        if row.state == "asking":
            row.answer, row.proposals = dict(reply.answer), proposals.as_document()
            row.input_tokens, row.output_tokens = reply.input_tokens, reply.output_tokens
            _end(actor, row, "answered")


def _own_model() -> Asks:
    from willowbark.assistant.language_model.asking import ask as asks

    return asks


@transaction.atomic
def _begin(actor: Actor, patient_id: UUID, asking_id: UUID) -> _Sending | None:
    """Say that it is sent now, so that it is known whatever happens next; None when it is not to be sent."""
    require_reach(actor, patient_id, COMPOSE)
    row = _locked(patient_id, asking_id)
    if row.state != "waiting":
        if row.state == "asking":
            _fail(actor, row, "interrupted")
        return None
    try:
        where, lists = usable_connection(), offer(actor)
    except NoLanguageModel:
        where, lists = None, None
    is_same = where is not None and (where.model, where.endpoint) == (row.model, row.endpoint)
    if where is None or lists is None or not is_same:
        _fail(actor, row, "not_allowed")
        return None
    row.state, row.sent_at = "asking", clock.now()
    row.save(update_fields=["state", "sent_at"])
    access.record_write(actor, "assistant.sent", patient_id=patient_id, subject=_subject(row))
    return _Sending(row, where, lists)


def _fail(actor: Actor, row: Asking, code: str) -> None:
    if row.state in ("waiting", "asking"):
        row.failure = code
        _end(actor, row, "failed")


def _end(actor: Actor, row: Asking, state: str) -> None:
    row.state, row.ended_at = state, clock.now()
    row.save(
        update_fields=[
            "state",
            "failure",
            "answer",
            "proposals",
            "input_tokens",
            "output_tokens",
            "ended_at",
        ]
    )
    said = row.failure
    if row.answer is not None:
        digest = hashlib.sha256(json.dumps(row.answer, sort_keys=True).encode()).hexdigest()
        said = f"{row.input_tokens}+{row.output_tokens} tokens, SHA-256 {digest}"
    access.record_write(
        actor, f"assistant.{state}", patient_id=row.patient_id, subject=f"{row.pk} {said}".strip()
    )
