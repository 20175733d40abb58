"""What a practitioner decides by hand in one draft; everything else is left to the composer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final
from uuid import UUID

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.day import (
    DAYS,
    LONGEST_DAYS,
    MOMENT_KEYS,
    MOST_MOMENTS,
    MOST_PRODUCTS,
    MOST_UNITS,
    MOST_UNITS_A_MOMENT,
)
from willowbark.protocols.core.proposed import MASTER, TARGET, Proposed
from willowbark.protocols.core.wanting import MOST_WANTED, Wanted, wanted_of

STATES: Final = ("pregnancy", "lactation")
MOST_LISTED: Final = 200
_LISTS: Final = ("excluded", "included", "states", "diets")
#: What a day may hold: the smallest and the largest that can be asked for.
BOUNDS: Final = {
    "days": (1, LONGEST_DAYS),
    "most_units": (1, 60),
    "most_units_a_moment": (1, 30),
    "most_moments": (1, len(MOMENT_KEYS)),
    "most_products": (1, 40),
    "most_cost_cents": (0, 10_000_000),
}


@dataclass(frozen=True, slots=True, order=True)
class Lock:
    """Exactly so many units of a product at a moment; 0 is none."""

    product: str
    moment: str
    units: int


@dataclass(frozen=True, slots=True)
class Choices:
    """
    Decisions of one draft.

    `included` products get at least one unit a day, `excluded` ones none, `locked` ones exactly what is said.
    `replaced` are entries of the record (supplements) that this protocol takes the place of: they are not
    counted as taken. `drug_moments` says when a drug of the record is taken, where the record does not.
    `phases` names the phase of a Master Protocol by its key (the first where none is named), `instead` the
    alternative of a target: `master.target` -> its key, '' for the target's own.
    `states` are life stages that the record does not say; every product must say that it keeps `diets`.
    `most_cost_cents` is of all containers; None is no bound. `goal` is what the plan puts first, see
    `core.goals`; '' is the usual order. `wanted` are targets by hand, one of an ingredient; `proposed` says
    which of them, and which of the draft's Master Protocols, a language model proposed.
    """

    days: int = DAYS
    most_units: int = MOST_UNITS
    most_units_a_moment: int = MOST_UNITS_A_MOMENT
    most_moments: int = MOST_MOMENTS
    most_products: int = MOST_PRODUCTS
    most_cost_cents: int | None = None
    in_stock_only: bool = False
    goal: str = ""
    locked: tuple[Lock, ...] = ()
    excluded: tuple[str, ...] = ()
    included: tuple[str, ...] = ()
    replaced: tuple[UUID, ...] = ()
    drug_moments: Mapping[UUID, str] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    phases: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[Wanted, ...] = ()
    proposed: tuple[Proposed, ...] = ()

    @property
    def products(self) -> frozenset[str]:
        """Every product that is named."""
        return frozenset((*self.included, *self.excluded, *(each.product for each in self.locked)))

    def include(self, product: str) -> Choices:
        """Have at least one unit of the product a day."""
        return replace(
            self,
            included=_with(self.included, product),
            excluded=_without(self.excluded, product),
        )

    def exclude(self, product: str) -> Choices:
        """Have nothing of the product."""
        freed = self.free(product)
        return replace(freed, excluded=_with(freed.excluded, product))

    def lock(self, product: str, units: Mapping[str, int]) -> Choices:
        """
        Have exactly these units at these moments, and none at the others.

        Raises:
            Invalid: no such moment, less than 0 or more than 30 units, or nothing at all.
        """
        if not set(units) <= set(MOMENT_KEYS):
            raise Invalid("There is no such moment of the day.", field="moment")
        if any(not 0 <= count <= BOUNDS["most_units_a_moment"][1] for count in units.values()):
            raise Invalid("Between 0 and 30 units can be taken at a moment.", field="units")
        if not any(units.values()):
            raise Invalid("Say how many are taken, or leave the product out.", field="units")
        freed = self.free(product)
        locks = tuple(Lock(product, moment, units.get(moment, 0)) for moment in MOMENT_KEYS)
        return replace(freed, locked=tuple(sorted((*freed.locked, *locks))))

    def free(self, product: str) -> Choices:
        """Leave the product to the composer."""
        return replace(
            self,
            locked=tuple(each for each in self.locked if each.product != product),
            included=_without(self.included, product),
            excluded=_without(self.excluded, product),
        )

    def want(self, wanted: Wanted) -> Choices:
        """
        Have an amount of an ingredient, in the place of what was wanted of it by hand before.

        Raises:
            Invalid: more ingredients than can be wanted by hand.
        """
        others = self.unwant(wanted.ingredient_key)
        if len(others.wanted) >= MOST_WANTED:
            raise Invalid(f"At most {MOST_WANTED} targets by hand.", field="ingredient")
        return replace(others, wanted=tuple(sorted((*others.wanted, wanted))))

    def unwant(self, ingredient_key: str) -> Choices:
        """Have no target by hand of an ingredient."""
        return replace(
            self,
            wanted=tuple(each for each in self.wanted if each.ingredient_key != ingredient_key),
            proposed=tuple(
                each for each in self.proposed if (each.what, each.key) != (TARGET, ingredient_key)
            ),
        )

    def propose(self, *proposed: Proposed) -> Choices:
        """Remember of parts of this draft that a language model proposed them."""
        return replace(self, proposed=tuple(sorted({*self.proposed, *proposed})))

    def of_masters(self, master_keys: Collection[str]) -> Choices:
        """Forget of Master Protocols that are not in the draft who proposed them."""
        kept = (each for each in self.proposed if each.what != MASTER or each.key in master_keys)
        return replace(self, proposed=tuple(kept))

    def bound(self, **bounds: int | bool | None) -> Choices:
        """
        Change what a day may hold, the days, or whether only what is on the shelf counts.

        Raises:
            Invalid: a bound out of its range; `field` names it.
        """
        for name, value in bounds.items():
            if name == "in_stock_only":
                continue
            low, high = BOUNDS[name]
            if value is None and name == "most_cost_cents":
                continue
            if not isinstance(value, int) or not low <= value <= high:
                raise Invalid(f"A whole number between {low:,} and {high:,}.", field=name)
        return replace(self, **bounds)  # type: ignore[arg-type]  # names and types are checked above

    def as_document(self) -> dict[str, Any]:
        """As plain JSON values."""
        plain = asdict(self)
        plain["locked"] = [asdict(each) for each in self.locked]
        plain["replaced"] = [str(each) for each in self.replaced]
        plain["drug_moments"] = {str(entry): moment for entry, moment in sorted(self.drug_moments.items())}
        for name in ("phases", "instead"):
            plain[name] = dict(sorted(plain[name].items()))
        plain["wanted"] = [each.as_document() for each in self.wanted]
        plain["proposed"] = [asdict(each) for each in self.proposed]
        return plain | {name: list(plain[name]) for name in _LISTS}


def choices_of(document: Mapping[str, Any]) -> Choices:
    """Choices as `Choices.as_document` wrote them; what is missing is as it is by default."""
    known = {each.name for each in fields(Choices)}
    values = {name: value for name, value in document.items() if name in known}
    for name in _LISTS:
        if name in values:
            values[name] = tuple(values[name])
    if "locked" in values:
        values["locked"] = tuple(Lock(**each) for each in values["locked"])
    if "replaced" in values:
        values["replaced"] = tuple(UUID(each) for each in values["replaced"])
    if "wanted" in values:
        values["wanted"] = tuple(wanted_of(each) for each in values["wanted"])
    if "proposed" in values:
        values["proposed"] = tuple(Proposed(**each) for each in values["proposed"])
    if "drug_moments" in values:
        values["drug_moments"] = {UUID(entry): moment for entry, moment in values["drug_moments"].items()}
    return Choices(**values)


def _with(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(sorted({*keys, key}))


def _without(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(each for each in keys if each != key)
