"""Laboratory results that count as conditions. What cannot be compared is said, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.person import Known, Unrecognised
from willowbark.knowledge.core.release import Bound, LabFinding, Release

# SNOMED CT: positive, detected; HL7 v3 ObservationInterpretation: POS.
_POSITIVE_CODES = frozenset({"10828004", "260373001"})
_POSITIVE_WORDS = frozenset({"positive", "pos", "detected"})
_NEGATIVE_CODES = frozenset({"260385009", "260415000"})
_NEGATIVE_WORDS = frozenset({"negative", "neg", "not detected"})


class Result(Protocol):
    """A result of the record: of which test (LOINC), when, and what it says, as it was written."""

    @property
    def id(self) -> UUID:
        """Which entry."""

    @property
    def code(self) -> str:
        """The test's LOINC code."""

    @property
    def effective_at(self) -> datetime:
        """When the sample was taken."""

    @property
    def value(self) -> Decimal | None:
        """The number; None where the result is a word or a code."""

    @property
    def value_comparator(self) -> str:
        """'', '<', '<=', '>=' or '>'."""

    @property
    def unit(self) -> str:
        """UCUM."""

    @property
    def value_code(self) -> str:
        """A code that says it; '' without one."""

    @property
    def value_text(self) -> str:
        """Words that say it; '' without any."""

    @property
    def interpretation(self) -> str:
        """The laboratory's own; '' without one."""


def read_results(
    release: Release, results: Iterable[Result], on: date
) -> tuple[tuple[Known, ...], tuple[Unrecognised, ...]]:
    """
    What the newest result of each finding's tests counts as on a day, and what could not be compared.

    A result counts until a newer one of the same tests that can be compared, and not for longer than its
    finding says: a newer one in another unit, or without a number, takes nothing back.
    """
    given = sorted(results, key=lambda one: (one.effective_at, one.id))
    keys: dict[UUID, set[str]] = {}
    texts: dict[UUID, str] = {}
    not_compared: dict[UUID, Unrecognised] = {}
    for finding in release.lab_findings:
        for one in (one for one in reversed(given) if one.code in finding.loinc):
            if one.effective_at.date() + timedelta(days=finding.counts_days) < on:
                break
            counts = _counts(finding, one)
            texts[one.id] = _said(finding, one)
            if counts is not None:
                if counts:
                    keys.setdefault(one.id, set()).add(finding.condition_key)
                break
            why = f"whether it counts as {finding.condition_key.replace('_', ' ')} cannot be told"
            not_compared[one.id] = Unrecognised(one.id, "result", texts[one.id], why)
    known = tuple(Known(one, texts[one], frozenset(found), is_result=True) for one, found in keys.items())
    return known, tuple(not_compared.values())


def _counts(finding: LabFinding, result: Result) -> bool | None:
    """Whether the result is the finding; None when it cannot be told."""
    if finding.is_positive:
        return _is_positive(result)
    bound = next((one for one in finding.bounds if one.unit == result.unit), None)
    if bound is None or result.value is None:
        return None
    return _is_within(bound, result.value, result.value_comparator)


def _is_positive(result: Result) -> bool | None:
    said = {fold(result.value_text), result.interpretation.lower()}
    if result.value_code in _NEGATIVE_CODES or said & _NEGATIVE_WORDS:
        return False
    if result.value_code in _POSITIVE_CODES or said & _POSITIVE_WORDS:
        return True
    return None


def _is_within(bound: Bound, value: Decimal, comparator: str) -> bool | None:
    """`<60` is below 60, and of 30 nothing is known."""
    if bound.at_least is not None:
        if value >= bound.at_least:
            return True if comparator in ("", ">", ">=") else None
        return None if comparator in (">", ">=") else False
    below = bound.below or Decimal(0)
    if value < below or (value == below and comparator == "<"):
        return True if comparator in ("", "<", "<=") else None
    return None if comparator in ("<", "<=") else False


def _said(finding: LabFinding, result: Result) -> str:
    value = result.value_text.lower()
    if result.value is not None:
        unit = wording.unit_text(result.unit)
        value = f"{result.value_comparator}{wording.number(result.value)} {unit}".strip()
    parts = (finding.name, value, f"on {result.effective_at.date().isoformat()}")
    return " ".join(part for part in parts if part)
