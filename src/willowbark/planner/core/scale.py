"""Beyond one practice: sites and regions, what is only extrapolated, and the plateau that holds most."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Scenario

EVIDENCE_PATIENTS = 1_200
PLATEAU = (1_000, 10_000)
BARRIERS = {
    "data_unified": "Fragmented data systems",
    "burnout_prevented": "Clinician burnout",
    "payers_aligned": "Payer constraints",
    "admin_trained": "Poorly trained administrative staff",
    "acquisition_steady": "Uneven patient acquisition",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Where the practice stands beside what is known.

    Attributes:
        is_extrapolated: more patients at a site than any stage that was published; the straight line goes on.
        evidence_patients: to how many at one site there is evidence.
        barriers: what holds growth, of those that the scenario does not lift.
        plateau_patients: between how many patients growth is held; None when every barrier is lifted.
        is_held: the practice's patients, or those it grows to, are beyond the low end of it.
    """

    sites: int
    regions: int
    patients_per_site: float
    is_extrapolated: bool
    evidence_patients: int
    barriers: tuple[str, ...]
    plateau_patients: Range | None
    is_held: bool


def scale(scenario: Scenario) -> Scale:
    """
    Sites, evidence and barriers of a scenario.

    Ventures plateau between 1,000 and 10,000 patients while the five barriers stand. Each barrier lifted
    moves the low end on by a fifth of that way, on a logarithmic scale (an assumption: no document says which
    barrier holds how much); all five lifted lift the plateau.

    Raises:
        BadScenario: the growth is given twice and does not agree.
    """
    sites, regions = scenario.whole("scale.sites"), scenario.whole("scale.regions")
    patients = max(scenario.number("practice.active_patients"), growth_end(scenario) or 0)
    standing = tuple(said for name, said in BARRIERS.items() if not scenario.flag(f"scale.{name}"))
    low, high = PLATEAU
    lifted = (len(BARRIERS) - len(standing)) / len(BARRIERS)
    plateau = Range(low * (high / low) ** lifted, float(high)) if standing else None
    return Scale(
        sites=sites,
        regions=regions,
        patients_per_site=patients / sites,
        is_extrapolated=patients / sites > EVIDENCE_PATIENTS or sites > 1,
        evidence_patients=EVIDENCE_PATIENTS,
        barriers=standing,
        plateau_patients=plateau,
        is_held=plateau is not None and patients > plateau.low,
    )
