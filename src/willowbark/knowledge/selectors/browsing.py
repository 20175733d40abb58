"""Looking things up: ingredients by name, what is known of one, and the checker. Facts, no person's data."""

from __future__ import annotations

from collections.abc import Sequence

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.core.checker import Checked
from willowbark.knowledge.core.checker import check as checked_of
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.release import Ingredient, Release
from willowbark.knowledge.selectors import release


class UnknownIngredient(NotFound):
    """The release has no ingredient of that key."""

    code = "unknown_ingredient"


def ingredients(actor: Actor, words: str = "") -> tuple[Release, Sequence[Ingredient]]:
    """
    The ingredients that these words name, by name; every one without words.

    Raises:
        Forbidden: the actor reads no catalog.
    """
    require(actor, "catalog.read")
    known = release()
    asked = fold(words)
    found = [one for one in known.ingredients.values() if not asked or _is_called(one, asked)]
    return known, sorted(found, key=lambda one: one.name.lower())


def _is_called(one: Ingredient, asked: str) -> bool:
    names = (one.name, *one.synonyms, *(form.name for form in one.forms))
    return any(asked in fold(name) for name in names)


def ingredient(actor: Actor, key: str) -> tuple[Release, Ingredient]:
    """
    One ingredient.

    Raises:
        Forbidden: the actor reads no catalog.
        UnknownIngredient: there is none of that key.
    """
    require(actor, "catalog.read")
    known = release()
    found = known.ingredients.get(key)
    if found is None:
        raise UnknownIngredient(f"no ingredient {key!r} in this release")
    return known, found


def open_checker(actor: Actor) -> None:
    """
    Whether the actor may check lists.

    Raises:
        Forbidden: the actor reads no catalog.
    """
    require(actor, "catalog.read")


def checked(actor: Actor, asked: Asked) -> tuple[Release, Checked]:
    """
    A list of drugs, supplements, conditions and tests, checked. Nothing of it is kept.

    Raises:
        Forbidden: the actor reads no catalog.
        NothingAsked, TooMuchAsked, UnknownJurisdiction: see `asked.person_of`.
    """
    require(actor, "catalog.read")
    known = release()
    return known, checked_of(known, asked, on=clock.now().date())
