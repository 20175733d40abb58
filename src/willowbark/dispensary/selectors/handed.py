"""What was handed out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Sum

from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.patients.selectors import OpenRecord, open_record
from willowbark.practice.selectors import get_site, names_of_users

READ = "dispensary.read"
LONGEST_HISTORY = 100


@dataclass(frozen=True, slots=True)
class DispensedLineView:
    """
    Containers of one product and lot that were handed out; taken as `moments` say: (moment, units).

    `units` and `price_cents` are of all the containers together.
    """

    id: UUID
    line_id: UUID
    product_id: UUID
    product_name: str
    lot_id: UUID
    lot_number: str
    expires_on: date
    containers: int
    units: int
    unit_name: str
    price_cents: int
    currency: str
    moments: tuple[tuple[str, int], ...]
    units_a_day: int


@dataclass(frozen=True, slots=True)
class DispensingView:
    """What was handed out on one occasion. `taken_back_at` is None while it counts."""

    id: UUID
    patient_id: UUID
    protocol_id: UUID
    protocol_number: int
    site_id: UUID
    site_name: str
    at: datetime
    by: UUID
    by_name: str
    note: str
    taken_back_at: datetime | None
    taken_back_by_name: str
    taken_back_reason: str
    lines: tuple[DispensedLineView, ...]

    @property
    def products(self) -> tuple[tuple[str, int], ...]:
        """Each product and its containers, from whatever lots."""
        together = Counter[str]()
        for line in self.lines:
            together[line.product_name] += line.containers
        return tuple(together.items())

    @property
    def price_cents(self) -> int:
        """What all of it costs, in cents."""
        return sum(line.price_cents for line in self.lines)

    @property
    def currency(self) -> str:
        """In what it costs that."""
        return self.lines[0].currency if self.lines else ""


def dispensed(actor: Actor, patient_id: UUID) -> tuple[DispensingView, ...]:
    """
    What was handed out to a patient, the last first, at most 100 times; the reading is logged.

    Raises:
        Forbidden: the actor may not read what was handed out.
        NotFound: no such patient within reach.
    """
    return dispensed_of(actor, open_record(actor, patient_id, READ, action="dispensary.dispensed_read"))


def dispensed_of(
    actor: Actor, record: OpenRecord, *, limit: int = LONGEST_HISTORY
) -> tuple[DispensingView, ...]:
    """What was handed out to the person of an open record, the last first. At most three statements."""
    require(actor, READ)
    rows = Dispensing.objects.filter(patient__in=record.patient_ids).order_by("-at", "-id")
    return _views(rows.select_related("protocol", "site")[:limit])


def dispensing(actor: Actor, patient_id: UUID, dispensing_id: UUID) -> DispensingView:
    """
    What was handed out on one occasion; the reading is logged.

    Raises:
        Forbidden: the actor may not read what was handed out.
        NotFound: no such dispensing of a patient within reach.
    """
    record = open_record(actor, patient_id, READ, action="dispensary.dispensing_read")
    rows = Dispensing.objects.filter(patient__in=record.patient_ids, pk=dispensing_id)
    views = _views(rows.select_related("protocol", "site"))
    if not views:
        raise NotFound("dispensing")
    return views[0]


def containers_out(actor: Actor, patient_id: UUID, protocol_id: UUID) -> dict[UUID, int]:
    """
    Line of a protocol -> how many of its containers are out, above zero; one statement.

    For whoever has opened the patient's record; row-level security shows nobody another's.

    Raises:
        Forbidden: the actor may not read what was handed out.
    """
    require(actor, READ)
    counting = DispensedLine.objects.filter(
        patient=patient_id, dispensing__protocol=protocol_id, dispensing__taken_back_at__isnull=True
    )
    return dict(counting.values_list("protocol_line_id").annotate(containers=Sum("containers")))


def is_of_today(actor: Actor, site_id: UUID, at: datetime) -> bool:
    """Whether something that a site handed out was handed out today, by its calendar."""
    zone = ZoneInfo(get_site(actor, site_id).time_zone)
    return at.astimezone(zone).date() == site_day(site_id)


def may_go_back(actor: Actor, given: DispensingView) -> bool:
    """Whether what was handed out can still go back onto the shelf."""
    return given.taken_back_at is None and is_of_today(actor, given.site_id, given.at)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A dispensing as figures count it; of what was taken back no containers are left."""

    patient_id: UUID
    dispensing_id: UUID
    site_id: UUID
    by: UUID
    at: datetime
    containers: int


def handed_out(actor: Actor, patient_id: UUID, dispensing_id: UUID) -> HandedOut:
    """
    One dispensing, for whoever counts those of the whole practice.

    Raises:
        Forbidden: the actor does not read what was handed out to everybody.
        NotFound: no such dispensing.
    """
    _require_everywhere(actor)
    found = _handed(Dispensing.objects.filter(patient=patient_id, pk=dispensing_id))
    if not found:
        raise NotFound("dispensing")
    return found[0]


def all_handed_out(actor: Actor, *, after: UUID | None = None, limit: int = 500) -> tuple[HandedOut, ...]:
    """
    Every dispensing there is, in the order of their ids, from the one after `after` on. Two statements.

    Raises:
        Forbidden: the actor does not read what was handed out to everybody.
    """
    _require_everywhere(actor)
    rows = Dispensing.objects.order_by("pk", "patient_id")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return _handed(rows[:limit])


def _handed(rows: Iterable[Dispensing]) -> tuple[HandedOut, ...]:
    found = list(rows)
    counts: dict[tuple[UUID, UUID], int] = {}
    if found:
        lines = DispensedLine.objects.filter(
            patient__in={row.patient_id for row in found}, dispensing__in=[row.pk for row in found]
        )
        for patient_id, dispensing_id, containers in lines.values_list(
            "patient_id", "dispensing_id"
        ).annotate(containers=Sum("containers")):
            counts[patient_id, dispensing_id] = containers
    return tuple(
        HandedOut(
            patient_id=row.patient_id,
            dispensing_id=row.pk,
            site_id=row.site_id,
            by=row.by_id,
            at=row.at,
            containers=0 if row.taken_back_at else counts.get((row.patient_id, row.pk), 0),
        )
        for row in found
    )


def _require_everywhere(actor: Actor) -> None:
    require(actor, READ)
    if all(grant.reach is not Reach.ORGANISATION for grant in actor.grants_of(READ)):
        raise Forbidden("reads what was handed out to some patients alone")


def _views(rows: Iterable[Any]) -> tuple[DispensingView, ...]:
    found = list(rows)
    if not found:
        return ()
    lines: dict[tuple[UUID, UUID], list[DispensedLine]] = {(row.patient_id, row.pk): [] for row in found}
    for line in (
        DispensedLine.objects.filter(
            patient__in={row.patient_id for row in found}, dispensing__in=[row.pk for row in found]
        )
        .select_related("protocol_line")
        .order_by("protocol_line__position", "expires_on", "lot_number", "id")
    ):
        lines[line.patient_id, line.dispensing_id].append(line)
    names = names_of_users(
        {row.by_id for row in found} | {row.taken_back_by_id for row in found if row.taken_back_by_id}
    )
    return tuple(_view(row, lines[row.patient_id, row.pk], names) for row in found)


def _view(row: Any, lines: Sequence[Any], names: dict[UUID, str]) -> DispensingView:
    return DispensingView(
        id=row.pk,
        patient_id=row.patient_id,
        protocol_id=row.protocol_id,
        protocol_number=row.protocol.number,
        site_id=row.site_id,
        site_name=row.site.name,
        at=row.at,
        by=row.by_id,
        by_name=names.get(row.by_id, ""),
        note=row.note,
        taken_back_at=row.taken_back_at,
        taken_back_by_name=names.get(row.taken_back_by_id, ""),
        taken_back_reason=row.taken_back_reason,
        lines=tuple(map(_line, lines)),
    )


def _line(row: Any) -> DispensedLineView:
    return DispensedLineView(
        id=row.pk,
        line_id=row.protocol_line_id,
        product_id=row.product_id,
        product_name=row.product_name,
        lot_id=row.lot_id,
        lot_number=row.lot_number,
        expires_on=row.expires_on,
        containers=row.containers,
        units=row.units,
        unit_name=row.unit_name,
        price_cents=row.price_cents,
        currency=row.currency,
        moments=tuple((each["moment"], each["units"]) for each in row.protocol_line.moments),
        units_a_day=row.protocol_line.units_a_day,
    )
