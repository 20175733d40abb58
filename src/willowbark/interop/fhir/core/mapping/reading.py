"""One resource while it is being mapped: its references, dates, codes and texts, each checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS, Bounds
from willowbark.interop.fhir.core.identity import source_key
from willowbark.interop.fhir.core.mapping.datatypes import (
    CodeableConcept,
    Coding,
    Contained,
    Domain,
    HumanName,
    Reference,
)
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.mapping.limits import (
    CHARACTERS,
    CLOCK_SKEW,
    EARLIEST,
    HORIZON,
    MOST_DIGITS,
    MOST_PLACES,
)
from willowbark.interop.fhir.core.mapping.outcome import Owner
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.resource import Resource
from willowbark.interop.fhir.core.references import ByIdentifier, Elsewhere, Goal, Links, Target
from willowbark.interop.fhir.core.references import Contained as ContainedGoal
from willowbark.kernel.errors import Invalid
from willowbark.kernel.partial_date import PartialDate, parse_partial_date

_parse_date = lru_cache(maxsize=8192)(parse_partial_date)


class Reading:
    """
    Everything a mapping may ask about one resource. `now` is when the run began; it bounds dates.

    Warnings gather what was left out without harm.
    """

    __slots__ = ("bounds", "contained", "directory", "links", "now", "resource", "source", "warnings")

    def __init__(
        self,
        resource: Resource,
        *,
        source: str,
        now: datetime,
        links: Links,
        directory: Directory,
        bounds: Bounds = DEFAULT_BOUNDS,
    ) -> None:
        self.resource = resource
        self.source = source
        self.now = now
        self.links = links
        self.directory = directory
        self.bounds = bounds
        self.contained: list[Contained] = []
        self.warnings: list[str] = []

    def open(self, resource: Domain) -> None:
        """
        Begin: learn what the resource contains, and refuse what could turn its meaning.

        Raises:
            Refused: it carries a modifierExtension, which FHIR forbids to overlook.
        """
        refuse_modifier(resource.modifier_extension, "")
        self.contained = resource.contained or []

    def warn(self, message: str) -> None:
        """Note that something was left out."""
        self.warnings.append(message)

    # Who and where

    @property
    def key(self) -> UUID:
        """The source key of this resource."""
        return source_key(self.source, self.resource.type, self.resource.id)

    def owner(self, reference: Reference | None, path: str) -> Owner | None:
        """
        Whose record this belongs to; None when `reference` names something that is not a patient.

        Raises:
            Refused: there is no reference, or it leads nowhere.
        """
        if reference is None:
            raise Refused("missing", f"{path} is missing: nobody can tell whose this is")
        goal = self._goal(reference, "Patient")
        match goal:
            case Target(type="Patient" | "", id=id_):
                return source_key(self.source, "Patient", id_)
            case ByIdentifier(type="Patient" | ""):
                return self.directory.owner(goal) or goal
            case Target() | ByIdentifier():
                return None
            case ContainedGoal(id=id_):
                raise Refused("unknown_patient", f"{path} points at a patient inside itself, {id_!r}")
            case Elsewhere(text=text):
                raise Refused(
                    "unknown_patient", f"{path} leads to {_address(text)!r}, which was not sent along"
                )
            case None:
                raise Refused("missing", f"{path} names nobody: it has neither a reference nor an identifier")

    def encounter(self, reference: Reference | None, path: str) -> UUID | None:
        """The source key of the visit that this belongs to, if it says one."""
        if reference is None:
            return None
        match self._goal(reference, "Encounter"):
            case Target(type="Encounter" | "", id=id_):
                return source_key(self.source, "Encounter", id_)
            case Target() | None:
                return None
            case _:
                self.warn(f"{path} leads to a visit that was not sent along")
                return None

    def person_or_place(self, *references: Reference | None) -> str:
        """The name behind the first reference that has one: its display, or the resource's own name."""
        for reference in references:
            if reference is None:
                continue
            if name := reference.display or self._name_of(reference):
                return clip(name, CHARACTERS["author_name"])
        return ""

    def _name_of(self, reference: Reference) -> str:
        match self._goal(reference, ""):
            case ContainedGoal(id=id_):
                inner = self._contained(id_)
                return name_in(inner.name) if inner else ""
            case Target() | ByIdentifier() as goal:
                return self.directory.name(goal)
            case _:
                return ""

    def medication(self, reference: Reference, path: str) -> CodeableConcept:
        """
        What the medication behind a reference is.

        Raises:
            Refused: nobody has said it, and the reference has no words of its own.
        """
        found: CodeableConcept | None = None
        goal = self._goal(reference, "Medication")
        match goal:
            case ContainedGoal(id=id_):
                inner = self._contained(id_)
                found = concept_in(inner.code, f"contained {id_!r}") if inner else None
            case Target() | ByIdentifier():
                found = self.directory.medication(goal)
            case _:
                pass
        if found is not None:
            return found
        if reference.display:
            return CodeableConcept(text=reference.display)
        named = _address(reference.reference or "nothing")
        needs = source_key(self.source, "Medication", goal.id) if isinstance(goal, Target) else None
        raise Refused("unknown_medication", f"{path} leads to {named!r}, which is not known", needs=needs)

    def _goal(self, reference: Reference, expected_type: str) -> Goal | None:
        type_ = reference.type or expected_type
        if reference.reference:
            return self.links.resolve(reference.reference, type_)
        if reference.identifier and reference.identifier.value:
            return ByIdentifier(type_, reference.identifier.system or "", reference.identifier.value)
        return None

    def _contained(self, id_: str) -> Contained | None:
        for inner in self.contained:
            if inner.id == id_:
                return inner
        return None

    # When

    def when(self, text: str | None, path: str, *, planned: bool = False) -> PartialDate | None:
        """
        Read a date; `planned` allows it to lie ahead.

        Raises:
            Refused: impossible, before 1850, or in the future.
        """
        if text is None:
            return None
        try:
            date = _parse_date(text)
        except Invalid as error:
            raise Refused("date", f"{path} {error}") from error
        if date.at < EARLIEST:
            raise Refused("date", f'{path} "{text}" lies before {EARLIEST.year}')
        if date.at > self.now + (HORIZON if planned else CLOCK_SKEW):
            raise Refused("date", f'{path} "{text}" lies {"too far ahead" if planned else "in the future"}')
        return date

    def first_date(self, *dates: tuple[str | None, str]) -> PartialDate | None:
        """Read the first date that is there; the others are not looked at."""
        for text, path in dates:
            if text is not None:
                return self.when(text, path)
        return None

    # What

    def text(self, value: str | None, column: str, path: str) -> str:
        """
        Return a text for `column`, '' for none.

        Raises:
            Refused: longer than the column.
        """
        if not value:
            return ""
        if len(value) > CHARACTERS[column]:
            raise Refused(
                "too_long", f"{path} is {len(value):,} characters long; the bound is {CHARACTERS[column]:,}"
            )
        return value

    def status(self, value: str | None, allowed: frozenset[str], path: str = "status") -> str:
        """
        Return a code of a required value set; 'unknown' with a warning when there is none.

        Raises:
            Refused: not a code of the set.
        """
        if value is None:
            self.warn(f"{path} is missing")
            return "unknown"
        return one_of(value, allowed, path)

    def code(self, concept: CodeableConcept | None, path: str, *systems: str) -> dict[str, Any]:
        """
        Return `code_system`, `code` and `text` of a concept, preferring codes of `systems` in their order.

        Raises:
            Refused: there is neither a code nor a word.
        """
        coding = best_coding(concept, systems)
        text = words(concept, coding)
        if not text:
            raise Refused("missing", f"{path} is missing: nobody can tell what this is about")
        return {
            "code_system": self.text(coding.system, "code_system", f"{path}.coding.system") if coding else "",
            "code": self.text(coding.code, "code", f"{path}.coding.code") if coding else "",
            "text": self.text(text, "text", f"{path}.text"),
        }

    def simple_code(self, concept: CodeableConcept | None, column: str, path: str) -> str:
        """The bare code of a concept, else its words; '' for none."""
        coding = best_coding(concept, ())
        return self.text((coding.code if coding else None) or words(concept, coding), column, path)

    def listed(self, concepts: Iterable[CodeableConcept] | None, column: str) -> str:
        """The words of several concepts, one after another, clipped to the column."""
        said = [words(concept, best_coding(concept, ())) for concept in concepts or ()]
        joined = "; ".join(dict.fromkeys(text for text in said if text))
        if len(joined) > CHARACTERS[column]:
            self.warn(f"{column} was clipped at {CHARACTERS[column]:,} characters")
        return clip(joined, CHARACTERS[column])

    def number(self, raw: msgspec.Raw, path: str) -> Decimal | None:
        """
        Return a number exactly as it was written, None when there is none.

        Raises:
            Refused: not a number, or beyond any measurement.
        """
        written = bytes(raw)
        if not written or written == b"null":
            return None
        if written[0] not in b"-0123456789":
            raise Refused(
                "wrong_type", f"{path}: expected a number, found {written[:40].decode(errors='replace')}"
            )
        value = Decimal(written.decode())
        if value and (abs(value.adjusted()) > MOST_PLACES or len(value.as_tuple().digits) > MOST_DIGITS):
            raise Refused("number", f"{path} {written[:60].decode()} is beyond any measurement")
        return value

    def whole(self, value: int, path: str) -> Decimal:
        """
        Return a whole number.

        Raises:
            Refused: beyond any measurement.
        """
        if abs(value) >= 10**MOST_PLACES:
            raise Refused("number", f"{path} is beyond any measurement")
        return Decimal(value)


def is_there(raw: msgspec.Raw) -> bool:
    """Whether a raw field says anything."""
    return bytes(raw) not in (b"", b"null", b"[]", b"{}")


def one_of(value: str, allowed: Collection[str], path: str) -> str:
    """
    Return a code that belongs to a required value set.

    Raises:
        Refused: not a code of the set.
    """
    if value not in allowed:
        raise Refused("unknown_code", f"{path} {value[:60]!r} is none of {', '.join(sorted(allowed))}")
    return value


def refuse_modifier(raw: msgspec.Raw, prefix: str) -> None:
    """
    Refuse what FHIR forbids to overlook.

    Raises:
        Refused: there is a modifierExtension.
    """
    if is_there(raw):
        raise Refused("modifier", f"{prefix}modifierExtension may turn the meaning: a person must read it")


def best_coding(concept: CodeableConcept | None, systems: tuple[str, ...]) -> Coding | None:
    """The code to keep of several: of the first preferred system, else the first that has a code."""
    if concept is None or not concept.coding:
        return None
    coded = [coding for coding in concept.coding if coding.code]
    for system in systems:
        for coding in coded:
            if coding.system == system:
                return coding
    return coded[0] if coded else None


def words(concept: CodeableConcept | None, coding: Coding | None) -> str:
    """What a person reads: the concept's own text, else a display, else the bare code."""
    if concept is None:
        return ""
    if concept.text and (text := concept.text.strip()):
        return text
    if coding is not None and coding.display:
        return coding.display
    for other in concept.coding or ():
        if other.display:
            return other.display
    return (coding.code or "") if coding is not None else ""


def _address(reference: str) -> str:
    """A reference as it is told of: what it asks for behind its address may be a number of somebody's."""
    return reference.partition("?")[0][:200]


def clip(text: str, characters: int) -> str:
    """Shorten a text that we put together ourselves, visibly."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def full_name(name: HumanName) -> str:
    """A name as it is spoken: `Dr. Loren Fay`."""
    if name.text:
        return name.text
    parts = [*(name.prefix or ()), *(name.given or ()), name.family, *(name.suffix or ())]
    return " ".join(part for part in parts if part)


def name_in(raw: msgspec.Raw) -> str:
    """The name of a practitioner (a list of names) or of an organisation or place (a text); '' for none."""
    if not is_there(raw):
        return ""
    try:
        value = msgspec.json.decode(raw, type=str | list[HumanName])
    except msgspec.ValidationError:
        return ""
    if isinstance(value, str):
        return value
    return next((full_name(name) for name in value if full_name(name)), "")


def concept_in(raw: msgspec.Raw, path: str) -> CodeableConcept | None:
    """
    The concept in a raw field, None for none.

    Raises:
        Refused: of the wrong type.
    """
    if not is_there(raw):
        return None
    try:
        return msgspec.json.decode(raw, type=CodeableConcept)
    except msgspec.ValidationError as error:
        raise Refused("wrong_type", f"{path}: {error}") from error
