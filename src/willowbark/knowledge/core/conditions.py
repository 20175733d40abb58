"""Recognising conditions, allergies and laboratory tests by code or by words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.release import Release

# Words right before a name that make it no finding of this person's.
_NOT_THEIRS = re.compile(
    r"(?:\bno|\bnot|\bnon|\bdenies|\bwithout|\bnegative for|\brule out|\bruled out|\bsuspected|\bpossible"
    r"|\brisk of|\bat risk for|\bscreening for|\bfear of|\bprevention of|\bno known|\bno history of)"
    r"(?: \w+){0,1}$"
)
_FAMILY = re.compile(r"\bfamily history\b|\bfh\b|\bmother had\b|\bfather had\b")


def conditions(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """
    The conditions that a text or its code says; empty when it says none of them.

    A finding that is denied, suspected or the family's is none.
    """
    system, number = code_system.lower(), code.strip()
    found = {
        one.key
        for one in release.conditions
        if ("snomed" in system and number in one.snomed)
        or ("icd-10" in system and any(_begins(number, start) for start in one.icd10))
        or _says(text, one.phrases, one.not_phrases)
    }
    if "ckd_severe" in found:
        found.add("ckd")
    return frozenset(found)


def allergies(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """The allergens that a text or its code says; empty when it says none of them."""
    snomed = "snomed" in code_system.lower()
    return frozenset(
        one.key
        for one in release.allergens
        if (snomed and code.strip() in one.snomed) or _says(text, one.phrases, one.not_phrases)
    )


def lab_tests(release: Release, text: str, code_system: str = "", code: str = "") -> frozenset[str]:
    """The laboratory tests that a text or its code (LOINC) names; empty when it names none of them."""
    loinc = "loinc" in code_system.lower()
    return frozenset(
        one.key
        for one in release.lab_tests
        if (loinc and code.strip() in one.loinc) or _says(text, (one.name, *one.phrases), ())
    )


def _begins(code: str, start: str) -> bool:
    """Whether an ICD-10 code is that of a category or below it, written with or without the point."""
    return code.upper().replace(".", "").startswith(start.replace(".", ""))


def _says(text: str, phrases: Iterable[str], not_phrases: Iterable[str]) -> bool:
    folded = fold(text)
    if _FAMILY.search(folded):
        return False
    for phrase in not_phrases:
        folded = re.sub(rf"\b{re.escape(phrase)}\b", " ", folded)
    for phrase in phrases:
        # "Almonds" says almond.
        for found in re.finditer(rf"\b{re.escape(fold(phrase))}(?:e?s)?\b", folded):
            if not _NOT_THEIRS.search(folded[: found.start()].rstrip()):
                return True
    return False
