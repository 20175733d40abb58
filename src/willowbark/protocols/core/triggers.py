"""Which Master Protocols a record makes one think of, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from willowbark.protocols.core.masters import Master, Pattern, Trigger


@dataclass(frozen=True, slots=True)
class Result:
    """The latest result of a test, as it stands in the record; `value` is None where it is not a number."""

    text: str
    code: str
    value: Decimal | None
    unit: str
    flag: str


def reasons_for(master: Master, person: Mapping[str, Any], results: Sequence[Result] = ()) -> tuple[str, ...]:
    """
    Why this protocol fits: a sentence of each trigger that holds, with what in the record it is about.

    `person` is a person document; see `described.person_document`.
    """
    found = []
    about: set[tuple[str, ...]] = set()
    for trigger in master.triggers:
        texts = tuple(dict.fromkeys(_texts(trigger, person, results)))
        if texts and texts not in about:
            about.add(texts)
            found.append(f"{trigger.text} ({', '.join(texts[:3])})")
    return tuple(found)


def _texts(trigger: Trigger, person: Mapping[str, Any], results: Sequence[Result]) -> Iterable[str]:
    """What in the record the trigger holds for, as it is written there."""
    if trigger.pattern is not None:
        return (_said(each) for each in results if _is_of(trigger.pattern, each))
    match trigger.kind:
        case "condition":
            return (each["text"] for each in person["conditions"] if trigger.key in each["keys"])
        case "drug":
            return (each["text"] for each in person["drugs"] if trigger.key in each["drugs"])
        case "drug_class":
            return (each["text"] for each in person["drugs"] if trigger.key in each["classes"])
    return (each["text"] for each in person["conditions"] if trigger.key in each["text"].lower())


def _is_of(pattern: Pattern, result: Result) -> bool:
    """Whether a result is one that counts; one in another unit, or that is no number, says nothing."""
    name = result.text.lower()
    if result.code not in pattern.measure.codes and not any(each in name for each in pattern.measure.names):
        return False
    if pattern.flag and not result.flag.endswith(pattern.flag):
        return False
    if pattern.at_least is None and pattern.at_most is None:
        return True
    if result.value is None or (pattern.unit and _folded(pattern.unit) != _folded(result.unit)):
        return False
    return (pattern.at_least is None or result.value >= pattern.at_least) and (
        pattern.at_most is None or result.value <= pattern.at_most
    )


def _folded(unit: str) -> str:
    return unit.lower().replace("\u03bc", "u").replace("\u00b5", "u").replace(" ", "")


def _said(result: Result) -> str:
    if result.value is None:
        return result.text
    return f"{result.text} {result.value.normalize():f} {result.unit}".strip()


def fitting_first(
    masters: Iterable[Master], person: Mapping[str, Any], results: Sequence[Result] = ()
) -> list[tuple[Master, tuple[str, ...]]]:
    """All protocols with why each fits: those that do first, then by title."""
    found = [(master, reasons_for(master, person, results)) for master in masters]
    return sorted(found, key=lambda each: (-len(each[1]), each[0].title))
