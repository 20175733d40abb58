"""How resources point at each other, and what that comes to within one document and one run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_ABSOLUTE = re.compile(
    r"(?P<base>https?://.+?)/(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-_]{1,128})(?:/_history/[^/]+)?\Z",
    re.ASCII,
)
_RELATIVE = re.compile(r"/?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[^/?#\s]{1,128})(?:/_history/[^/]+)?\Z", re.ASCII)
_CONDITIONAL = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?identifier=(?P<identifier>.+)\Z", re.ASCII)
_URN_UUID = "urn:uuid:"


class Target(NamedTuple):
    """A resource by type and id. `type` may be '' when the reference does not say it."""

    type: str
    id: str


class ByIdentifier(NamedTuple):
    """A resource by a business identifier, such as a practitioner by NPI."""

    type: str
    system: str
    value: str


class Contained(NamedTuple):
    """A resource inside the one that points at it."""

    id: str


class Elsewhere(NamedTuple):
    """A reference that leads out of what was sent: to another server, or to nothing we can read."""

    text: str


Goal = Target | ByIdentifier | Contained | Elsewhere


@dataclass(slots=True)
class Links:
    """
    The addresses (`fullUrl`) of one document's resources, and the servers that they name.

    `unusual` are the addresses that do not say themselves which resource they mean. `asks_for_owners` says
    that some resource belongs to whomever another one does (a Provenance to its target's patient).
    """

    by_full_url: dict[str, Target] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    unusual: dict[str, Target] = field(default_factory=dict)
    asks_for_owners: bool = False

    def add(self, full_url: str, target: Target) -> None:
        """Learn that `full_url` is this resource."""
        if not full_url:
            return
        self.by_full_url[full_url] = target
        if match := _ABSOLUTE.match(full_url):
            self.bases.add(match["base"])
        if address_of(full_url, target.type) != target.id:
            self.unusual[full_url] = target

    def as_json(self, mentioned_in: bytes) -> dict[str, Any]:
        """What somebody needs who later reads a resource of this document alone; {} when that is nothing."""
        kept: dict[str, Any] = {}
        if named := {url: list(to) for url, to in self.unusual.items() if url.encode() in mentioned_in}:
            kept["named"] = named
        if self.bases:
            kept["bases"] = sorted(self.bases)
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Links:
        """The links that `as_json` kept."""
        named = {url: Target(*to) for url, to in kept.get("named", {}).items()}
        return cls(dict(named), set(kept.get("bases", ())), named)

    def resolve(self, reference: str, expected_type: str) -> Goal:
        """
        Say what a reference points at.

        `expected_type` is what the field may hold: it completes a `urn:uuid:` that leads out of the document.
        An absolute address counts when its server is one that the document's own resources name, or when
        they name none; an address on another server never becomes a local one.
        """
        if reference.startswith("#"):
            return Contained(reference[1:])
        if known := self.by_full_url.get(reference):
            return known
        if reference.startswith(_URN_UUID):
            return Target(expected_type, reference.removeprefix(_URN_UUID))
        if match := _RELATIVE.match(reference):
            return self._relative(match["type"], match["id"])
        if match := _ABSOLUTE.match(reference):
            if self.bases and match["base"] not in self.bases:
                return Elsewhere(reference)
            return self._relative(match["type"], match["id"])
        if match := _CONDITIONAL.match(reference):
            system, _, value = match["identifier"].rpartition("|")
            return ByIdentifier(match["type"], system, value)
        return Elsewhere(reference)

    def _relative(self, type_: str, id_: str) -> Target:
        """`Patient/1` is the resource that the document keeps at that address, which may lack an id."""
        for base in self.bases:
            if known := self.by_full_url.get(f"{base}/{type_}/{id_}"):
                return known
        return Target(type_, id_)


def address_of(full_url: str, type_: str) -> str:
    """The id that a `fullUrl` implies for a resource of this type; '' when it implies none."""
    if full_url.startswith(_URN_UUID):
        return full_url.removeprefix(_URN_UUID)
    match = _ABSOLUTE.match(full_url)
    return match["id"] if match and match["type"] == type_ else ""
