"""
Protocols in force as columns: what each holds, and what its person takes and has.

By them a new fact of the knowledge finds whom it touches in a few passes over arrays, whether there are a
thousand protocols or a million. A row is one protocol; a column has pairs of a row and what it has there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Fact, Ingredient, Interaction, Limit, Release
from willowbark.knowledge.core.rules import KIND_OF, states_of
from willowbark.knowledge.core.taken import contents_of

Rows = NDArray[np.uint32]
Codes = NDArray[np.uint16]
Marks = NDArray[np.bool_]
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Column:
    """Pairs of a row and the code of something that it has; the same pair may be there more than once."""

    rows: Rows
    codes: Codes

    def marks(self, wanted: Collection[int], row_count: int) -> Marks:
        """Which rows have any of the wanted."""
        found = np.zeros(row_count, dtype=np.bool_)
        if len(wanted) <= _FEW:
            for code in wanted:
                found[self.rows[self.codes == code]] = True
        else:
            is_wanted = np.zeros(np.iinfo(np.uint16).max + 1, dtype=np.bool_)
            is_wanted[list(wanted)] = True
            found[self.rows[is_wanted[self.codes]]] = True
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """
    Protocols in force. `held` are the ingredients of their products, `known` what their people take and have.

    `codes` numbers both: an ingredient by its key, what is taken as 'ingredient/iron', a drug as
    'drug/warfarin', and so on with 'drug_class', 'condition', 'allergy' and 'state'.
    """

    row_count: int
    codes: Mapping[str, int]
    held: Column
    known: Column

    def holding(self, ingredient_keys: Iterable[str]) -> Marks:
        """Which protocols hold any of these ingredients."""
        return self.held.marks(self._codes(ingredient_keys), self.row_count)

    def knowing(self, keys: Iterable[str]) -> Marks:
        """Whose people take or have any of these."""
        return self.known.marks(self._codes(keys), self.row_count)

    def _codes(self, keys: Iterable[str]) -> list[int]:
        return [self.codes[key] for key in sorted(set(keys)) if key in self.codes]


def columns_of(rows: Iterable[tuple[Collection[str], Person]]) -> Columns:
    """The columns of protocols, each given by the ingredients that it holds and by its person."""
    codes: dict[str, int] = {}
    held: tuple[list[int], list[int]] = ([], [])
    known: tuple[list[int], list[int]] = ([], [])
    count = 0
    for row, (ingredient_keys, person) in enumerate(rows):
        count = row + 1
        for (at, what), keys in ((held, ingredient_keys), (known, set(keys_of(person)))):
            for key in keys:
                at.append(row)
                what.append(codes.setdefault(key, len(codes)))
    return Columns(count, codes, _column(*held), _column(*known))


def _column(rows: list[int], codes: list[int]) -> Column:
    return Column(np.array(rows, dtype=np.uint32), np.array(codes, dtype=np.uint16))


def keys_of(person: Person) -> Iterator[str]:
    """What interactions ask for in a person; see `Columns`."""
    for _, content in contents_of(person):
        yield f"ingredient/{content.ingredient_key}"
    for drug in person.drugs:
        yield from (f"drug/{key}" for key in drug.drug_keys)
        yield from (f"drug_class/{key}" for key in drug.class_keys)
    for kind, known in (
        ("condition", person.conditions),
        ("allergy", person.allergies),
        ("lab_test", person.lab_tests),
    ):
        yield from (f"{kind}/{key}" for each in known for key in each.keys)
    yield from (f"state/{key}" for key in states_of(person))


def touched(columns: Columns, release: Release, fact_keys: Iterable[str]) -> Marks:
    """
    Which protocols some of these facts are about: those that rules may follow from, and no others.

    Of a fact between a group and itself also who holds one of the group alone: the look that follows is
    exact. A fact that the release no longer has is about none.
    """
    found = np.zeros(columns.row_count, dtype=np.bool_)
    for key in fact_keys:
        fact = release.facts.get(key)
        if fact is not None:
            found |= _of_fact(columns, release, fact)
    return found


def _of_fact(columns: Columns, release: Release, fact: Fact) -> Marks:
    if isinstance(fact, Ingredient):
        return columns.holding([fact.key]) | columns.knowing([f"ingredient/{fact.key}"])
    if isinstance(fact, Limit):
        return columns.holding(key for key, _ in fact.parts)
    if isinstance(fact, Interaction) and fact.management in KIND_OF:
        subjects = release.members.get(fact.subject, frozenset())
        if fact.other_kind != "ingredient":
            return columns.holding(subjects) & columns.knowing([f"{fact.other_kind}/{fact.other_key}"])
        others = release.members.get(fact.other_key, frozenset())
        first, second = columns.holding(subjects), columns.holding(others)
        return (
            (first & second)
            | (first & columns.knowing(f"ingredient/{key}" for key in others))
            | (second & columns.knowing(f"ingredient/{key}" for key in subjects))
        )
    return np.zeros(columns.row_count, dtype=np.bool_)
