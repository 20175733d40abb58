"""Which Master Protocols a record makes one think of, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from willowbark.protocols.core.masters import Master, Trigger


def reasons_for(master: Master, person: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Why this protocol fits: a sentence of each trigger that holds, with what in the record it is about.

    `person` is a person document; see `described.person_document`.
    """
    found = []
    about: set[tuple[str, ...]] = set()
    for trigger in master.triggers:
        texts = tuple(dict.fromkeys(_texts(trigger, person)))
        if texts and texts not in about:
            about.add(texts)
            found.append(f"{trigger.text} ({', '.join(texts[:3])})")
    return tuple(found)


def _texts(trigger: Trigger, person: Mapping[str, Any]) -> Iterable[str]:
    """What in the record the trigger holds for, as it is written there."""
    match trigger.kind:
        case "condition":
            return (each["text"] for each in person["conditions"] if trigger.key in each["keys"])
        case "drug":
            return (each["text"] for each in person["drugs"] if trigger.key in each["drugs"])
        case "drug_class":
            return (each["text"] for each in person["drugs"] if trigger.key in each["classes"])
    return (each["text"] for each in person["conditions"] if trigger.key in each["text"].lower())


def fitting_first(
    masters: Iterable[Master], person: Mapping[str, Any]
) -> list[tuple[Master, tuple[str, ...]]]:
    """All protocols with why each fits: those that do first, then by title."""
    found = [(master, reasons_for(master, person)) for master in masters]
    return sorted(found, key=lambda each: (-len(each[1]), each[0].title))
