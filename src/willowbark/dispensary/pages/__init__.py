"""What the pages and panels of the dispensary show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from willowbark.dispensary import selectors
from willowbark.dispensary.events import TOPIC, TOPIC_OF_PATIENT
from willowbark.dispensary.selectors import DispensingView, QueueRow, Sheet, SheetLine
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.explaining import reference, why_url
from willowbark.foundation.presentation.choices import Choice
from willowbark.patients.selectors import Person, opened_record
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.wording import money_text, units_text

ON_THE_DAY = 6
IN_THE_CHART = 3
DISPENSE = "dispensary.dispense"
_MOMENTS = {each.key: each.name for each in MOMENTS}


@dataclass(frozen=True, slots=True)
class Queue:
    """The page of protocols to hand out."""

    rows: tuple[QueueRow, ...]
    count: int
    sites: tuple[Choice, ...]
    here_url: str
    first_url: str
    further_url: str
    may_dispense: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of the sheet, with what was typed for it."""

    sheet: SheetLine
    name: str
    moments_text: str
    typed: str
    error: str
    price_text: str
    was_text: str
    """The price of a container on the day it was signed, where it is another today; '' where it is not."""


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The page on which a protocol is handed out."""

    sheet: Sheet
    lines: tuple[LineShown, ...]
    site_name: str
    sites: tuple[Choice, ...]
    total_text: str
    request_key: str
    note: str
    here_url: str
    error_text: str
    can_confirm: bool


@dataclass(frozen=True, slots=True)
class LabelLine:
    """Containers of one lot, as the hand-out list and the label say it."""

    product_name: str
    containers: int
    units_text: str
    take_text: tuple[str, ...]
    lot_number: str
    expires_on: date
    price_text: str
    why_url: str


@dataclass(frozen=True, slots=True)
class HandedOutPage:
    """What was handed out, to be printed."""

    person: Person
    given: DispensingView
    lines: tuple[LabelLine, ...]
    total_text: str
    may_take_back: bool
    reason: str
    error_text: str


def line_shown(line: SheetLine, typed: Mapping[UUID, str], errors: Mapping[UUID, str]) -> LineShown:
    """A line of the sheet, with what was typed for it and what is wrong with that."""
    signed = line.line
    return LineShown(
        sheet=line,
        name=f"line-{signed.id}",
        moments_text=", ".join(take_text(signed.moments, signed.unit_name)),
        typed=typed.get(signed.id, str(line.asked_containers)),
        error=errors.get(signed.id, ""),
        price_text=money_text(line.container_cents, line.currency),
        was_text=money_text(signed.container_cents, line.currency)
        if signed.container_cents != line.container_cents
        else "",
    )


def take_text(moments: tuple[tuple[str, int], ...], unit_name: str) -> tuple[str, ...]:
    """How something is taken: `2 capsules with breakfast`, for each moment of the day."""
    return tuple(
        f"{units_text(units, unit_name)} {_MOMENTS.get(moment, moment).lower()}" for moment, units in moments
    )


def labels_of(given: DispensingView) -> tuple[LabelLine, ...]:
    """What was handed out, line by line."""
    return tuple(
        LabelLine(
            product_name=line.product_name,
            containers=line.containers,
            units_text=units_text(line.units, line.unit_name),
            take_text=take_text(line.moments, line.unit_name),
            lot_number=line.lot_number,
            expires_on=line.expires_on,
            price_text=money_text(line.price_cents, line.currency),
            why_url=why_url(reference("dispensed", given.patient_id, given.id, line.id)),
        )
        for line in given.lines
    )


def to_dispense(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """What waits longest to be handed out, on the day sheet."""
    count = selectors.count_queue(actor)
    rows = selectors.queue(actor, limit=ON_THE_DAY).rows if count else ()
    context = {
        "rows": rows,
        "count": count,
        "more": count - len(rows),
        "topics": f"{TOPIC} inventory.changed",
    }
    return render_to_string("dispensary/panels/to_dispense.html", context, request)


def dispensed(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """What was handed out to a patient last, in the chart."""
    if patient_id is None:
        raise ValueError("the chart is of a patient")
    record = opened_record(actor, patient_id, selectors.READ, action="dispensary.dispensed_read")
    context = {
        "dispensings": selectors.dispensed_of(actor, record, limit=IN_THE_CHART),
        "patient_id": patient_id,
        "topics": f"{TOPIC_OF_PATIENT}:{patient_id}",
        "history_url": reverse("dispensary:history", args=[patient_id]),
        "may_dispense": allows(actor, DISPENSE),
    }
    return render_to_string("dispensary/panels/dispensed.html", context, request)
