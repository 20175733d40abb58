"""
The names of drugs and what they are: keys, classes, usual moments.

The names are many (tens of thousands), so they are read from their file only when a name is first looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Names:
    """
    How drugs are called. Keys of `generic` and `brands` are folded (see `folding.fold`).

    `generic` maps a name or synonym to its drug; `brands` maps a brand to the drugs in it; `codes` maps an
    RxNorm concept to the drugs in it. `marketed` are drugs that RxNorm prescribes: only to their names may a
    misspelt one be brought back.
    """

    generic: Mapping[str, str]
    brands: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, tuple[str, ...]]
    marketed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Drug:
    """
    A drug that interactions ask for.

    `classes` are the classes that it is of. `usual_moment` is when it is taken when nobody says otherwise: ''
    when that is not known. `ingredient_key` and `form_key`: what it adds to the ingredients taken, '' when
    nothing.
    """

    key: str
    name: str
    classes: tuple[str, ...]
    usual_moment: str
    ingredient_key: str
    form_key: str


@dataclass(frozen=True, eq=False)
class DrugBook:
    """
    Every drug that can be recognised.

    `load` reads the names; `classes` maps class keys to names; `class_names` maps what people call a class,
    folded, to its key, or to several ("diuretics").
    """

    load: Callable[[], Names] = field(repr=False)
    drugs: Mapping[str, Drug]
    classes: Mapping[str, str]
    class_names: Mapping[str, tuple[str, ...]]

    @cached_property
    def names(self) -> Names:
        """The names, read once."""
        return self.load()

    @cached_property
    def members(self) -> Mapping[str, frozenset[str]]:
        """Each class with the drugs that are of it."""
        found: dict[str, set[str]] = {key: set() for key in self.classes}
        for drug in self.drugs.values():
            for key in drug.classes:
                found[key].add(drug.key)
        return {key: frozenset(drugs) for key, drugs in found.items()}

    @cached_property
    def wider(self) -> Mapping[str, frozenset[str]]:
        """Each class with the classes that hold every drug of it, itself among them."""
        members = self.members.items()
        return {key: frozenset(other for other, theirs in members if mine <= theirs) for key, mine in members}

    @cached_property
    def named(self) -> Mapping[str, frozenset[str]]:
        """
        Each class with those that count when nothing but it is known of a drug.

        Which drug of it is taken is not known, so a kind within it counts too ("blood thinners" may be
        warfarin), and whatever holds all of one of these.
        """
        members = self.members.items()
        kinds = {key: [other for other, theirs in members if theirs <= mine] for key, mine in members}
        return {key: frozenset[str]().union(*(self.wider[one] for one in kinds[key])) for key in self.classes}
