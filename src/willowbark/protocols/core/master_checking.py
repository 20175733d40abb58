"""What is still wrong with a Master Protocol that somebody writes: line by line, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from willowbark.knowledge.core.release import Release
from willowbark.protocols.core.contradictions import faults_of_amounts
from willowbark.protocols.core.documents import validator
from willowbark.protocols.core.master_sections import HEAD, SECTIONS, error_in_words
from willowbark.protocols.core.masters import Guideline, Master
from willowbark.protocols.core.own_sources import SECTION as OWN_SOURCES
from willowbark.protocols.core.reading_masters import faults_of, master_of
from willowbark.protocols.core.units import OtherUnit, converted

if TYPE_CHECKING:
    from jsonschema import ValidationError

_PATH = re.compile(r"\$\.(?P<section>[a-z_]+)(?:\[(?P<at>\d+)\])?(?:\.(?P<field>[a-z_]+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: the section's key ('' for the head), the line from 0 or None, the field."""

    text: str
    section: str
    at: int | None
    field: str


def faults_in(
    document: Mapping[str, Any], release: Release, guidelines: Mapping[str, Guideline]
) -> tuple[Fault, ...]:
    """Everything that keeps a document from being approved, in its order; () when nothing does."""
    found = [
        _fault(_words(error), error.json_path) for error in validator("schema/master").iter_errors(document)
    ]
    if not found:
        master = master_of(document)
        found += [_fault(text, path) for text, path in faults_of(master)]
        found += [_fault(text, path) for text, path in _unknown(master, release, guidelines)]
        found += [_fault(text, path) for text, path in faults_of_amounts(master, release)]
    order = ["", *SECTIONS]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (order.index(each.section), each.at or 0)))


def _words(error: ValidationError) -> str:
    match = _PATH.match(error.json_path)
    section = SECTIONS.get(match["section"]) if match else None
    return error_in_words(section.field(match["field"] or "") if match and section else None, error)


def _fault(text: str, path: str) -> Fault:
    match = _PATH.match(path)
    section = match["section"] if match else ""
    if section not in SECTIONS:
        label = next((each.label for each in HEAD if each.name == section), "")
        return Fault(_sentence(f"{label}: {text}" if label else text), "", None, section)
    at, name = (match["at"], match["field"]) if match else (None, None)
    field = SECTIONS[section].field(name or "")
    words = f"{field.label}: {text}" if field else text
    return Fault(_sentence(words), section, int(at) if at else None, name or "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _unknown(
    master: Master, release: Release, guidelines: Mapping[str, Guideline]
) -> Iterator[tuple[str, str]]:
    """What names something that the knowledge does not have, or claims more than its sources."""
    for section in ("targets", "alternatives", "ceilings"):
        for at, line in enumerate(getattr(master, section)):
            known = release.ingredients.get(line.ingredient_key)
            if known is None:
                yield f"no ingredient {line.ingredient_key}", f"$.{section}[{at}].ingredient_key"
                continue
            try:
                converted(line.most or line.aim, line.unit, known.unit)
            except OtherUnit:
                yield f"{known.name} is not counted in {line.unit}", f"$.{section}[{at}].unit"
    conditions = {each.key for each in release.conditions}
    for at, trigger in enumerate(master.triggers):
        kinds = {
            "condition": conditions,
            "drug": release.drug_book.drugs,
            "drug_class": release.drug_book.classes,
        }
        if trigger.kind in kinds and trigger.key not in kinds[trigger.kind]:
            yield f"the knowledge has no {trigger.kind} {trigger.key}", f"$.triggers[{at}].key"
        if trigger.kind == "words" and trigger.key != trigger.key.lower():
            yield "words are written in small letters", f"$.triggers[{at}].key"
    for section in (each for each in SECTIONS if each != OWN_SOURCES):
        for at, line in enumerate(getattr(master, section)):
            seen = []
            for key in line.evidence.source_keys:
                source = release.sources.get(key) or guidelines.get(key) or master.own.get(key)
                if source is None:
                    yield f"no source {key.removeprefix(f'{master.key}.')}", f"$.{section}[{at}].source_keys"
                else:
                    seen.append(source.verified)
            if line.evidence.grade == "A" and not all(seen):
                yield "nobody has seen every source, so it is no A", f"$.{section}[{at}].grade"
