"""How many of the drugs of a list or of a file of FHIR resources are recognised by their text alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from willowbark.knowledge.core.recognising import recognise_drug
from willowbark.knowledge.core.release import Release


@dataclass(frozen=True, slots=True)
class Resolved:
    """Distinct texts: all, what each that is known was read as, and those of which nothing is known."""

    texts: int
    read_as: Mapping[str, str]
    missed: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share that is recognised, 0 to 1; 1 of nothing."""
        return 1 - len(self.missed) / self.texts if self.texts else 1.0


def resolve(release: Release, texts: Iterable[str]) -> Resolved:
    """Recognise each distinct text by itself, without a code."""
    distinct = sorted({text.strip() for text in texts if text.strip()})
    found = {text: recognise_drug(release, text) for text in distinct}
    return Resolved(
        texts=len(distinct),
        read_as={text: one.matched_text for text, one in found.items() if one is not None},
        missed=tuple(text for text, one in found.items() if one is None),
    )


def active_texts(resource: Any) -> Iterator[str]:
    """The drugs of the active prescriptions of a FHIR resource or of everything in a bundle of them."""
    if not isinstance(resource, dict):
        return
    for entry in resource.get("entry", ()):
        yield from active_texts(entry.get("resource"))
    if resource.get("resourceType") == "MedicationRequest" and resource.get("status") == "active":
        concept = resource.get("medicationCodeableConcept", {})
        texts = [concept.get("text"), *(coding.get("display") for coding in concept.get("coding", ()))]
        yield from [text for text in texts if isinstance(text, str)][:1]
