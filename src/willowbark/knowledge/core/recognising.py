"""Recognising drugs, supplements, conditions and allergies of a record. Unknown is said, never guessed."""

from __future__ import annotations

import re
from functools import lru_cache
from uuid import UUID

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core import conditions as by_words
from willowbark.knowledge.core import drug_names, supplement_names, wording
from willowbark.knowledge.core.amounts import a_day, amount_of
from willowbark.knowledge.core.dosage import Dosage, amounts_in, read_dosage
from willowbark.knowledge.core.drug_book import Drug
from willowbark.knowledge.core.drug_names import Recognised
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.person import MOMENTS, TakenAmount, TakenDrug, TakenSupplement, Unrecognised
from willowbark.knowledge.core.release import Release

__all__ = [
    "Recognised",
    "read_drug",
    "recognise_allergy",
    "recognise_class",
    "recognise_condition",
    "recognise_drug",
    "recognise_lab_test",
    "recognise_supplement",
]


# What stands between the names of classes, and words that add nothing to the name of one.
_PARTS = re.compile(r"[()/,;]")
_ANY_DRUGS = frozenset(
    {"drug", "drugs", "medication", "medications", "medicine", "medicines", "agents", "therapy", "substrates"}
)
# A text says the same to the same release: most texts of many records are a few hundred.
_KEPT = 20_000


@lru_cache(maxsize=_KEPT)
def recognise_drug(release: Release, text: str, code_system: str = "", code: str = "") -> Recognised | None:
    """The drugs that a text or its RxNorm code stands for; None when neither is known."""
    return drug_names.recognise(release.drug_book, text, code_system, code)


def recognise_supplement(
    release: Release, text: str, dosage_text: str = "", *, entry_id: UUID | None = None
) -> TakenSupplement:
    """The ingredients of a supplement with their amounts a day, None where the texts do not say them."""
    return supplement_names.recognise(release, text, dosage_text, entry_id=entry_id)


@lru_cache(maxsize=_KEPT)
def recognise_condition(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """The conditions that a text or its code (SNOMED CT, ICD-10) says."""
    return by_words.conditions(release, text, code_system, code)


@lru_cache(maxsize=_KEPT)
def recognise_allergy(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """The allergens that a text or its code (SNOMED CT) says."""
    return by_words.allergies(release, text, code_system, code)


def recognise_lab_test(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """The laboratory tests that a text or its code (LOINC) names."""
    return by_words.lab_tests(release, text, code_system, code)


def recognise_class(release: Release, text: str) -> TakenDrug | None:
    """
    A class of drugs by one of its names, as a drug of which only that is known; else None.

    Lists write classes as "SSRIs", "Sedative medications (CNS depressants)", "Anticoagulant / antiplatelet
    drugs" or "Statins (simvastatin, lovastatin)": all that the parts name counts together.
    """
    book = release.drug_book
    keys, drugs = _classes_named(release, text)
    if not keys:
        return None
    theirs = (book.drugs[drug].classes for drug in drugs)
    classes = frozenset[str]().union(*(book.named[key] for key in keys), *theirs)
    named = wording.listed([*(book.classes[key] for key in keys), *(book.drugs[drug].name for drug in drugs)])
    return TakenDrug(None, text, drugs, tuple(sorted(classes)), matched_text=named)


def _classes_named(release: Release, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of the classes that a text names, whole or in its parts, and of the drugs beside them."""
    whole = _class_called(release, text)
    if whole or _drugs_called(release, text.partition("(")[0]):
        return whole, ()
    keys: dict[str, None] = {}
    drugs: dict[str, None] = {}
    for part in _PARTS.split(text):
        named = _class_called(release, part)
        keys.update(dict.fromkeys(named))
        drugs.update(dict.fromkeys(() if named else _drugs_called(release, part)))
    return tuple(keys), tuple(drugs)


def _drugs_called(release: Release, phrase: str) -> tuple[str, ...]:
    """The keys of the reviewed drugs that a phrase names."""
    found = recognise_drug(release, phrase)
    return () if found is None else tuple(key for key in found.drug_keys if key in release.drug_book.drugs)


def _class_called(release: Release, phrase: str) -> tuple[str, ...]:
    """The keys of the classes that a phrase names, with or without "drugs", in the plural or not."""
    words = fold(phrase).split()
    while words:
        called = " ".join(words)
        for tried in (called, f"{called}s", called.removesuffix("s")):
            if tried in release.drug_book.class_names:
                return release.drug_book.class_names[tried]
        if words.pop() not in _ANY_DRUGS:
            break
    return ()


def read_drug(
    release: Release,
    entry_id: UUID | None,
    text: str,
    code_system: str = "",
    code: str = "",
    dosage_text: str = "",
) -> tuple[TakenDrug | None, tuple[Unrecognised, ...]]:
    """
    A drug of the record as the rules see it, and what about it was not checked.

    Not checked: a text of which nothing is known, a component of a combination, a drug whose classes were
    never reviewed, and a code and a text that contradict each other.
    """
    found = recognise_drug(release, text, code_system, code)
    if found is None:
        return None, (Unrecognised(entry_id, "drug", text, "not recognised"),)
    dosage = read_dosage(dosage_text)
    drugs = [release.drug_book.drugs[key] for key in found.drug_keys if key in release.drug_book.drugs]
    moments, assumed = _moments(dosage, drugs)
    taken = TakenDrug(
        entry_id=entry_id,
        text=text,
        drug_keys=found.drug_keys,
        class_keys=found.class_keys,
        moments=moments,
        moments_are_assumed=assumed,
        contents=tuple(_content(release, drug, text, dosage) for drug in drugs if drug.ingredient_key),
        via=found.via,
        matched_text=found.matched_text,
    )
    reasons = [f"“{part}” in it is not recognised" for part in found.unmatched]
    reasons += [f"{key.replace('_', ' ')} has not been reviewed" for key in found.unreviewed]
    reasons += [found.note] if found.note else []
    return taken, tuple(Unrecognised(entry_id, "drug", text, reason) for reason in reasons)


def _moments(dosage: Dosage, drugs: list[Drug]) -> tuple[tuple[str, ...], bool]:
    """
    When the drug is taken, and whether that is assumed: its usual moment, when the dosage names none.

    "In the morning" is on waking for a drug that is usually taken then.
    """
    usual = {drug.usual_moment for drug in drugs if drug.usual_moment}
    if dosage.as_needed:
        return (), False
    if dosage.moments:
        if usual == {"waking"} and not dosage.with_breakfast and "breakfast" in dosage.moments:
            together = {"waking", *dosage.moments} - {"breakfast"}
            return tuple(one for one in MOMENTS if one in together), True
        return dosage.moments, dosage.moments_are_assumed
    return tuple(one for one in MOMENTS if one in usual), bool(usual)


def _content(release: Release, drug: Drug, text: str, dosage: Dosage) -> TakenAmount:
    """What a drug adds to the ingredients that are taken: its labelled strength, as often as it is taken."""
    ingredient = release.ingredient(drug.ingredient_key)
    unknown = TakenAmount(ingredient.key, drug.form_key, None, ingredient.unit, "how much is not said")
    stated = amounts_in(text)
    if len(stated) != 1 or dosage.pieces is None or dosage.times_a_day is None or "/" in text:
        return unknown
    form = ingredient.form(drug.form_key)
    salt = form is not None and form.compound_amount is not None and "elemental" not in text.lower()
    try:
        each = amount_of(ingredient, drug.form_key, stated[0].value, stated[0].unit, as_compound=salt)
    except Invalid as error:
        return TakenAmount(ingredient.key, drug.form_key, None, ingredient.unit, str(error))
    total = a_day(each * dosage.pieces, dosage.times_a_day)
    return TakenAmount(ingredient.key, drug.form_key, total, ingredient.unit)
