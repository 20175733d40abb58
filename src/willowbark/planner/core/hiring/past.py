"""A practice's own account, and the people there are beside those of the peer clinic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from willowbark.planner.core.plan_capacity import HAVE
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Record, Scenario


@dataclass(frozen=True, slots=True)
class Past:
    """One entry of a practice's own account, with what follows from it."""

    label: str
    patients: float | None
    practitioners: float | None
    utilisation: float | None
    utilisation_before_hire: float | None
    patients_per_fte: float | None


@dataclass(frozen=True, slots=True)
class Peer:
    """The people there are, or were, beside those of the peer clinic, in patients of one FTE."""

    patients_per_fte: float
    peer_patients_per_fte: float
    ratio: float


def past_of(scenario: Scenario) -> Iterator[Past]:
    """Each entry of the account, oldest first, with how full the practice was before and after a hire."""
    target = scenario.range("hire.target_panel").middle
    before: float | None = None
    for one in scenario.records("hire.history"):
        patients, practitioners, total = (
            number_of(one, name) for name in ("patients", "practitioners", "total_fte")
        )
        label = number_of(one, "label")
        yield Past(
            label=f"Q{int(label) % 10} {int(label) // 10}" if label else "",
            patients=patients,
            practitioners=practitioners,
            utilisation=_share(patients, practitioners, target),
            utilisation_before_hire=_share(patients, before, target),
            patients_per_fte=patients / total if patients is not None and total else None,
        )
        before = practitioners if practitioners is not None else before


def _share(patients: float | None, practitioners: float | None, target: float) -> float | None:
    if patients is None or not practitioners:
        return None
    return patients / (practitioners * target)


def peer_of(scenario: Scenario) -> Peer | None:
    """By the newest entry that counts all people; without one by the people there are, in their middle."""
    theirs_fte, theirs_patients = scenario.number("peer.fte"), scenario.number("peer.patients")
    patients, total = _patients_and_people(scenario)
    if patients is None or total <= 0 or theirs_fte <= 0 or theirs_patients <= 0:
        return None
    each, theirs = patients / total, theirs_patients / theirs_fte
    return Peer(each, theirs, each / theirs)


def _patients_and_people(scenario: Scenario) -> tuple[float | None, float]:
    told = [one for one in scenario.records("hire.history") if number_of(one, "total_fte")]
    if told:
        return number_of(told[-1], "patients"), number_of(told[-1], "total_fte") or 0
    return scenario.number("practice.active_patients"), sum(map(scenario.number, HAVE.values()))


def number_of(record: Record, name: str) -> float | None:
    """The middle of what an entry says of this; None when it says nothing."""
    value = record[name]
    return value.middle if isinstance(value, Range) else None
