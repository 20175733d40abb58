"""Say why a plan is as it is: why each product was chosen, and why others were not."""

from __future__ import annotations

from collections.abc import Collection

from willowbark.protocols.core.explaining.chosen import why_chosen
from willowbark.protocols.core.explaining.facts import Facts
from willowbark.protocols.core.explaining.reasons import Code, Difference, Explanation, Reason
from willowbark.protocols.core.explaining.refused import why_refused
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving.variants import Variants

# Of the solver's deterministic time, for all comparisons of one explanation together.
DETERMINISTIC_LIMIT = 0.5


def explain(
    problem: Problem,
    plan: Plan,
    *,
    products: Collection[str] | None = None,
    deterministic_limit: float = DETERMINISTIC_LIMIT,
) -> Explanation:
    """
    Return the reasons for a plan's products, and for those others that hold something a target wants.

    `products` narrows it to some of them. Other plans are compared with this one as far as the limit goes,
    the chosen products first; what was not compared is said. Comparing supposes that the plan is proven: of
    another one only the reasons that need no comparison are given. The same problem, plan and limit give the
    same reasons. An infeasible plan has none: its clash is the reason.
    """
    if plan.status is Status.INFEASIBLE:
        return Explanation({}, {})
    facts = Facts(problem, plan)
    limit = deterministic_limit if plan.status is Status.PROVEN else 0.0
    variants = Variants(problem, facts.taken, limit)
    asked = [each for each in problem.products if products is None or each.key in products]
    chosen = {each.key: why_chosen(facts, each, variants) for each in asked if each.key in facts.taken}
    refused = {
        each.key: why_refused(facts, each, variants)
        for each in asked
        if each.key not in facts.taken and facts.wanted(each)
    }
    return Explanation(chosen, refused)


__all__ = ["DETERMINISTIC_LIMIT", "Code", "Difference", "Explanation", "Reason", "explain"]
