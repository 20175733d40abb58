"""What a recall concerns, before it is carried out; and who knows of it, after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from willowbark.catalog.selectors import Summary, products_of_key, summaries
from willowbark.dispensary.core.recalling import STATES, Progress
from willowbark.dispensary.models import DispensedLine, RecallContact
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.inventory.selectors import (
    LotSomewhere,
    RecallView,
    lots_everywhere,
    recall,
)
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import Person, identity_of, open_record, persons_of
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.selectors.held import count_in_force

CONTACT = "dispensary.contact"
RECALL = "inventory.recall"
READ = "dispensary.read"
# What was handed out longer ago is used up, or past its day.
LOOK_BACK = timedelta(days=730)
NAMED = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """
    What a recall concerns over the whole practice.

    `lots` are those of the product on some shelf now that it is about; `dispensings`, `patients` and
    `containers` what was handed out of it in the last two years and not taken back; `protocols` those in
    force that hold the product, of whichever lot.
    """

    lots: tuple[LotSomewhere, ...]
    dispensings: int
    patients: int
    containers: int
    protocols: int

    @property
    def blocked_containers(self) -> int:
        """How many containers on the shelves are blocked."""
        return sum(lot.on_hand_containers for lot in self.lots)


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What recalling lots of a product, or all of it, would do.

    `people` are those who were given it, by name, of the patients whom the actor reaches, at most 200; None
    where names are not the actor's to see.
    """

    product_key: str
    product_name: str
    reach: Reach
    people: tuple[Person, ...] | None


def products_to_recall(actor: Actor) -> tuple[Summary, ...]:
    """
    The products in force, by name.

    Raises:
        Forbidden: the actor recalls nothing.
    """
    require(actor, RECALL)
    return tuple(summaries(actor).values())


def lots_of_product(actor: Actor, product_key: str) -> tuple[LotSomewhere, ...]:
    """
    Every lot of a product that stood on some shelf, those that are used up too.

    Raises:
        Forbidden: the actor recalls nothing.
        NotFound: no such product.
    """
    require(actor, RECALL)
    return lots_everywhere(actor, [each.id for each in products_of_key(actor, product_key)])


def preview(actor: Actor, product_key: str, lot_numbers: Collection[str]) -> Preview:
    """
    What a recall would do; whose names were shown is logged. Nothing changes.

    Raises:
        Forbidden: the actor recalls nothing.
        NotFound: no such product.
    """
    require(actor, RECALL)
    versions = products_of_key(actor, product_key)
    product_ids, lots = [each.id for each in versions], list(lot_numbers)
    people = None
    if allows(actor, READ):
        ids = given_lines(product_ids, lots).order_by("patient_id").values_list("patient_id", flat=True)
        named = persons_of(actor, list(ids.distinct()[:NAMED]))
        access.record_list(actor, "dispensary.recalled_read", patient_ids=list(named))
        people = tuple(sorted(named.values(), key=lambda one: (one.name, one.patient_id)))
    return Preview(product_key, versions[0].name, _reach(actor, product_ids, lots), people)


def reach_of(actor: Actor, seen: RecallView) -> Reach:
    """
    What a recall concerns now.

    Raises:
        Forbidden: the actor neither recalls nor tells patients.
    """
    return _reach(actor, seen.product_ids, seen.lot_numbers)


def _reach(actor: Actor, product_ids: Collection[UUID], lot_numbers: Collection[str]) -> Reach:
    lots = lots_everywhere(actor, product_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM willow_count_given(%s, %s::text[], %s)",
            [list(product_ids), list(lot_numbers), clock.now() - LOOK_BACK],
        )
        ((dispensings, patients, containers),) = cursor.fetchall()
    wanted = frozenset(lot_numbers)
    return Reach(
        lots=tuple(
            lot for lot in lots if lot.on_hand_containers and (not wanted or lot.lot_number in wanted)
        ),
        dispensings=dispensings,
        patients=patients,
        containers=containers,
        protocols=count_in_force(actor, product_ids),
    )


def given_lines(product_ids: Collection[UUID], lot_numbers: Collection[str]) -> QuerySet[DispensedLine]:
    """What was handed out of these products and lots (all, with none named) of late and not taken back."""
    rows = DispensedLine.objects.filter(
        product_id__in=product_ids,
        dispensing__taken_back_at__isnull=True,
        dispensing__at__gte=clock.now() - LOOK_BACK,
    )
    return rows.filter(lot_number__in=lot_numbers) if lot_numbers else rows


def progress_of(actor: Actor, recall_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """
    How far each recall has come, over everybody. One statement.

    Raises:
        Forbidden: the actor neither recalls nor tells patients.
    """
    require(actor, CONTACT, RECALL)
    counts: dict[UUID, dict[str, int]] = {each: {} for each in recall_ids}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM willow_count_contacts(%s)", [list(recall_ids)])
        for recall_id, state, contacts in cursor.fetchall():
            counts[recall_id][state] = contacts
    return {recall_id: Progress(**found) for recall_id, found in counts.items()}


@dataclass(frozen=True, slots=True)
class ContactRow:
    """
    Somebody who was given what is recalled: how much of which lots, the last when; and whether they know.

    `asked_name` is whose task it became, '' where it is nobody's; `said_at` is None while nothing was said.
    """

    patient_id: UUID
    patient_name: str
    lot_numbers: tuple[str, ...]
    containers: int
    given_at: datetime
    asked_name: str
    due_on: date
    state: str
    can_undo: bool
    note: str
    said_at: datetime | None
    said_by_name: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Patients of a recall, by name within a page; `more` when others follow `last_id`."""

    rows: tuple[ContactRow, ...]
    more: bool
    last_id: UUID | None


def contacts(
    actor: Actor, recall_id: UUID, *, state: str = "", after: UUID | None = None, limit: int = 100
) -> ContactPage:
    """
    The patients within reach who were given what is recalled, in one state or ('') in any; logged.

    Raises:
        Forbidden: the actor tells no patients of recalls.
    """
    require(actor, CONTACT)
    rows = RecallContact.objects.filter(recall=recall_id).order_by("pk")
    if state in STATES:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[: limit + 1])
    page = found[:limit]
    people = persons_of(actor, [row.patient_id for row in page]) if page else {}
    access.record_list(actor, "dispensary.recall_contacts_listed", patient_ids=list(people))
    names = _names(page)
    shown = sorted(
        (_row(row, people[row.patient_id].name, names) for row in page if row.patient_id in people),
        key=lambda each: (each.patient_name, each.patient_id),
    )
    return ContactPage(tuple(shown), len(found) > limit, page[-1].pk if page else None)


@dataclass(frozen=True, slots=True)
class ContactView:
    """One patient of a recall, and how they are reached: '' for what is not known."""

    recall: RecallView
    row: ContactRow
    phone: str
    email: str


def contact(actor: Actor, patient_id: UUID, recall_id: UUID) -> ContactView:
    """
    One patient of a recall; the reading is logged.

    Raises:
        Forbidden: the actor tells no patients of recalls.
        NotFound: no such patient within reach, or they were not given what this recall is about.
    """
    record = open_record(actor, patient_id, CONTACT, action="dispensary.recall_contact_read")
    row = RecallContact.objects.filter(patient=patient_id, recall=recall_id).first()
    if row is None:
        raise NotFound("recall")
    known = identity_of(actor, record)
    name = f"{record.patient.given} {record.patient.family}".strip()
    return ContactView(recall(actor, recall_id), _row(row, name, _names([row])), known.phone, known.email)


def _names(rows: Collection[RecallContact]) -> Mapping[UUID, str]:
    wanted = {row.asked_id for row in rows} | {row.said_by_id for row in rows}
    return names_of_users({each for each in wanted if each is not None})


def _row(row: RecallContact, name: str, names: Mapping[UUID, str]) -> ContactRow:
    return ContactRow(
        patient_id=row.patient_id,
        patient_name=name,
        lot_numbers=tuple(row.lot_numbers),
        containers=row.containers,
        given_at=row.given_at,
        asked_name=names.get(row.asked_id, "") if row.asked_id else "",
        due_on=row.due_on,
        state=row.state,
        can_undo=bool(row.state_before),
        note=row.note,
        said_at=row.said_at,
        said_by_name=names.get(row.said_by_id, "") if row.said_by_id else "",
    )
