"""Each figure that a scenario can give: what it is, its unit and bounds, its default, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("number", "whole", "flag", "choice", "records")


@dataclass(frozen=True, slots=True)
class Document:
    """What defaults are taken from. `locator` is where it can be read, '' when it has no public address."""

    key: str
    title: str
    locator: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Source:
    """The document that a default is from, and the words there, or the reason where no document has any."""

    document: Document
    quote: str


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
        ValueError: a figure without a source, of an unknown kind, or with bounds upside down.
    """
    documents = {
        key: Document(key, one["title"], one.get("locator", ""), one["is_verified"])
        for key, one in said["documents"].items()
    }
    found = {}
    for section, members in said["fields"].items():
        for name, one in members.items():
            path = f"{section}.{name}"
            found[path] = _field(path, one, documents)
            if found[path].source is None:
                raise ValueError(f"{path} does not say where it is from")
    return Fields(str(said["reviewed_on"]), documents, found)


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
        source=Source(documents[source["document"]], source["quote"]) if source else None,
    )
