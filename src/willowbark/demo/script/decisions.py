"""What practitioners decide otherwise than the composer proposes, how often and why."""

from __future__ import annotations

from .dice import Dice
from .events import Decision

# How often each practitioner decides something by hand: one seldom, one as is healthy, one nearly always.
SHARES = {"henrik": 0.25, "amara": 0.5, "tomasz": 0.75}
# What is decided of each Master Protocol, where it was in the plan or could be.
DECISIONS: dict[str, tuple[Decision, ...]] = {
    "metabolic_health": (
        Decision("berberine_500", True, "tolerance", "Cramps with berberine in spring"),
        Decision("magnesium_oxide_250", True, "tolerance", "Loose stools with magnesium oxide"),
        Decision("chromium_polynicotinate_200", True, "preference", ""),
    ),
    "lipid_balance": (
        Decision("garlic_aged_600", True, "preference", ""),
        Decision("berberine_500", True, "cost", ""),
    ),
    "migraine_prevention": (
        Decision("feverfew_100", True, "risk", "Ragweed allergy in the family"),
        Decision("melatonin_3_slow", True, "tolerance", "Vivid dreams"),
    ),
    "perimenopause_support": (
        Decision("black_cohosh_40", True, "labs", "Liver enzymes were raised once"),
        Decision("saffron_28", True, "cost", ""),
    ),
    "restorative_sleep": (
        Decision("melatonin_1", True, "response", "It did not help before"),
        Decision("l_theanine_200", False, "response", "It helped before"),
    ),
    "stress_resilience": (
        Decision("ashwagandha_600", True, "risk", "Thyroid disease in the family"),
        Decision("magnesium_oxide_250", True, "tolerance", "Loose stools with magnesium oxide"),
    ),
    "thyroid_support": (
        Decision("zinc_gluconate_25", True, "labs", "Zinc was high in the last panel"),
        Decision("magnesium_oxide_250", True, "preference", "Eats enough of it"),
    ),
    "energy_mitochondria": (
        Decision("creatine_capsule_750", True, "preference", ""),
        Decision("alpha_lipoic_300", True, "cost", ""),
    ),
}


def decision(dice: Dice, practitioner: str, masters: tuple[str, ...]) -> Decision | None:
    """What this practitioner decides by hand of such a plan; None when it is signed as it was composed."""
    return dice.pick(DECISIONS[masters[0]]) if dice.chance(SHARES[practitioner]) else None
