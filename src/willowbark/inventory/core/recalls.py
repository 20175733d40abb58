"""How bad a recalled product is, in the words of who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RecallClass:
    """
    A class of recalls: `meaning` says it in words.

    Whoever was given the product is to be told within `within_days` of the recall; 0 is the same day. The
    days are a default of the house; no authority sets them.
    """

    code: str
    label: str
    meaning: str
    within_days: int


# Classes of the FDA: 21 CFR 7.3(m). What the EU's alerts say of a risk, "serious" or not: Delegated
# Regulation (EU) 2024/3173; food supplements go by the alerts for food, which say "serious" alike.
CLASSES: Final = (
    RecallClass("", "Not classified yet", "Nobody has said how bad it is: it is treated like the worst.", 0),
    RecallClass(
        "fda_1", "FDA Class I", "Reasonable probability of serious adverse health consequences or death.", 0
    ),
    RecallClass(
        "fda_2",
        "FDA Class II",
        "Temporary or medically reversible consequences, or a remote probability of serious ones.",
        2,
    ),
    RecallClass("fda_3", "FDA Class III", "Not likely to cause adverse health consequences.", 7),
    RecallClass("eu_serious", "EU alert: serious risk", "A serious risk to health.", 0),
    RecallClass("eu_other", "EU alert: other risk", "A risk that is less than serious.", 2),
)
BY_CODE: Final = {each.code: each for each in CLASSES}
