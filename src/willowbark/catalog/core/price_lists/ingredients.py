"""The ingredients of one unit, from the words of a list or of a label. Nothing is guessed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from willowbark.catalog.core.price_lists.cells import BadCell
from willowbark.catalog.core.products import UNITS, Contained
from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.amounts import ACTIVITY, IU, MASS_UG, amount_of, plain, unit_key
from willowbark.knowledge.core.dosage import amounts_in
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.supplement_names import recognise

# A share of a serving does not always end: so far is exact enough to be counted with.
_PLACES: Final = Decimal("0.000001")
# Of these an amount says nothing about the one part whose name is known.
_BLEND: Final = re.compile(r"\b(?:blend|matrix|formula|mixture?)\b", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
_JOINED: Final = re.compile(r"\b(?:and|with|plus)\b|[&+]", re.IGNORECASE)


def ingredients_of(release: Release, text: str) -> tuple[Contained, ...]:
    """
    What a cell such as "Zinc (as zinc picolinate) 15 mg; Copper 1 mg" says, in its order.

    Raises:
        BadCell: something is not known, has no amount ("proprietary blend"), or is there twice.
    """
    parts = [part.strip() for part in re.split(r"[;\n|]", text) if part.strip()]
    found = []
    for part in parts:
        amounts = amounts_in(part)
        if len(amounts) != 1:
            raise BadCell(f"{part[:60]}: how much of it one unit holds is not said")
        # What stands behind the amount counts too: "(as oxide)" is a form, "with copper" another ingredient.
        name = f"{part[: amounts[0].start]} {part[amounts[0].end :]}"
        found.append(contained(release, name, amounts[0].value, amounts[0].unit))
    return once(found)


def once(found: list[Contained]) -> tuple[Contained, ...]:
    """Let ingredients pass that are each there once, and at least one."""
    if not found:
        raise BadCell("there are no ingredients")
    keys = [(each.ingredient_key, each.form_key) for each in found]
    for ingredient, form in keys:
        if keys.count((ingredient, form)) > 1:
            raise BadCell(f"{ingredient} {form}".strip() + " is there twice")
    return tuple(found)


def contained(release: Release, name: str, amount: Decimal, unit: str, units: int = 1) -> Contained:
    """
    One ingredient by its name and the amount that `units` of the product hold together.

    Raises:
        BadCell: not one ingredient that is known, or an amount that cannot be.
    """
    said = recognise(release, name)
    joined = _JOINED.split(_IN_BRACKETS.sub(" ", name))
    if (
        said.read_as
        or len(said.contents) != 1
        or said.contents[0].note.startswith("part of a mixture")
        or _BLEND.search(name)
        or any(not recognise(release, each).contents for each in joined)
    ):
        raise BadCell(f"{name.strip()[:60]!r} is not an ingredient that is known")
    ingredient = release.ingredient(said.contents[0].ingredient_key)
    form = said.contents[0].form_key
    share = plain((amount / units).quantize(_PLACES, rounding=ROUND_HALF_EVEN))
    key = unit_key(unit)
    key = ACTIVITY.get(key, key)
    try:
        whole = amount_of(ingredient, form, share, unit)
    except Invalid as error:
        raise BadCell(str(error)) from error
    if key == IU or (key in MASS_UG and key not in UNITS) or key not in UNITS:
        share, key = whole, ingredient.unit
    return Contained(ingredient.key, form, share, key)
