"""The sentences that rules are said in: plain, one each, with numbers and units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from willowbark.knowledge.core.person import TakenDrug, TakenSupplement
from willowbark.knowledge.core.release import (
    Form,
    Ingredient,
    Interaction,
    LabFinding,
    Limit,
    Release,
    Source,
)

UNIT_WORDS = {"ug": "mcg", "million_cfu": "million CFU", "unit": "units"}
PLACES = {"US": "United States", "EU": "European Union"}
MOMENT_WORDS = {
    "waking": "on waking",
    "breakfast": "with breakfast",
    "lunch": "with lunch",
    "dinner": "with dinner",
    "bedtime": "at bedtime",
}

_STATE_WORDS = {"surgery_planned": "the two weeks before surgery", "lactation": "breastfeeding"}
# What an interaction is with, by its kind; "with" where nothing else is said.
_PLACES_OF = {"condition": "in", "state": "in", "lab_test": "before a test of"}
_KIND_OF_CONCEPT = re.compile(r"\s*\((?:disorder|finding|situation|morphologic abnormality)\)$")


def number(value: Decimal) -> str:
    """An exact number as a person writes it: 1,000; 0.5."""
    return f"{value.normalize():,f}"


def amount(value: Decimal, unit: str) -> str:
    """An amount with its unit, as on a label."""
    return f"{number(value)} {UNIT_WORDS.get(unit, unit)}"


def duration(minutes: int) -> str:
    """Minutes as hours when they are whole hours."""
    if minutes % 60:
        return f"{minutes} minutes"
    hours = minutes // 60
    return "1 hour" if hours == 1 else f"{hours} hours"


def listed(words: Sequence[str]) -> str:
    """Words in one list: "a", "a and b", "a, b and c"."""
    different = list(dict.fromkeys(words))
    if len(different) < 2:
        return "".join(different)
    return f"{', '.join(different[:-1])} and {different[-1]}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    stripped = text.strip().rstrip(".")
    return f"{stripped[:1].upper()}{stripped[1:]}."


def ages(limit: Limit) -> str:
    """For whom a limit holds: "19 years and older", "pregnancy, 14 to 18 years"."""
    low, high = limit.from_age_years, limit.to_age_years
    if high is None:
        span = f"{number(low)} years and older"
    elif high == high.to_integral_value() and low == low.to_integral_value():
        span = f"{number(low)} to {number(high - 1)} years" if high - low > 1 else f"{number(low)} years"
    else:
        span = f"{number(low * 12)} to {number(high * 12 - 1)} months"
    return ", ".join([*sorted(limit.states), span])


def limit_text(ingredient: Ingredient, limit: Limit, *, age_is_known: bool) -> str:
    """What an upper limit asks for."""
    forms = [form.name for key in limit.form_keys if (form := ingredient.form(key)) is not None]
    what = limit.name or ingredient.name + (f" as {listed(forms)}" if forms else "")
    counted = "from everything taken" if limit.counts == "everything" else "from supplements"
    text = (
        f"at most {amount(limit.most, limit.unit)} of {what} a day {counted}"
        f" (upper limit, {PLACES[limit.jurisdiction]}, {ages(limit)})"
    )
    if not age_is_known:
        text += "; the age is not known, so the strictest limit of an adult is used"
    return sentence(text)


def drug_words(drug: TakenDrug) -> str:
    """A drug as it is written in the record, with what it was taken for when it is misspelt."""
    if drug.via == "spelling" and drug.matched_text:
        return f"{drug.text} (read as {drug.matched_text})"
    return drug.text


def taken_words(taken: TakenDrug | TakenSupplement) -> str:
    """What is taken as it is written in the record, with what it was taken for when it is misspelt."""
    if isinstance(taken, TakenDrug):
        return drug_words(taken)
    return f"{taken.text} (read as {taken.read_as})" if taken.read_as else taken.text


def times_of(drugs: Sequence[TakenDrug]) -> str:
    """When drugs are taken, as far as it is known."""
    said = []
    for drug in drugs:
        if not drug.moments:
            said.append(f"when {drug.text} is taken is not known")
        else:
            when = listed([MOMENT_WORDS[moment] for moment in drug.moments])
            said.append(f"{'usually ' if drug.moments_are_assumed else ''}taken {when}")
    return "; ".join(dict.fromkeys(said))


def finding_words(text: str) -> str:
    """A condition as it is written in the record, without what its terminology appends."""
    return _KIND_OF_CONCEPT.sub("", text).strip()


def interaction_text(
    ingredient: Ingredient, interaction: Interaction, others: Sequence[str], *, when: str = ""
) -> str:
    """What an interaction asks for. `others` is what it is with, as the record writes it."""
    return said_of(ingredient.name, interaction, others, when=when)


def said_of(name: str, interaction: Interaction, others: Sequence[str], *, when: str = "") -> str:
    """What an interaction asks for, of something by name."""
    place = _PLACES_OF.get(interaction.other_kind, "with")
    other = f"{place} {listed([_STATE_WORDS.get(one, one) for one in others])}"
    because = f"because it {interaction.effect_text.strip().rstrip('.')}"
    if interaction.management == "avoid":
        return sentence(f"do not take {name} {other}, {because}")
    if interaction.management == "separate" and interaction.separate_minutes is not None:
        times = f" ({when})" if when else ""
        apart = duration(interaction.separate_minutes)
        return sentence(f"take {name} at least {apart} apart from {listed(others)}{times}, {because}")
    if interaction.management == "limit" and interaction.most is not None:
        most = amount(interaction.most, interaction.unit)
        return sentence(f"take at most {most} of {name} a day {other}, {because}")
    watch = f": {interaction.monitor_text.strip().rstrip('.')}" if interaction.monitor_text else ""
    if interaction.management == "replenish":
        why = f"because the drug {interaction.effect_text.strip().rstrip('.')}"
        return sentence(f"{name} may run low {other}, {why}{watch}")
    return sentence(f"take care with {name} {other}, {because}{watch}")


def _named(release: Release, interaction: Interaction) -> tuple[str, str]:
    """What an interaction is about and what it is with, by name."""
    known = {key: one.name for key, one in release.ingredients.items()}
    names = {**release.groups, **known}
    others = {
        "drug": {key: one.name for key, one in release.drug_book.drugs.items()},
        "drug_class": dict(release.drug_book.classes),
        "ingredient": names,
        "condition": {one.key: one.name for one in release.conditions},
        "allergy": {one.key: f"an allergy to {one.name.lower()}" for one in release.allergens},
        "state": _STATE_WORDS,
        "lab_test": {one.key: one.name for one in release.lab_tests},
    }
    other = others[interaction.other_kind].get(interaction.other_key, interaction.other_key)
    return names[interaction.subject], other


def interaction_title(release: Release, interaction: Interaction) -> str:
    """What an interaction is between: "Vitamin K and vitamin K antagonists"."""
    subject, other = _named(release, interaction)
    return f"{subject[:1].upper()}{subject[1:]} and {other}"


def general_text(release: Release, interaction: Interaction) -> str:
    """What an interaction asks for, of whoever it may be about."""
    subject, other = _named(release, interaction)
    return said_of(subject, interaction, [other])


def text_of(release: Release, ingredient: Ingredient, interaction: Interaction) -> str:
    """What an interaction asks for, of one ingredient: by its own name where the interaction is about it."""
    if ingredient.key not in release.members[interaction.subject]:
        return general_text(release, interaction)
    _, other = _named(release, interaction)
    return said_of(ingredient.name, interaction, [other])


def finding_title(release: Release, finding: LabFinding) -> str:
    """What a result counts as: "Estimated GFR: Chronic kidney disease"."""
    return f"{finding.name}: {_condition_name(release, finding)}"


def finding_rule(release: Release, finding: LabFinding) -> str:
    """From what on a result counts, and for how long."""
    said = ["positive"] if finding.is_positive else []
    for bound in finding.bounds:
        word, value = ("from", bound.at_least) if bound.at_least is not None else ("below", bound.below)
        said.append(f"{word} {number(value or Decimal(0))} {unit_text(bound.unit)}".rstrip())
    until = f"for {finding.counts_days} days, or until the next result"
    return f"It counts as {_condition_name(release, finding)} when it is {' or '.join(said)}, {until}."


def _condition_name(release: Release, finding: LabFinding) -> str:
    return next(one.name for one in release.conditions if one.key == finding.condition_key)


def unit_text(unit: str) -> str:
    """A UCUM unit as people write it: "mL/min/{1.73_m2}" is mL/min/1.73 m2."""
    return unit.replace("[", "").replace("]", "").replace("{", "").replace("}", "").replace("_", " ")


def measured(ingredient: Ingredient) -> str:
    """The unit of an ingredient with what is measured: "mcg (ug DFE)" is said as "mcg DFE"."""
    return ingredient.measured_as.replace("ug", "mcg")


def form_text(ingredient: Ingredient, form: Form) -> str:
    """How a form counts."""
    unit = measured(ingredient)
    said = [f"{number(form.per_amount)} {unit} for each unit that a label states"]
    if form.iu_amount is not None:
        said.append(f"{number(form.iu_amount)} {unit} for each IU")
    if form.compound_amount is not None:
        said.append(f"{number(form.compound_amount)} of the weight of the whole compound")
    return sentence(f"as {form.name}: {listed(said)}")


def source_text(source: Source) -> str:
    """A source as it is cited: its title, who published it and, where it has one, the year."""
    year = f", {source.year}" if source.year is not None else ""
    return f"{source.title.rstrip('.')} ({source.publisher}{year})"
