"""Each figure that a scenario can give: what it is, its unit and bounds, its default, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("number", "whole", "flag", "choice", "records")
# What a default is that no document can give: see the head of `data/defaults.yaml`.
CHOICES = ("not_known", "none", "even", "policy", "example", "method")


@dataclass(frozen=True, slots=True)
class Document:
    """
    What defaults are taken from.

    Attributes:
        locator: where it can be read: an address on the web, or a place in the documentation.
        publisher, year: of publication; 0 where the document does not say.
        jurisdiction: where what it says holds, '' where that does not matter.
        seen_on: the day on which somebody read the words that are quoted.
        is_verified: False for what is no document: what whoever plans chooses.
    """

    key: str
    title: str
    locator: str
    is_verified: bool
    publisher: str = ""
    year: int = 0
    jurisdiction: str = ""
    seen_on: str = ""

    @property
    def cited(self) -> str:
        """Title, publisher, year and where it holds, as a source is named."""
        parts = (self.title, self.publisher, str(self.year or ""), self.jurisdiction)
        return ". ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document."""

    document: Document
    quote: str


@dataclass(frozen=True, slots=True)
class Source:
    """
    The document that a default is from, and the words there, or the reason where no document has any.

    Attributes:
        how: how the default follows from the words, '' where they give it as it is.
        also: further documents that it takes.
        choice: one of CHOICES where no document can give it, otherwise ''.
    """

    document: Document
    quote: str
    how: str = ""
    also: tuple[Quote, ...] = ()
    choice: str = ""

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The words of every document that it takes, the first its own."""
        return (Quote(self.document, self.quote), *self.also)


@dataclass(frozen=True, slots=True)
class Field:
    """
    One figure of a scenario.

    Attributes:
        path: its address, as `practice.active_patients`.
        kind: 'number' may be a range; 'whole', 'flag' and 'choice' may not; 'records' is a list.
        value: the default as it is written in the file; None when a scenario need not have it.
        least, most: bounds of a number, both allowed.
        choices: the words of a choice.
        of_record: the figures of one record, by name.
    """

    path: str
    what: str
    kind: str
    unit: str
    value: Any
    least: float
    most: float
    choices: tuple[str, ...]
    of_record: tuple[Field, ...]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Fields:
    """Every figure by its path, in the order of the file, and the day somebody last looked through them."""

    reviewed_on: str
    documents: Mapping[str, Document]
    by_path: Mapping[str, Field]

    def sections(self) -> tuple[str, ...]:
        """The first parts of the paths, in the order of the file."""
        return tuple(dict.fromkeys(path.partition(".")[0] for path in self.by_path))


def fields_of(said: Mapping[str, Any]) -> Fields:
    """
    The figures as `data/defaults.yaml` has them.

    Raises:
        ValueError: a figure without a source, of an unknown kind, or with bounds upside down; a source that
            neither names a document nor says what kind of choice it is.
    """
    documents = {key: _document(key, one) for key, one in said["documents"].items()}
    found = {}
    for section, members in said["fields"].items():
        for name, one in members.items():
            path = f"{section}.{name}"
            found[path] = _field(path, one, documents)
            if found[path].source is None:
                raise ValueError(f"{path} does not say where it is from")
    return Fields(str(said["reviewed_on"]), documents, found)


def _document(key: str, one: Mapping[str, Any]) -> Document:
    return Document(
        key=key,
        title=one["title"],
        locator=one["locator"],
        is_verified=one["is_verified"],
        publisher=one.get("publisher", ""),
        year=one.get("year") or 0,
        jurisdiction=one.get("jurisdiction", ""),
        seen_on=str(one.get("seen_on", "")),
    )


def _source(path: str, one: Mapping[str, Any], documents: Mapping[str, Document]) -> Source:
    choice = one.get("choice", "")
    document = documents[one["document"]]
    if document.is_verified == bool(choice) or (choice and choice not in CHOICES):
        raise ValueError(f"{path} is neither from a document nor one of {', '.join(CHOICES)}")
    return Source(
        document=document,
        quote=one["quote"],
        how=one.get("how", ""),
        also=tuple(Quote(documents[also["document"]], also["quote"]) for also in one.get("also", ())),
        choice=choice,
    )


def _field(path: str, one: Mapping[str, Any], documents: Mapping[str, Document]) -> Field:
    kind = one.get("kind", "number")
    if kind not in KINDS:
        raise ValueError(f"{path} is of no kind that there is: {kind}")
    least, most = float(one.get("least", 0)), float(one.get("most", 0))
    if kind in ("number", "whole") and not least < most:
        raise ValueError(f"{path} has no bounds, or they are upside down")
    source = one.get("source")
    return Field(
        path=path,
        what=one["what"],
        kind=kind,
        unit=one.get("unit", ""),
        value=one.get("value"),
        least=least,
        most=most,
        choices=tuple(one.get("choices", ())),
        of_record=tuple(_field(name, member, documents) for name, member in one.get("of_record", {}).items()),
        source=_source(path, source, documents) if source else None,
    )
