"""Compose: read the record, build the problem, solve it, hold the answer against the rules, keep it all."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict
from willowbark.protocols.core import checking, explaining, solving
from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving import DETERMINISTIC_LIMIT
from willowbark.protocols.models import Composition, Draft
from willowbark.protocols.selectors.compositions import CompositionView, view_of
from willowbark.protocols.selectors.considering import Considered, consider
from willowbark.protocols.selectors.drafts import DraftView
from willowbark.protocols.selectors.drafts import draft as find_draft
from willowbark.protocols.selectors.freshness import last_of
from willowbark.protocols.services.drafts import DraftClosed


class BrokenPlan(Conflict):
    """The solver's plan breaks a rule of its own problem: a fault of ours. Nothing was kept."""

    code = "broken_plan"


class NoMasters(Conflict):
    """No Master Protocol was chosen yet."""

    code = "no_masters"


# Of the solver's deterministic time, some thirty milliseconds: mostly it suffices for the proof of one Master
# Protocol, with so many products to choose from. With more, the first answer is what a search begins with.
AT_ONCE, SOON_PROVEN_PRODUCTS = 0.01, 48


@transaction.atomic
def compose(*, actor: Actor, patient_id: UUID, draft_id: UUID, at_once: bool = False) -> CompositionView:
    """
    The plan for a draft as everything is now; kept whole, with its problem and its explanation.

    When the draft was composed of just this before, that composition is returned. No row is locked while the
    problem is solved, which begins with the plan that was there before. With `at_once` the search ends with
    the first good plan: 'unproven', unless the proof came as fast. Composing again without it proves it.

    Raises:
        Forbidden: the actor composes no protocols, or may not read the record.
        NotFound: no such draft of a patient within reach.
        DraftClosed: it was signed or set aside.
        NoMasters: no Master Protocol was chosen.
        NothingToCompose: no product holds what is wanted.
        BrokenPlan: the answer does not hold against the rules.
    """
    draft = find_draft(actor, patient_id, draft_id)
    if draft.state != "open":
        raise DraftClosed("This draft was signed or set aside. Open the composer again.")
    if not draft.master_keys:
        raise NoMasters("Choose a Master Protocol first.")
    considered = consider(actor, draft)
    before = last_of(draft, considered.basis_sha256)
    is_same = before is not None and before.basis_sha256 == considered.basis_sha256
    if before is not None and is_same and (at_once or before.plan.status is not Status.UNPROVEN):
        return before
    problem = considered.problem
    plan = solved(problem, before=before, at_once=at_once)
    # What another plan would cost is worked out when somebody asks: see `selectors.compositions.reasons_of`.
    explanation = explaining.explain(problem, plan, deterministic_limit=0.0)
    _still_open(patient_id, draft_id)
    row = composition_of(actor, draft, considered, plan, to_bytes(as_document(explanation)))
    row.save(force_insert=True)
    access.record_write(actor, "protocols.composed", patient_id=patient_id, subject=str(row.pk))
    return view_of(row)


def composition_of(
    actor: Actor, draft: DraftView, considered: Considered, plan: Plan, explanation: bytes
) -> Composition:
    """The row of a composition that the actor makes now; not stored yet."""
    return Composition(
        id=uuid7(),
        patient_id=draft.patient_id,
        draft_id=draft.id,
        master_keys=list(draft.master_keys),
        problem=considered.problem_bytes,
        problem_sha256=considered.problem.sha256,
        plan=plan.to_bytes(),
        explanation=explanation,
        situation=considered.situation_bytes,
        basis_sha256=considered.basis_sha256,
        release_id=considered.release.id,
        library_id=considered.situation["library_id"],
        solver=f"{plan.solver.name} {plan.solver.version}",
        status=str(plan.status),
        composed_by_id=actor.user_id,
        composed_at=clock.now(),
    )


def solved(problem: Problem, *, before: CompositionView | None = None, at_once: bool = False) -> Plan:
    """
    The best plan, held against the rules by code that is not the solver's; `at_once` a good one.

    `before` is what to begin with.

    Raises:
        BrokenPlan: it breaks one.
    """
    little = AT_ONCE if len(problem.products) <= SOON_PROVEN_PRODUCTS else 0.0
    plan = solving.solve(
        problem,
        start=before.plan if before else None,
        of=before.problem if before else None,
        deterministic_limit=little if at_once else DETERMINISTIC_LIMIT,
    )
    if plan.status is not Status.INFEASIBLE:
        broken = checking.broken_rules(problem, plan)
        if broken:
            raise BrokenPlan(f"The plan breaks {', '.join(broken[:5])}. Nothing was kept.")
    return plan


def _still_open(patient_id: UUID, draft_id: UUID) -> None:
    row = Draft.objects.select_for_update().filter(patient_id=patient_id, pk=draft_id, state="open").first()
    if row is None:
        raise DraftClosed("This draft was signed or set aside meanwhile. Open the composer again.")
