"""What would come of a draft if something were decided otherwise; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.compositions import composition as find_composition
from willowbark.protocols.selectors.considering import Considered, consider
from willowbark.protocols.selectors.drafts import draft as find_draft
from willowbark.protocols.services.composing import solved


@dataclass(frozen=True)
class Supposed:
    """
    What would be considered, and the plan that would come of it.

    `before` is the composition on the page, and `is_chosen` says that its draft asks for just this already.
    """

    considered: Considered
    plan: Plan
    before: CompositionView
    is_chosen: bool


def suppose(
    *,
    actor: Actor,
    patient_id: UUID,
    composition_id: UUID,
    change: Callable[[Choices], Choices],
    at_once: bool = False,
) -> Supposed:
    """
    The plan that a composition's draft would come to with other choices, held against every rule.

    Nothing is kept. The search begins with the composition's plan; with `at_once` the answer may be unproven.
    The reading of the record is logged.

    Raises:
        Forbidden: the actor composes no protocols, or may not read the record.
        NotFound: no such composition of a patient within reach.
        NothingToCompose: no product holds what is wanted.
        Invalid: what `change` refuses.
        BrokenPlan: the answer does not hold against the rules.
    """
    before = find_composition(actor, patient_id, composition_id)
    draft = find_draft(actor, patient_id, before.draft_id)
    otherwise = replace(draft, choices=change(draft.choices))
    considered = consider(actor, otherwise)
    plan = before.plan
    if considered.basis_sha256 != before.basis_sha256 or plan.status is Status.UNPROVEN:
        plan = solved(considered.problem, before=before, at_once=at_once)
    return Supposed(considered, plan, before, otherwise.choices == draft.choices)
