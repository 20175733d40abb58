"""A list of drugs, supplements, conditions and tests as somebody typed it, read into a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.person import Known, Person, TakenDrug, Unrecognised
from willowbark.knowledge.core.recognising import (
    read_drug,
    recognise_allergy,
    recognise_class,
    recognise_condition,
    recognise_lab_test,
    recognise_supplement,
)
from willowbark.knowledge.core.release import JURISDICTIONS, Release
from willowbark.knowledge.core.unclear import blend_reason, unclear_amounts

MOST_ENTRIES = 200
LONGEST_ENTRY = 300
# Words that alone say a condition or a state, and that in a record could say something else.
CONDITION_WORDS = {
    "surgery": "surgery_planned",
    "operation": "surgery_planned",
    "pre op": "surgery_planned",
    "nursing": "lactation",
    "heart disease": "coronary_artery_disease",
    "cardiovascular disease": "coronary_artery_disease",
    "cad": "coronary_artery_disease",
    "mi": "myocardial_infarction",
    "chf": "heart_failure",
    "afib": "atrial_fibrillation",
    "a fib": "atrial_fibrillation",
    "htn": "hypertension",
    "tia": "stroke",
    "esrd": "ckd_severe",
    "ibd": "inflammatory_bowel_disease",
    "ulcer": "peptic_ulcer",
    "gallbladder disease": "gallstones",
    "blood clots": "venous_thrombosis",
    "ms": "autoimmune_disease",
    "sle": "autoimmune_disease",
}
# Words that alone say a test, and that beside others could say what is taken.
TEST_WORDS = {
    "glucose": "glucose",
    "a1c": "glucose",
    "vitamin d": "vitamin_d_level",
    "vitamin b12": "vitamin_b12_level",
    "b12": "vitamin_b12_level",
    "folate": "vitamin_b12_level",
    "iron": "ferritin",
    "digoxin": "digoxin_level",
    "insulin": "insulin_level",
    "serotonin": "serotonin_metabolites",
    "tacrolimus": "immunosuppressant_level",
    "cyclosporine": "immunosuppressant_level",
    "acetaminophen": "acetaminophen_level",
    "calcium": "calcium_level",
    "ck": "creatine_kinase",
    "dhea": "sex_hormones",
}


class TooMuchAsked(Invalid):
    """More entries than are checked at once, or an entry that is too long."""

    code = "too_much_asked"


class NothingAsked(Invalid):
    """No entry at all."""

    code = "nothing_asked"


class UnknownJurisdiction(Invalid):
    """No limits of that place are in the release."""

    code = "unknown_jurisdiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be checked together, as texts; whatever is not said is not known."""

    drugs: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    lab_tests: tuple[str, ...] = ()
    age_years: int | None = None
    jurisdiction: str = "US"


def person_of(release: Release, asked: Asked) -> Person:
    """
    The person that is asked about; what was not recognised is in `unrecognised`, never left out.

    Each entry has an id of its own, its number in the list. A supplement that is a drug by name is one, and a
    drug that is only known as a supplement is one. A class of drugs by name is read as a drug of that class,
    and a condition that is an allergy as one.

    Raises:
        NothingAsked: no entry.
        TooMuchAsked: more than 200 entries, or one of more than 300 characters.
        UnknownJurisdiction: neither 'US' nor 'EU'.
    """
    if asked.jurisdiction not in JURISDICTIONS:
        raise UnknownJurisdiction(f"no limits of {asked.jurisdiction!r}", field="jurisdiction")
    entries = _entries(asked)
    person = Person(asked.age_years, "unknown", asked.jurisdiction)
    for number, (kind, text) in enumerate(entries, start=1):
        person = _READERS[kind](release, person, UUID(int=number), text)
    return person


def _entries(asked: Asked) -> list[tuple[str, str]]:
    lists = {
        "drug": asked.drugs,
        "supplement": asked.supplements,
        "condition": asked.conditions,
        "allergy": asked.allergies,
        "lab_test": asked.lab_tests,
    }
    entries = [(kind, text.strip()) for kind, texts in lists.items() for text in texts if text.strip()]
    if not entries:
        raise NothingAsked("Name at least one drug, supplement, condition, allergy or test.")
    if len(entries) > MOST_ENTRIES:
        raise TooMuchAsked(f"{len(entries)} entries; at most {MOST_ENTRIES} are checked together")
    for kind, text in entries:
        if len(text) > LONGEST_ENTRY:
            raise TooMuchAsked(f"a {kind} of {len(text)} characters; at most {LONGEST_ENTRY}")
    return entries


def _with_drug(release: Release, person: Person, entry: UUID, text: str) -> Person:
    drug, unread = _drug(release, entry, text)
    if drug is None or not _is_reviewed(release, drug):
        supplement = recognise_supplement(release, text, text, entry_id=entry)
        if supplement.is_recognised:
            return replace(person, supplements=(*person.supplements, supplement))
    drugs = person.drugs if drug is None else (*person.drugs, drug)
    return replace(person, drugs=drugs, unrecognised=(*person.unrecognised, *unread))


def _is_reviewed(release: Release, drug: TakenDrug) -> bool:
    """Whether rules know it: among the names of drugs are plants as well, whose classes nobody gave."""
    return bool(drug.class_keys) or any(key in release.drug_book.drugs for key in drug.drug_keys)


def _drug(release: Release, entry: UUID, text: str) -> tuple[TakenDrug | None, tuple[Unrecognised, ...]]:
    of_class = recognise_class(release, text)
    if of_class is not None:
        return replace(of_class, entry_id=entry), ()
    return read_drug(release, entry, text, dosage_text=text)


def _with_supplement(release: Release, person: Person, entry: UUID, text: str) -> Person:
    supplement = recognise_supplement(release, text, text, entry_id=entry)
    if supplement.is_recognised:
        notes = tuple(
            Unrecognised(entry, "amount", text, reason) for reason in unclear_amounts(release, supplement)
        )
        return replace(
            person,
            supplements=(*person.supplements, supplement),
            unrecognised=(*person.unrecognised, *notes),
        )
    drug, unread = _drug(release, entry, text)
    if drug is None:
        unread = (Unrecognised(entry, "supplement", text, blend_reason(text) or "not recognised"),)
        return replace(person, unrecognised=(*person.unrecognised, *unread))
    return replace(person, drugs=(*person.drugs, drug), unrecognised=(*person.unrecognised, *unread))


def _condition(release: Release, text: str) -> frozenset[str]:
    folded = fold(text)
    named = {one.key for one in release.conditions if folded in (fold(one.key), fold(one.name))}
    alone = {CONDITION_WORDS[folded]} if folded in CONDITION_WORDS else frozenset()
    return recognise_condition(release, text) | named | alone


def _with_condition(release: Release, person: Person, entry: UUID, text: str) -> Person:
    known = Known(entry, text, _condition(release, text))
    if not known.keys:
        return _with_allergy(release, person, entry, text, kind="condition")
    return replace(person, conditions=(*person.conditions, known))


def _with_allergy(
    release: Release, person: Person, entry: UUID, text: str, *, kind: str = "allergy"
) -> Person:
    """`kind` is the list that it was named in: a condition that says it is an allergy is one."""
    known = Known(entry, text, recognise_allergy(release, text))
    if not known.keys or (kind == "condition" and "allerg" not in fold(text)):
        return _unread(person, kind, known)
    return replace(person, allergies=(*person.allergies, known))


def _with_lab_test(release: Release, person: Person, entry: UUID, text: str) -> Person:
    alone = {TEST_WORDS[fold(text)]} if fold(text) in TEST_WORDS else frozenset()
    known = Known(entry, text, recognise_lab_test(release, text) | alone)
    if not known.keys:
        return _unread(person, "lab_test", known)
    return replace(person, lab_tests=(*person.lab_tests, known))


def _unread(person: Person, kind: str, known: Known) -> Person:
    unread = Unrecognised(known.entry_id, kind, known.text, "not recognised")
    return replace(person, unrecognised=(*person.unrecognised, unread))


_READERS: dict[str, Callable[[Release, Person, UUID, str], Person]] = {
    "drug": _with_drug,
    "supplement": _with_supplement,
    "condition": _with_condition,
    "allergy": _with_allergy,
    "lab_test": _with_lab_test,
}
