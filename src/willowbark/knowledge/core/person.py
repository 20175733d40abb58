"""A person as the rules see one: what is taken, known and present, each with its entry of the record."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

# When things are taken; the order is that of the day.
MOMENTS = ("waking", "breakfast", "lunch", "dinner", "bedtime")


@dataclass(frozen=True, slots=True)
class TakenAmount:
    """
    One ingredient of what is taken, in the ingredient's unit a day.

    `amount_a_day` is None when the text does not say it: unknown, never guessed; `note` then says why.
    """

    ingredient_key: str
    form_key: str
    amount_a_day: Decimal | None
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TakenDrug:
    """
    A drug that is taken.

    `moments` are when, in the order of the day; () when not known. `moments_are_assumed` says that nobody
    wrote them down: they are the drug's usual ones. `contents` are the ingredients that it adds (iron
    tablets, vitamin injections). `via` is 'code', 'name' or 'spelling', `matched_text` what it was taken for.
    """

    entry_id: UUID | None
    text: str
    drug_keys: tuple[str, ...]
    class_keys: tuple[str, ...]
    moments: tuple[str, ...] = ()
    moments_are_assumed: bool = False
    contents: tuple[TakenAmount, ...] = ()
    via: str = "name"
    matched_text: str = ""


@dataclass(frozen=True, slots=True)
class TakenSupplement:
    """
    A supplement that is taken: what is in it. No contents: not recognised.

    `read_as` is the name that a misspelt one was taken for, '' when it is written as it is known.
    """

    entry_id: UUID | None
    text: str
    contents: tuple[TakenAmount, ...]
    read_as: str = ""

    @property
    def is_recognised(self) -> bool:
        """Whether any ingredient was recognised."""
        return bool(self.contents)


@dataclass(frozen=True, slots=True)
class Known:
    """
    A condition, an allergy or a planned test, with the keys that it was recognised as.

    `is_result` says that a laboratory result counts as the condition.
    """

    entry_id: UUID | None
    text: str
    keys: frozenset[str]
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """
    Something in the record that was not checked.

    `kind`: 'drug', 'supplement', 'allergy', 'amount' or 'result'.
    """

    entry_id: UUID | None
    kind: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """
    Whom the rules are for. `lab_tests` are those about to be made.

    `age_years` None: not known. `sex`: 'male', 'female', 'other' or 'unknown'. `states`: 'pregnancy',
    'lactation'. No name and no identifier.
    """

    age_years: int | None
    sex: str
    jurisdiction: str
    states: frozenset[str] = frozenset()
    drugs: tuple[TakenDrug, ...] = ()
    supplements: tuple[TakenSupplement, ...] = ()
    conditions: tuple[Known, ...] = ()
    allergies: tuple[Known, ...] = ()
    lab_tests: tuple[Known, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
