"""
Hours that one patient still needs of a practitioner when others take over a part of the care.

Altschuler J, Margolius D, Bodenheimer T, Grumbach K. Ann Fam Med 2012;10(5):396-400: preventive and chronic
care can be delegated in part, acute care is not. Its four panels come out within 0.5 %: it rounds hours to
hundredths.
"""

from __future__ import annotations

from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Scenario

HOURS = "delegation.hours_per_patient_year"
DELEGATED = ("preventive", "chronic")


def hours_of_a_patient(scenario: Scenario) -> Range | None:
    """
    Hours in a year as the scenario says: given, or what its shares leave; None where it says neither.

    A share that is not given is nothing.

    Raises:
        BadScenario: said both ways, or no hours are left.
    """
    given = [path for path in map(_share, DELEGATED) if scenario.has(path)]
    if not given:
        return scenario.range(HOURS) if scenario.has(HOURS) else None
    if scenario.has(HOURS):
        raise BadScenario(f"{HOURS} and {given[0]}: give one of them.", field=given[0])
    low = high = 0.0
    for kind in (*DELEGATED, "acute"):
        hours = scenario.range(f"delegation.{kind}_hours_per_patient_year")
        share = scenario.range(_share(kind)) if _share(kind) in given else Range(0, 0)
        low, high = low + hours.low * (1 - share.high), high + hours.high * (1 - share.low)
    if low <= 0:
        raise BadScenario(f"{given[0]} leaves no hours for a patient.", field=given[0])
    return Range(low, high)


def _share(kind: str) -> str:
    return f"delegation.delegated_{kind}_share"
