"""What was signed and is still to be handed out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import on_hand_at, shelf_sites
from willowbark.patients.selectors import persons_of
from willowbark.practice.selectors import names_of_users

READ = "dispensary.read"
COUNTED = 1_000
_QUEUE = """
SELECT f.the_patient, f.the_protocol, f.number, f.site_id, s.name, f.signed_at, f.signed_by, f.due
FROM willow_dispensary_queue(%s, %s, %s, %s) f
JOIN practice_site s ON s.id = f.site_id
ORDER BY f.signed_at, f.the_protocol
"""


@dataclass(frozen=True, slots=True)
class Wanting:
    """
    A product of a protocol that is still to be handed out.

    `on_hand_containers` is what its shelf holds for everybody, None where the actor may not look at it.
    """

    product_id: UUID
    name: str
    due_containers: int
    on_hand_containers: int | None

    @property
    def is_short(self) -> bool:
        """Whether the shelf is known to hold too little."""
        return self.on_hand_containers is not None and self.on_hand_containers < self.due_containers


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A protocol in force of which something is still to be handed out, from its site's shelf."""

    patient_id: UUID
    patient_name: str
    protocol_id: UUID
    number: int
    site_id: UUID
    site_name: str
    signed_at: datetime
    signed_by_name: str
    wanting: tuple[Wanting, ...]

    @property
    def due_containers(self) -> int:
        """How many containers are still to be handed out."""
        return sum(each.due_containers for each in self.wanting)

    @property
    def short(self) -> tuple[Wanting, ...]:
        """The products of which the shelf holds too little."""
        return tuple(each for each in self.wanting if each.is_short)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Protocols to hand out, those signed first, first; `more` when others follow."""

    rows: tuple[QueueRow, ...]
    more: bool


def queue(
    actor: Actor,
    *,
    site_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> QueuePage:
    """
    Protocols in force, over patients within reach, of which something is still to be handed out.

    `site_id` narrows them to one shelf; `after` is (signed at, protocol) of the last row of the page before.
    At most six statements, however many there are; whose protocols were shown is logged.

    Raises:
        Forbidden: the actor may not read what is to be handed out.
    """
    require(actor, READ)
    after_at, after_id = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, [site_id, after_at, after_id, limit + 1])
        found = cursor.fetchall()
    page = found[:limit]
    due: dict[UUID, Lines] = {
        row[1]: json.loads(row[7]) if isinstance(row[7], str) else row[7] for row in page
    }
    persons = persons_of(actor, [row[0] for row in page]) if page else {}
    names = names_of_users({row[6] for row in page})
    there = _on_hand(actor, {row[3] for row in page}, due.values())
    access.record_list(actor, "dispensary.queue_listed", patient_ids=list(persons))
    rows = tuple(
        QueueRow(
            patient_id=patient_id,
            patient_name=persons[patient_id].name,
            protocol_id=protocol_id,
            number=number,
            site_id=at_site,
            site_name=site_name,
            signed_at=signed_at,
            signed_by_name=names.get(signed_by, ""),
            wanting=tuple(_wanting(each, at_site, there) for each in due[protocol_id]),
        )
        for patient_id, protocol_id, number, at_site, site_name, signed_at, signed_by, _ in page
        if patient_id in persons
    )
    return QueuePage(rows, len(found) > limit)


def count_queue(actor: Actor, *, site_id: UUID | None = None) -> int:
    """
    How many protocols wait to be handed out, at most 1,000. One statement.

    Raises:
        Forbidden: the actor may not read what is to be handed out.
    """
    require(actor, READ)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM willow_dispensary_queue(%s, NULL, NULL, %s)", [site_id, COUNTED])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


Stock = dict[UUID, dict[UUID, int]]
Lines = list[dict[str, str | int]]


def _on_hand(actor: Actor, site_ids: set[UUID], due: Iterable[Lines]) -> Stock:
    """Site -> product -> containers, of the shelves that the actor may look at."""
    if "inventory.read" not in actor.permissions or not site_ids:
        return {}
    mine = [site.id for site in shelf_sites(actor) if site.id in site_ids]
    if not mine:
        return {}
    products = {UUID(str(each["product_id"])) for lines in due for each in lines}
    there: Stock = {site_id: {} for site_id in mine}
    for (site_id, product_id), containers in on_hand_at(actor, mine, products).items():
        there[site_id][product_id] = containers
    return there


def _wanting(line: dict[str, str | int], site_id: UUID, there: Stock) -> Wanting:
    product_id = UUID(str(line["product_id"]))
    shelf = there.get(site_id)
    return Wanting(
        product_id=product_id,
        name=str(line["name"]),
        due_containers=int(line["containers"]),
        on_hand_containers=None if shelf is None else shelf.get(product_id, 0),
    )
