"""The resources of a document in the order in which they are best taken in, and the addresses they have."""

from __future__ import annotations

from willowbark.interop.fhir.core.reading.documents import Document, Item
from willowbark.interop.fhir.core.references import Links, Target, address_of

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


def in_order(document: Document) -> tuple[list[Item], Links]:
    """
    Return the items, those that others point at first, and the addresses that the document gives them.

    What cannot be read stands last and is told about when its turn comes.
    """
    links = Links()
    if len(document.items) == 1 and not document.items[0].full_url:
        return list(document.items), links
    ranked = []
    for item in document.items:
        links.asks_for_owners |= item.type == "Provenance"
        if item.type and (id_ := item.id or address_of(item.full_url, item.type)):
            links.add(item.full_url, Target(item.type, id_))
        ranked.append((_RANK.get(item.type, _OTHERS), item))
    ranked.sort(key=lambda pair: pair[0])
    return [item for _, item in ranked], links
