"""The sections of a Master Protocol as people write them: fields with labels, texts in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from willowbark.kernel.errors import Invalid, NotFound
from willowbark.protocols.core import own_sources
from willowbark.protocols.core.documents import in_words, validator
from willowbark.protocols.core.masters import ADVICE_KINDS, TRIGGER_KINDS

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

UNITS = ("mg", "ug", "g", "million_cfu", "unit")
GRADES = ("A", "B", "C", "D")
# What a field of a form makes of a text: an amount is exact, `keys` are separated by commas.
TEXT, LONG, CHOICE, WHOLE, AMOUNT, KEYS, DAY = "text", "long", "choice", "whole", "amount", "keys", "day"


@dataclass(frozen=True, slots=True)
class Field:
    """
    One field of a line: its name in the document, its label, and what kind of text it takes.

    `options` are the values of a choice. An empty text of an `optional` field is null.
    """

    name: str
    label: str
    kind: str = TEXT
    hint: str = ""
    options: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A list of lines of a Master Protocol; `named_by` are the fields that tell its lines apart."""

    key: str
    title: str
    one: str
    fields: tuple[Field, ...]
    named_by: tuple[str, ...] = ("key",)

    @property
    def a_one(self) -> str:
        """One of its lines, with the article."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((each for each in self.fields if each.name == name), None)


class NoSection(NotFound):
    """A Master Protocol has no such section."""

    code = "no_section"


_KEY = Field(
    "key", "Key", hint="Small letters, digits and _; it names the line in tasks and in what is compared."
)
_WHY = Field("why", "Why", LONG)
_EVIDENCE = (
    Field("grade", "Evidence", CHOICE, "A only where every source was seen and supports it.", GRADES),
    Field("source_keys", "Sources", KEYS, "Keys of sources, separated by commas."),
)
_WANTED = (
    Field("ingredient_key", "Ingredient", hint="Its key in the knowledge."),
    Field("least", "At least a day", AMOUNT),
    Field("aim", "Aim a day", AMOUNT),
    Field("most", "At most a day", AMOUNT, optional=True),
    Field("unit", "Unit", CHOICE, options=UNITS),
)
_PHASES = Field("phases", "Only in the phases", KEYS, "Keys of phases; none is all of them.", optional=True)
_MEASURE = (
    Field("codes", "LOINC codes", KEYS, optional=True),
    Field("names", "Or words in the test's name", KEYS, "In small letters.", optional=True),
)

SECTIONS: Mapping[str, Section] = {
    each.key: each
    for each in (
        Section(
            "triggers",
            "When it comes to mind",
            "trigger",
            (
                Field("kind", "Looks at", CHOICE, options=TRIGGER_KINDS),
                Field("key", "Key", hint="A key of the knowledge; for words, the words in small letters."),
                Field("text", "In words", LONG),
                *_MEASURE,
                Field("at_least", "At least", AMOUNT, optional=True),
                Field("at_most", "At most", AMOUNT, optional=True),
                Field("unit", "In the unit", optional=True),
                Field("flag", "Laboratory's flag", CHOICE, options=("", "low", "high"), optional=True),
                *_EVIDENCE,
            ),
            ("kind", "key"),
        ),
        Section(
            "phases",
            "Phases",
            "phase",
            (
                _KEY,
                Field("title", "Title"),
                Field("days", "About so many days", WHOLE),
                Field("text", "What for", LONG),
                *_EVIDENCE,
            ),
        ),
        Section(
            "targets",
            "Targets a day",
            "target",
            (
                _KEY,
                Field("layer", "Layer", CHOICE, options=("foundation", "targeted")),
                *_WANTED,
                _PHASES,
                _WHY,
                *_EVIDENCE,
            ),
        ),
        Section(
            "alternatives",
            "What may take the place",
            "alternative",
            (
                _KEY,
                Field("instead_of", "In the place of the target", hint="The target's key."),
                *_WANTED,
                _WHY,
                *_EVIDENCE,
            ),
        ),
        Section(
            "ceilings",
            "Ceilings",
            "ceiling",
            (
                _KEY,
                Field("ingredient_key", "Ingredient", hint="Its key in the knowledge."),
                Field("most", "At most a day", AMOUNT),
                Field("unit", "Unit", CHOICE, options=UNITS),
                _WHY,
                *_EVIDENCE,
            ),
        ),
        Section(
            "advice",
            "Food, movement, sleep, mind",
            "piece of advice",
            (
                Field("kind", "About", CHOICE, options=ADVICE_KINDS),
                Field("text", "Advice", LONG),
                _PHASES,
                _WHY,
                *_EVIDENCE,
            ),
            ("text",),
        ),
        Section(
            "monitoring",
            "What is watched",
            "thing to watch",
            (
                _KEY,
                Field("text", "What", LONG),
                Field("after_days", "After days", WHOLE),
                Field("every_days", "Then every days", WHOLE, optional=True),
                Field("next_action", "What to do with it", LONG),
                *_EVIDENCE,
            ),
        ),
        Section(
            "outcomes",
            "By what one sees that it works",
            "outcome",
            (
                _KEY,
                Field("text", "What"),
                *_MEASURE,
                Field("goal", "Goal", LONG),
                Field("after_days", "After days", WHOLE),
                *_EVIDENCE,
            ),
        ),
        Section(
            "referrals",
            "Whom to send somebody to",
            "referral",
            (_KEY, Field("to", "To whom"), Field("text", "When", LONG), _WHY, *_EVIDENCE),
        ),
        Section(
            "stop_rules",
            "When to stop",
            "stop rule",
            (Field("text", "When", LONG), _WHY, *_EVIDENCE),
            ("text",),
        ),
        Section(
            own_sources.SECTION,
            "The practice's own sources: not verified by Willowbark",
            "source of the practice's own",
            (
                Field("key", "Key", hint="Begins with own_; lines cite it by this."),
                Field("kind", "Kind", CHOICE, options=own_sources.KINDS),
                Field("title", "Title", LONG),
                Field("authors", "Authors or body"),
                Field("year", "Year", WHOLE),
                Field("locator", "Identifier or address", hint="As text: a DOI, an address, where it lies."),
                Field(
                    "grade",
                    "Evidence, as the practice grades it",
                    CHOICE,
                    "No A: that asks for a source that was seen for the release.",
                    own_sources.GRADES,
                ),
                Field("reviewed_on", "Reviewed on", DAY),
            ),
        ),
    )
}
HEAD = (
    Field("title", "Title"),
    Field("summary", "In one sentence", LONG),
    Field("from_age_years", "From age", WHOLE, "Nothing is signed for anybody younger."),
)


def section_of(key: str) -> Section:
    """
    The section of that key.

    Raises:
        NoSection: there is none.
    """
    found = SECTIONS.get(key)
    if found is None:
        raise NoSection("section")
    return found


def texts_of(fields: tuple[Field, ...], line: Mapping[str, Any]) -> dict[str, str]:
    """A line as a form shows it."""
    return {each.name: text_of(line.get(each.name)) for each in fields}


def text_of(value: Any) -> str:
    """A value of a line as text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def line_of(
    section: Section, texts: Mapping[str, str], stamps: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """
    A line of a section, as somebody wrote it, with what is written by nobody's hand (`stamps`).

    Raises:
        Invalid: a field does not say what it must; `field` names it.
    """
    line = {each.name: _value(each, texts.get(each.name, "").strip()) for each in section.fields}
    line |= stamps or {}
    for error in _line_validator(section.key).iter_errors(line):
        name = str(error.path[0]) if error.path else ""
        found = section.field(name)
        label = found.label if found else section.one.capitalize()
        raise Invalid(f"{label}: {error_in_words(found, error)}.", field=name)
    return line


def line_faults(section: str, line: Any) -> Iterator[str]:
    """What the schema does not allow of a line of a section, in words."""
    for error in _line_validator(section).iter_errors(line):
        place = ".".join(map(str, error.path))
        words = error_in_words(section_of(section).field(place), error)
        yield f"{place}: {words}" if place else words


def error_in_words(field: Field | None, error: ValidationError) -> str:
    """What the schema does not allow of a field, in words; an amount's without the form that it asks for."""
    if field is None or field.kind != AMOUNT or error.validator != "pattern":
        return in_words(error)
    said = str(error.instance)[:40]
    return f"an amount {'above zero' if said.startswith('-') else 'such as 100 or 0.5'}, not {said}"


def head_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """
    The head of a Master Protocol (`HEAD`), as somebody wrote it.

    Raises:
        Invalid: a field does not say what it must; `field` names it.
    """
    head = {each.name: _value(each, texts.get(each.name, "").strip()) for each in HEAD}
    if head["from_age_years"] > 120:
        raise Invalid("From age: at most 120 years.", field="from_age_years")
    for name in ("title", "summary"):
        if len(head[name]) > 500:
            raise Invalid("At most 500 characters.", field=name)
    return head


def _value(asked: Field, text: str) -> Any:
    if not text and (asked.optional or asked.kind == KEYS):
        if asked.kind == KEYS:
            return []
        return None if asked.kind in (WHOLE, AMOUNT) else ""
    if not text:
        raise Invalid(f"{asked.label}: say something.", field=asked.name)
    if asked.kind == KEYS:
        return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if asked.kind == WHOLE:
        if not text.isascii() or not text.isdigit() or len(text) > 5:
            raise Invalid(f"{asked.label}: a whole number, such as 28.", field=asked.name)
        return int(text)
    if asked.kind == DAY:
        return _day(asked, text)
    if asked.kind == AMOUNT:
        return _amount(asked, text.replace(",", ""))
    return text


def _day(asked: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Invalid(f"{asked.label}: a day, such as 2026-03-02.", field=asked.name) from error


def _amount(asked: Field, text: str) -> str:
    whole, point, rest = text.removeprefix("-").partition(".")
    is_number = whole.isascii() and whole.isdigit() and (not point or (rest.isascii() and rest.isdigit()))
    if not is_number or len(whole) > 9 or len(rest) > 6:
        raise Invalid(f"{asked.label}: an amount, such as 100 or 0.5.", field=asked.name)
    return text


@cache
def _line_validator(section: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    schema: Any = validator("schema/master").schema
    return Draft202012Validator({"$defs": schema["$defs"], **schema["properties"][section]["items"]})
