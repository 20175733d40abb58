"""Exact conversion of a labelled amount into the ingredient's own unit."""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal, Inexact
from fractions import Fraction

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.release import Form, Ingredient

# Micrograms in each unit of mass.
MASS_UG = {
    "kg": Decimal(1_000_000_000),
    "g": Decimal(1_000_000),
    "mg": Decimal(1000),
    "ug": Decimal(1),
    "ng": Decimal("0.001"),
}
CFU = {
    "cfu": Decimal("0.000001"),
    "million_cfu": Decimal(1),
    "billion_cfu": Decimal(1000),
}
COUNT = {"unit": Decimal(1)}
IU = "iu"
# Other ways to write a unit, folded to lower case without spaces.
SPELLINGS = {
    "mcg": "ug",
    "µg": "ug",
    "μg": "ug",
    "microgram": "ug",
    "micrograms": "ug",
    "gram": "g",
    "grams": "g",
    "gm": "g",
    "milligram": "mg",
    "milligrams": "mg",
    "[iu]": "iu",
    "i.u.": "iu",
    "internationalunits": "iu",
    "internationalunit": "iu",
    "unt": "iu",
    "10*6{cfu}": "million_cfu",
    "10*9{cfu}": "billion_cfu",
    "millioncfu": "million_cfu",
    "billioncfu": "billion_cfu",
    "units": "unit",
}
# Units that state activity: the amount is that of the ingredient already, whatever its form.
ACTIVITY = {"ugrae": "ug", "mcgrae": "ug", "ugdfe": "ug", "mcgdfe": "ug", "mgne": "mg", "mgat": "mg"}
_EXACT = Context(prec=60, traps=[Inexact])


class UnknownUnit(Invalid):
    """The unit is not one that this ingredient, in this form, is measured in."""

    code = "unknown_unit"


class BadAmount(Invalid):
    """The amount is not above zero, or so large that its unit must be a slip."""

    code = "bad_amount"


class UnknownForm(Invalid):
    """The ingredient has no such form in this release."""

    code = "unknown_form"


def unit_key(unit: str) -> str:
    """The unit as this module names it; what it does not know stays as it came, folded."""
    folded = "".join(unit.split()).lower()
    return SPELLINGS.get(folded, folded)


def amount_of(
    ingredient: Ingredient, form_key: str, amount: Decimal, unit: str, *, as_compound: bool = False
) -> Decimal:
    """
    The amount of the ingredient, in its own unit, that a label's amount of a form stands for. Exact.

    `form_key` '' is a label that names no form: the ingredient's first form stands for it where the factor
    depends on the form (IU, folate). `as_compound`: the label states the mass of the whole compound
    ("ferrous sulfate 325 mg"), not of what is active in it.

    Raises:
        UnknownForm: the ingredient has no such form.
        UnknownUnit: no exact conversion from that unit, or no IU or compound of that form.
        BadAmount: not a number above zero, or more than can be meant.
    """
    if not amount.is_finite() or amount <= 0:
        raise BadAmount(f"{ingredient.name}: an amount must be above zero, not {amount}", field="amount")
    form = _form(ingredient, form_key)
    try:
        converted = _EXACT.multiply(amount, _factor(ingredient, form, unit, as_compound=as_compound))
    except Inexact as error:
        raise BadAmount(f"{ingredient.name}: an amount of so many digits", field="amount") from error
    if converted > ingredient.largest:
        raise BadAmount(
            f"{ingredient.name}: {amount} {unit} is more than the {ingredient.largest:f} {ingredient.unit}"
            " that can be meant; is the unit right?",
            field="amount",
        )
    return plain(converted)


def a_day(each_time: Decimal, times_a_day: Fraction) -> Decimal:
    """The amount a day of something taken so often, rounded up to a thousandth where it does not end."""
    total = each_time * times_a_day.numerator / times_a_day.denominator
    return plain(
        total.quantize(Decimal("0.001"), rounding=ROUND_UP) if times_a_day.denominator > 1 else total
    )


def plain(value: Decimal) -> Decimal:
    """The same number without needless zeros and without an exponent: 200, not 2E+2."""
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if short == short.to_integral_value() else short


def _form(ingredient: Ingredient, key: str) -> Form | None:
    if not key:
        return ingredient.forms[0] if ingredient.forms else None
    form = ingredient.form(key)
    if form is None:
        raise UnknownForm(f"{ingredient.name} has no form {key!r}", field="form")
    return form


def _factor(ingredient: Ingredient, form: Form | None, unit: str, *, as_compound: bool) -> Decimal:
    """The amount of the ingredient in one `unit` of the form."""
    key = unit_key(unit)
    per_amount = form.per_amount if form is not None else Decimal(1)
    if key in ACTIVITY:
        key, per_amount = ACTIVITY[key], Decimal(1)
    if key == IU:
        if form is None or form.iu_amount is None:
            raise UnknownUnit(f"{ingredient.name} is not measured in IU in this form", field="unit")
        return form.iu_amount
    if as_compound:
        if form is None or form.compound_amount is None:
            raise UnknownUnit(
                f"how much {ingredient.name} is in that compound is not in this release", field="form"
            )
        per_amount = form.compound_amount
    for units in (MASS_UG, CFU, COUNT):
        if key in units and ingredient.unit in units:
            return _EXACT.divide(_EXACT.multiply(per_amount, units[key]), units[ingredient.unit])
    raise UnknownUnit(f"{ingredient.name} is not measured in {unit!r}", field="unit")
