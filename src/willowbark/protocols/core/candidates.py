"""The products that a composition chooses from, with exact amounts of what can be counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from willowbark.catalog.core.products import ProductInfo
from willowbark.kernel.errors import DomainError
from willowbark.knowledge.core.amounts import amount_of
from willowbark.knowledge.core.release import Release
from willowbark.protocols.core.day import FEWEST_UNITS, MOMENTS, USUAL_UNITS
from willowbark.protocols.core.notices import Notice, Weight
from willowbark.protocols.core.units import scale_for

MOST_CANDIDATES = 500
# Products whose labels stay read, of one release or two.
_KEPT = 2 * MOST_CANDIDATES


@dataclass(frozen=True, slots=True)
class Content:
    """An ingredient of one unit of a product, in the ingredient's own unit."""

    ingredient_key: str
    form_key: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that may be chosen: what one unit holds, and what its label and its form allow."""

    info: ProductInfo
    contents: tuple[Content, ...]
    moments: tuple[str, ...]
    most_units_a_day: int
    most_units_a_moment: int

    @property
    def key(self) -> str:
        """The product's key."""
        return self.info.key

    @property
    def ingredient_keys(self) -> frozenset[str]:
        """What it holds."""
        return frozenset(each.ingredient_key for each in self.contents)


def candidates_of(
    release: Release, products: Iterable[ProductInfo], *, wanted: Collection[str], named: Collection[str]
) -> tuple[tuple[Candidate, ...], tuple[Notice, ...]]:
    """
    The products that hold a wanted ingredient or are named, in the order of their keys.

    A product is left out, and a notice says so, when the knowledge does not know all of what it holds, or
    when its label contradicts itself.
    """
    found: list[Candidate] = []
    left_out: list[Notice] = []
    for info in sorted(products, key=lambda each: each.key):
        holds = {each.ingredient_key for each in info.ingredients}
        if info.key not in named and holds.isdisjoint(wanted):
            continue
        if len(found) == MOST_CANDIDATES:
            left_out.append(_left_out(info, f"no more than {MOST_CANDIDATES} products are compared"))
            continue
        try:
            found.append(_candidate(release, info))
        except DomainError as error:
            left_out.append(_left_out(info, str(error)))
    return tuple(found), tuple(left_out)


def _left_out(info: ProductInfo, why: str) -> Notice:
    text = f"{info.name} is not offered: {why}"
    return Notice(f"left_out/{info.key}", "left_out", Weight.TELL, text if text.endswith(".") else f"{text}.")


class NoMoment(DomainError):
    """A label asks for a moment with food at one that has none, or the other way round."""

    code = "no_moment"


@lru_cache(maxsize=_KEPT)
def _candidate(release: Release, info: ProductInfo) -> Candidate:
    """A product as it can be chosen, whoever it is for."""
    contents = []
    for each in info.ingredients:
        ingredient = release.ingredient(each.ingredient_key)
        amount = amount_of(ingredient, each.form_key, each.amount, each.unit)
        scale_for(ingredient.unit, [amount])
        contents.append(Content(each.ingredient_key, each.form_key, amount))
    allowed = tuple(
        each.key
        for each in MOMENTS
        if (not info.moments or each.key in info.moments)
        and (not info.food or each.with_food == (info.food == "with"))
    )
    if not allowed:
        raise NoMoment("its label leaves no moment of the day")
    day, moment = USUAL_UNITS.get(info.form, FEWEST_UNITS)
    most_a_day = info.most_units_a_day or day
    return Candidate(
        info=info,
        contents=tuple(contents),
        moments=allowed,
        most_units_a_day=most_a_day,
        most_units_a_moment=min(info.most_units_a_moment or max(moment, 1), most_a_day),
    )


def by_ingredient(counted: Iterable[Counted]) -> Mapping[str, Sequence[Counted]]:
    """What is counted, by the ingredient that it is of."""
    found: dict[str, list[Counted]] = {}
    for each in counted:
        found.setdefault(each.ingredient_key, []).append(each)
    return found


def amounts_of(candidate: Candidate, counted: Mapping[str, Sequence[Counted]]) -> dict[str, Decimal]:
    """What one unit adds to whatever it adds anything to, by key; `counted` is by ingredient."""
    found: dict[str, Decimal] = {}
    for each in candidate.contents:
        for count in counted.get(each.ingredient_key, ()):
            if count.counts(each.ingredient_key, each.form_key):
                found[count.key] = found.get(count.key, Decimal(0)) + each.amount
    return {key: total for key, total in found.items() if total}


@dataclass(frozen=True, slots=True)
class Counted:
    """
    What is added up as one: an ingredient, or only some forms of it where a limit is of those alone.

    A label that names no form may be any of them, so it counts.
    """

    key: str
    name: str
    ingredient_key: str
    form_keys: tuple[str, ...]
    unit: str

    def counts(self, ingredient_key: str, form_key: str) -> bool:
        """Whether that form of that ingredient belongs here."""
        if ingredient_key != self.ingredient_key:
            return False
        return not self.form_keys or not form_key or form_key in self.form_keys


def counted(release: Release, ingredient_key: str, form_keys: tuple[str, ...] = ()) -> Counted:
    """
    The ingredient, or the named forms of it, as something to be counted.

    Raises:
        UnknownFact: the release has no such ingredient.
    """
    ingredient = release.ingredient(ingredient_key)
    if not form_keys:
        return Counted(ingredient_key, ingredient.name, ingredient_key, (), ingredient.unit)
    names = [form.name if (form := ingredient.form(key)) else key for key in form_keys]
    key = f"{ingredient_key}:{'+'.join(form_keys)}"
    return Counted(
        key, f"{ingredient.name} as {', '.join(names)}"[:500], ingredient_key, form_keys, ingredient.unit
    )
