"""The resources of a document in the order in which they are best taken in, and the addresses they have."""

from __future__ import annotations

import msgspec

from willowbark.interop.fhir.reading.documents import Document, Item
from willowbark.interop.fhir.references import Links, Target, address_of

#: What others point at comes before what points at it.
FIRST = (
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "HealthcareService",
    "Medication",
    "Patient",
    "Encounter",
)
_OTHERS = len(FIRST)
_RANK = {name: rank for rank, name in enumerate(FIRST)} | {"Provenance": _OTHERS + 1}


class _Head(msgspec.Struct, gc=False):
    resourceType: str | None = None  # noqa: N815 - FHIR's own spelling
    id: str | None = None


_decode = msgspec.json.Decoder(_Head).decode
_NOTHING = _Head()


def in_order(document: Document) -> tuple[list[Item], Links]:
    """
    Return the items, those that others point at first, and the addresses that the document gives them.

    Looks at types and ids alone; what cannot be read stands last and is told about when its turn comes.
    """
    links = Links()
    if len(document.items) == 1 and not document.items[0].full_url:
        return list(document.items), links
    ranked = []
    for item in document.items:
        head = _head(item)
        type_ = head.resourceType or ""
        links.asks_for_owners |= type_ == "Provenance"
        if head.resourceType and (id_ := head.id or address_of(item.full_url, type_)):
            links.add(item.full_url, Target(type_, id_))
        ranked.append((_RANK.get(type_, _OTHERS), item))
    ranked.sort(key=lambda pair: pair[0])
    return [item for _, item in ranked], links


def _head(item: Item) -> _Head:
    if item.fault is not None:
        return _NOTHING
    try:
        return _decode(item.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _NOTHING
