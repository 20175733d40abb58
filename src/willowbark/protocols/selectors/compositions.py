"""Compositions as they were kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import require_reach
from willowbark.protocols.core import explaining
from willowbark.protocols.core import plan as plans
from willowbark.protocols.core import problem as problems
from willowbark.protocols.core.canonical import as_document
from willowbark.protocols.core.documents import built
from willowbark.protocols.core.lines import PlanLine, lines_of, sentences_of
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.core.overrides import Override, overrides_of
from willowbark.protocols.core.review import Item, review_of
from willowbark.protocols.models import Composition
from willowbark.protocols.selectors.drafts import COMPOSE


@dataclass(frozen=True)
class CompositionView:
    """One composition: the bytes as they are kept, and what they say."""

    id: UUID
    patient_id: UUID
    draft_id: UUID
    master_keys: tuple[str, ...]
    problem_bytes: bytes
    plan_bytes: bytes
    explanation_bytes: bytes
    situation_bytes: bytes
    problem_sha256: str
    basis_sha256: str
    release_id: str
    library_id: str
    solver: str
    status: str
    composed_by: UUID
    composed_at: datetime

    @cached_property
    def problem(self) -> problems.Problem:
        """The problem that was solved; it was checked before it was kept."""
        return built(problems.Problem, json.loads(self.problem_bytes))

    @cached_property
    def plan(self) -> plans.Plan:
        """The answer; it was checked before it was kept."""
        return built(plans.Plan, json.loads(self.plan_bytes))

    @cached_property
    def explanation(self) -> Mapping[str, Any]:
        """Why each product was chosen or refused."""
        found: Mapping[str, Any] = json.loads(self.explanation_bytes)
        return found

    @cached_property
    def situation(self) -> Mapping[str, Any]:
        """What it was made from."""
        found: Mapping[str, Any] = json.loads(self.situation_bytes)
        return found

    @cached_property
    def lines(self) -> tuple[PlanLine, ...]:
        """The plan's lines with what each is for."""
        return lines_of(self.problem, self.plan, self.situation, self.explanation)

    @cached_property
    def overrides(self) -> tuple[Override, ...]:
        """What was decided by hand, otherwise than the Master Protocols and the composer would."""
        return overrides_of(self.problem, self.master_keys)

    @cached_property
    def review(self) -> tuple[Item, ...]:
        """What must be looked at before it is signed."""
        return review_of(self.problem, self.plan, self.situation)


def masters_of(library: Library, view: CompositionView) -> tuple[Master, ...]:
    """
    The Master Protocols of a composition, each in the phase that was composed.

    Raises:
        UnknownMaster, UnknownPhase: the library has one no longer.
    """
    phases = {each["key"]: each.get("phase", "") for each in view.situation["masters"]}
    return tuple(library.master(key).in_phase(phases.get(key, "")) for key in view.master_keys)


def view_of(row: Composition) -> CompositionView:
    """A row as a value."""
    return CompositionView(
        id=row.pk,
        patient_id=row.patient_id,
        draft_id=row.draft_id,
        master_keys=tuple(row.master_keys),
        problem_bytes=bytes(row.problem),
        plan_bytes=bytes(row.plan),
        explanation_bytes=bytes(row.explanation),
        situation_bytes=bytes(row.situation),
        problem_sha256=row.problem_sha256,
        basis_sha256=row.basis_sha256,
        release_id=row.release_id,
        library_id=row.library_id,
        solver=row.solver,
        status=row.status,
        composed_by=row.composed_by_id,
        composed_at=row.composed_at,
    )


def composition(actor: Actor, patient_id: UUID, composition_id: UUID) -> CompositionView:
    """
    One composition. The reading is logged.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such composition of a patient within reach.
    """
    require_reach(actor, patient_id, COMPOSE)
    access.record_read(
        actor, "protocols.composition_read", patient_id=patient_id, subject=str(composition_id)
    )
    row = Composition.objects.filter(patient_id=patient_id, pk=composition_id).first()
    if row is None:
        raise NotFound("composition")
    return view_of(row)


def reasons_of(view: CompositionView, product_key: str) -> tuple[str, ...]:
    """
    Why a product is in a composition's plan or is not, compared with the best plan otherwise; sentences.

    Raises:
        NotFound: the problem has no such product.
    """
    if product_key not in {each.key for each in view.problem.products}:
        raise NotFound("product")
    found = explaining.explain(view.problem, view.plan, products=[product_key])
    reason = found.chosen.get(product_key) or found.refused.get(product_key)
    return sentences_of(as_document(reason)) if reason else ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A problem and the plan that was kept for it, as bytes; nothing about whom they are."""

    problem: bytes
    plan: bytes


def stored_problem(actor: Actor, composition_id: UUID) -> Stored:
    """
    The problem and the plan of a composition, found by its id alone, to solve it anew. Logged.

    Raises:
        NotFound: no such composition within the actor's reach.
    """
    row = Composition.objects.filter(pk=composition_id).order_by("patient_id").first()
    if row is None:
        raise NotFound("composition")
    access.record_read(
        actor, "protocols.composition_replayed", patient_id=row.patient_id, subject=str(composition_id)
    )
    return Stored(bytes(row.problem), bytes(row.plan))
