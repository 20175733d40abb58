"""The notices of a composition, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.person import Person, Unrecognised
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.rules import Rule
from willowbark.protocols.core.candidates import Counted
from willowbark.protocols.core.masters import Ceiling, Master, MasterTarget
from willowbark.protocols.core.notices import Notice, Weight

_KINDS = {
    "drug": "medicine",
    "supplement": "supplement",
    "allergy": "allergy",
    "amount": "amount",
    "condition": "problem",
    "result": "result",
}
# What a sign-off needs words for, if nobody checked it.
_ASKED = frozenset({"drug", "supplement", "allergy", "amount"})


def _named(text: str) -> str:
    """A short name of a text that is the same wherever the text is."""
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()[:12]


def of_person(
    written: Person, seen: Person, masters: Sequence[Master], *, deceased: bool
) -> Iterator[Notice]:
    """What must be said of a person: `written` as the record has them, `seen` as the rules saw them."""
    if deceased:
        yield Notice("deceased", "deceased", Weight.STOP, "This person has died.")
    if seen.age_years is None:
        yield Notice(
            "age", "age", Weight.ASK, "The age is not known: the strictest limits of an adult were used."
        )
    for master in masters:
        if seen.age_years is not None and seen.age_years < master.from_age_years:
            yield Notice(
                f"too_young/{master.key}",
                "too_young",
                Weight.STOP,
                f"{master.title} is written for people from {master.from_age_years} years on;"
                f" this person is {seen.age_years}.",
            )
    yield from _not_checked(seen)
    for drug in seen.drugs:
        if drug.via == "spelling":
            text = f"{drug.text} was read as {drug.matched_text}."
            yield Notice(
                f"spelling/{_named(drug.text)}", "spelling", Weight.ASK, text, entries=_entry(drug.entry_id)
            )


def _entry(entry_id: UUID | None) -> tuple[UUID, ...]:
    return (entry_id,) if entry_id is not None else ()


def _not_checked(person: Person) -> Iterator[Notice]:
    """One notice for each different text, with all the entries that say it."""
    grouped: dict[tuple[str, str], list[Unrecognised]] = {}
    for each in person.unrecognised:
        grouped.setdefault((each.kind, each.text.strip().lower()), []).append(each)
    for (kind, _), entries in sorted(grouped.items()):
        first = entries[0]
        reason = f" ({first.reason.rstrip('.')})" if first.reason else ""
        if kind == "amount":
            text = f"{first.text}: how much of it is taken is not known{reason}. It was not counted."
        else:
            text = f"{_KINDS.get(kind, kind).capitalize()} not checked: {first.text}{reason}."
        yield Notice(
            f"not_checked/{kind}/{_named(first.text)}",
            "not_checked",
            Weight.ASK if kind in _ASKED else Weight.TELL,
            text,
            entries=tuple(sorted({each.entry_id for each in entries if each.entry_id is not None})),
        )


def of_taken(
    release: Release, person: Person, rules: Sequence[Rule], held: Collection[str]
) -> Iterator[Notice]:
    """What the rules say of supplements that are taken already, whatever the plan gives."""
    taken = {content.ingredient_key for each in person.supplements for content in each.contents}
    for rule in rules:
        if rule.ingredient_key not in taken or rule.kind == "cap":
            continue
        if rule.other_ingredient_key and not rule.chart_entries:
            continue
        weight = Weight.ASK if rule.kind == "ban" else Weight.TELL
        text = f"Taken already: {rule.text}"
        yield Notice(
            f"taken/{rule.key}", "taken", weight, text, entries=rule.chart_entries, fact_key=rule.fact_key
        )


def unknown_amounts(unknown: Mapping[str, Sequence[str]]) -> Iterator[Notice]:
    """What is taken holds ingredients, and nobody knows how much: text -> the ingredients' names."""
    for text, names in sorted(unknown.items()):
        yield Notice(
            f"unknown_amount/{_named(text)}",
            "unknown_amount",
            Weight.ASK,
            f"{text}: how much {wording.listed(names)} is in it is not known, so it was not counted.",
        )


def above_limit(cap: Rule, counted: Sequence[Counted], taken: Decimal) -> Notice:
    """More than a limit is taken already of what it counts."""
    what = wording.listed([each.name for each in counted])
    return Notice(
        f"above_limit/{cap.key}",
        "above_limit",
        Weight.ASK,
        f"{wording.amount(taken, counted[0].unit)} of {what} a day is taken already, which is above the"
        f" limit; the plan adds none. {cap.text}",
        entries=cap.chart_entries,
        fact_key=cap.fact_key,
    )


def above_most(master: Master, line: MasterTarget | Ceiling, one: Counted, taken: Decimal) -> Notice:
    """More than a protocol wants at most is taken already."""
    most = wording.amount(line.most or Decimal(0), line.unit)
    return Notice(
        f"above_most/{master.key}.{line.key}",
        "above_most",
        Weight.TELL,
        f"{wording.amount(taken, one.unit)} of {one.name} a day is taken already; {master.title} wants"
        f" at most {most}, so the plan adds none.",
    )
