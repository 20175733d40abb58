"""Adding up what a person takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from willowbark.knowledge.core.person import Person, TakenAmount
from willowbark.knowledge.core.release import Part


def contents_of(person: Person) -> Iterator[tuple[str, TakenAmount]]:
    """Everything that the person's supplements and drugs hold, each with the text that says so."""
    for supplement in person.supplements:
        yield from ((supplement.text, each) for each in supplement.contents)
    for drug in person.drugs:
        yield from ((drug.text, each) for each in drug.contents)


def taken_together(person: Person, parts: Iterable[Part]) -> tuple[Decimal, tuple[str, ...]]:
    """What the person takes a day of everything that counts together; and texts without an amount."""
    counted = [taken_a_day(person, key, forms) for key, forms in parts]
    texts = dict.fromkeys(text for _, unknown in counted for text in unknown)
    return sum((total for total, _ in counted), Decimal(0)), tuple(texts)


def taken_a_day(
    person: Person, ingredient_key: str, form_keys: tuple[str, ...] = ()
) -> tuple[Decimal, tuple[str, ...]]:
    """
    What the person takes of an ingredient a day, in its own unit; and texts that hold it without an amount.

    Supplements and drugs of the record count; food does not: nobody knows what is eaten.
    """
    total = Decimal(0)
    unknown: list[str] = []
    for text, content in contents_of(person):
        if content.ingredient_key != ingredient_key:
            continue
        if form_keys and content.form_key and content.form_key not in form_keys:
            continue
        if content.amount_a_day is None:
            unknown.append(text)
        else:
            total += content.amount_a_day
    return total, tuple(dict.fromkeys(unknown))
