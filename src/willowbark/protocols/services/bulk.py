"""
Protocols composed and signed in bulk: the record is read first, then plans are made with no database, then
all is stored at once, as who signed them.

What comes out is what `open_draft`, `compose` and `sign` leave behind, without their messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from willowbark.catalog.core.products import ProductInfo
from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.selectors import open_record
from willowbark.protocols.core import explaining
from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.masters import Library
from willowbark.protocols.core.overrides import Reason, check_reasons
from willowbark.protocols.core.plan import Plan
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.review import Item, check_acknowledged
from willowbark.protocols.models import Composition, Draft, ProtocolLine, ProtocolOverride, SignedProtocol
from willowbark.protocols.selectors.compositions import CompositionView, view_of
from willowbark.protocols.selectors.considering import Reading, considered_with, reading_of
from willowbark.protocols.selectors.drafts import view_of as draft_view_of
from willowbark.protocols.services.composing import composition_of, solved
from willowbark.protocols.services.drafts import new_draft
from willowbark.protocols.services.signing import (
    SIGN,
    check_proven,
    new_lines,
    new_overrides,
    new_protocol,
    tasks_of,
)
from willowbark.record.selectors.standing import standing_of
from willowbark.worklist.services import PreparedTask, prepare_task, store_tasks

BATCH = 200


class Solutions:
    """Plans by their problems: the same problem has one best plan, whoever has it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Plan, bytes]] = {}

    def of(self, problem: Problem) -> tuple[Plan, bytes]:
        """
        The plan of a problem, and its explanation as it is stored.

        Raises:
            BrokenPlan: the plan breaks a rule of its problem.
        """
        if problem.sha256 not in self._known:
            plan = solved(problem)
            explanation = explaining.explain(problem, plan, deterministic_limit=0.0)
            self._known[problem.sha256] = plan, to_bytes(as_document(explanation))
        return self._known[problem.sha256]


@dataclass(frozen=True, slots=True)
class PreparedProtocol:
    """A signed protocol with its lines and tasks, not stored yet."""

    row: SignedProtocol
    lines: tuple[ProtocolLine, ...]
    tasks: tuple[PreparedTask, ...]
    overrides: tuple[ProtocolOverride, ...] = ()

    @property
    def id(self) -> UUID:
        """The protocol's id."""
        return self.row.pk

    @property
    def containers(self) -> dict[UUID, tuple[UUID, int]]:
        """What was signed: line -> product and containers."""
        return {line.pk: (line.product_id, line.containers) for line in self.lines}


@dataclass(slots=True)
class PreparedDraft:
    """A draft with the one composition that was made of it, not stored yet; `signed` when it was."""

    draft: Draft
    composition: Composition
    view: CompositionView
    library: Library
    signed: PreparedProtocol | None = None

    @property
    def patient_id(self) -> UUID:
        """Whose it is."""
        return self.draft.patient_id

    @property
    def review(self) -> tuple[Item, ...]:
        """What must be looked at before it is signed."""
        return self.view.review


def read_for_composing(actor: Actor, patient_id: UUID) -> Reading:
    """
    What of a record a composition is made from now. The reading is logged.

    Raises:
        Forbidden: the actor may not read the record.
        NotFound: no such patient within reach.
    """
    record = open_record(actor, patient_id, "record.read", action="protocols.considered")
    return reading_of(record, standing_of(actor, record))


def prepare_draft(
    actor: Actor,
    reading: Reading,
    master_keys: Sequence[str],
    change: Callable[[Choices], Choices] | None = None,
) -> Draft:
    """A draft that the actor opens now, for the shelf that counts; `change` decides something by hand."""
    patient = reading.record.patient
    draft = new_draft(actor, patient.pk, patient.home_site_id, master_keys)
    if change:
        draft.choices = change(Choices()).as_document()
    return draft


def prepare_composition(
    actor: Actor,
    draft: Draft,
    reading: Reading,
    *,
    offered: Sequence[ProductInfo],
    stock: Mapping[UUID, int],
    solutions: Solutions,
) -> PreparedDraft:
    """
    What the actor composes now of a draft, with these products on offer and this stock.

    Raises:
        NothingToCompose: no product holds what is wanted.
        BrokenPlan: the answer does not hold against the rules.
    """
    view = draft_view_of(draft)
    considered = considered_with(reading, view, offered=offered, stock=stock)
    plan, explanation = solutions.of(considered.problem)
    row = composition_of(actor, view, considered, plan, explanation)
    return PreparedDraft(draft, row, view_of(row), reading.library)


def prepare_signature(
    actor: Actor,
    prepared: PreparedDraft,
    acknowledged: Mapping[str, str],
    *,
    starts_on: date,
    request_key: UUID,
    reasons: Mapping[str, Reason] | None = None,
) -> PreparedProtocol:
    """
    The actor signs now what was prepared: the patient's first protocol.

    Raises:
        Infeasible, NotProven, CannotBeSigned: it cannot be signed, and why.
        NotAcknowledged: something was not answered in words, or has no reason; `field` names it.
    """
    view, draft = prepared.view, prepared.draft
    check_proven(view)
    words = check_acknowledged(view.review, acknowledged)
    overrides = tuple(zip(view.overrides, check_reasons(view.overrides, reasons or {}), strict=True))
    library = prepared.library
    row = new_protocol(
        actor,
        view,
        draft,
        words,
        request_key,
        starts_on,
        library=library,
        number=1,
        supersedes_id=None,
        overrides=overrides,
    )
    lines = tuple(new_lines(row, view.lines))
    decided = tuple(new_overrides(row, overrides))
    draft.state, draft.changed_at = "signed", clock.now()
    tasks = tuple(
        prepare_task(actor=actor, patient_id=prepared.patient_id, task=task, request_key=key)
        for task, key in tasks_of(actor, row, view, library)
    )
    outbox.pass_over()
    prepared.signed = PreparedProtocol(row, lines, tasks, decided)
    return prepared.signed


@transaction.atomic
def store_prepared(*, actor: Actor, prepared: Iterable[PreparedDraft]) -> None:
    """
    Store what the actor prepared. Logging access is the caller's; nobody is told.

    Raises:
        Forbidden: the actor signs no protocols.
        IntegrityError: a patient has a protocol in force or an open draft, or a row breaks another rule.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, SIGN)
    drafts = list(prepared)
    signed = [one.signed for one in drafts if one.signed]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Draft.objects.bulk_create([one.draft for one in drafts], batch_size=BATCH)
    Composition.objects.bulk_create([one.composition for one in drafts], batch_size=BATCH)
    SignedProtocol.objects.bulk_create([one.row for one in signed], batch_size=BATCH)
    ProtocolLine.objects.bulk_create([line for one in signed for line in one.lines], batch_size=BATCH)
    ProtocolOverride.objects.bulk_create(
        [override for one in signed for override in one.overrides], batch_size=BATCH
    )
    store_tasks(actor=actor, tasks=[task for one in signed for task in one.tasks])
