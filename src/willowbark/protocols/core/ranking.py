"""
Which concern comes first: severity x evidence x this patient's dose and results, and in words why.

The weights are this house's own choice. They order a list; nothing is hidden by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from willowbark.protocols.core.day import BURDENS

EVIDENCE: Final = {"A": 4, "B": 3, "C": 2, "D": 1}
# From this share of the upper limit on a dose counts as high.
HIGH_SHARE: Final = Decimal("0.5")
HIGH_DOSE: Final = 2
BY_RESULT: Final = 2
_EVIDENCE_WORDS: Final = {"A": "strong evidence", "B": "good evidence", "C": "some evidence", "D": "theory"}


@dataclass(frozen=True, slots=True)
class Rank:
    """How much a concern weighs, 1 and more, and in words why; it never decides whether it is shown."""

    weight: int
    because: str


def rank_of(
    severity: str, grade: str = "", *, share_of_limit: Decimal | None = None, result: str = ""
) -> Rank:
    """
    The weight of a concern, and why.

    `grade` is '' where no fact is behind it. `share_of_limit` is what is taken and given a day over the upper
    limit, None where there is none; `result` the laboratory result that makes it apply, in words.
    """
    weight = BURDENS.get(severity, 1) * EVIDENCE.get(grade, 1)
    said = [severity or "not checked"]
    if grade:
        said.append(_EVIDENCE_WORDS[grade])
    if share_of_limit is not None:
        is_high = share_of_limit >= HIGH_SHARE
        weight *= HIGH_DOSE if is_high else 1
        said.append(f"{(share_of_limit * 100).to_integral_value():f} % of the upper limit a day")
    if result:
        weight *= BY_RESULT
        said.append(result)
    text = ", ".join(said)
    return Rank(weight, f"{text[:1].upper()}{text[1:]}.")
