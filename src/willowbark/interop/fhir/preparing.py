"""From a document to resources with names, and what they have learnt of each other. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from willowbark.interop.fhir.bounds import Bounds
from willowbark.interop.fhir.identity import content_id
from willowbark.interop.fhir.problems import Refused
from willowbark.interop.fhir.reading.documents import Item
from willowbark.interop.fhir.reading.resource import Resource, read_resource
from willowbark.interop.fhir.references import Links, Target, address_of


@dataclass(frozen=True, slots=True)
class Unread:
    """An item that could not be read, with the reason."""

    item: Item
    fault: Refused


def prepare(item: Item, bounds: Bounds) -> Resource | Unread:
    """Read one item and give it its name."""
    try:
        return named(read_resource(item, bounds))
    except Refused as fault:
        return Unread(item, fault)


def named(resource: Resource) -> Resource:
    """Give a resource without an id the one that its address, or else its content, implies."""
    if resource.id:
        return resource
    address = address_of(resource.full_url, resource.type)
    return dataclasses.replace(resource, id=address or content_id(resource.digest))


def link(resources: Iterator[Resource] | list[Resource]) -> Links:
    """Learn where each resource of a document says that it is."""
    links = Links()
    for resource in resources:
        links.add(resource.full_url, Target(resource.type, resource.id))
    return links
