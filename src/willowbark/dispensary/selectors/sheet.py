"""What would be handed out of a protocol, before anybody says so: containers, lots, what is short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from willowbark.catalog import selectors as catalog
from willowbark.dispensary.core.due import LineDue
from willowbark.dispensary.selectors.handed import containers_out
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.core.stock import Taken, pick_first_expiring
from willowbark.inventory.selectors import lots, recalls, site_day
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import Person, persons_of, require_reach
from willowbark.protocols.selectors.signed import LineView, SignedProtocolView, protocol
from willowbark.record.selectors.chart import AllergyRow, open_chart

DISPENSE = "dispensary.dispense"
MEDICINES = ("record.read", "record.medications")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """
    One line: what was signed and is out, what is asked for now, and the lots that it would come from.

    `picked` is () where the shelf holds less than is asked for; what is recalled is never picked and not on
    hand. `container_cents` is today's price, which
    may be another than on the day it was signed; `allergens` are those of the label.
    """

    line: LineView
    due: LineDue
    asked_containers: int
    on_hand_containers: int
    expired_containers: int
    recalled_containers: int
    picked: tuple[Taken, ...]
    container_cents: int
    currency: str
    allergens: tuple[str, ...]

    @property
    def short_containers(self) -> int:
        """How many containers of what is still due the shelf lacks."""
        return max(0, self.due.due_containers - self.on_hand_containers)

    @property
    def price_cents(self) -> int:
        """What the containers asked for cost, in cents."""
        return self.asked_containers * self.container_cents


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    A protocol as whoever dispenses it sees it.

    `allergies` are what the record says now, which may be more than when it was signed; () when nobody has
    said anything, which does not mean that there are none.
    """

    person: Person
    allergies: tuple[AllergyRow, ...]
    protocol: SignedProtocolView
    site_id: UUID
    lines: tuple[SheetLine, ...]

    @property
    def due_containers(self) -> int:
        """How many containers are still to be handed out."""
        return sum(line.due.due_containers for line in self.lines)

    @property
    def price_cents(self) -> int:
        """What everything that is asked for costs, in cents."""
        return sum(line.price_cents for line in self.lines)


def sheet(
    actor: Actor,
    patient_id: UUID,
    protocol_id: UUID,
    *,
    site_id: UUID | None = None,
    asked: Mapping[UUID, int] | None = None,
) -> Sheet:
    """
    What would be handed out of a protocol from a site's shelf: its own, unless another is named.

    `asked` are containers for each line, taken as they are; a line that is not named asks for all that is
    still due, or for as many as there are.

    Raises:
        Forbidden: the actor does not dispense, or reads no allergies, protocols or shelves.
        NotFound: no such protocol of a patient within reach; not a site of the actor's.
    """
    require_reach(actor, patient_id, DISPENSE)
    chart = open_chart(actor, patient_id, *MEDICINES, action="dispensary.sheet_read")
    signed = protocol(actor, patient_id, protocol_id)
    if signed.patient_id != patient_id:
        raise NotFound("protocol")
    at = site_id or signed.site_id
    out = containers_out(actor, patient_id, protocol_id)
    products = catalog.products_by_id(actor, [line.product_id for line in signed.lines])
    today, held = site_day(at), recalls(actor, list(products))
    lines = []
    for line in signed.lines:
        due = LineDue(line.id, line.product_id, line.containers, out.get(line.id, 0))
        known = lots(actor, at, line.product_id)
        shelf = [lot for lot in known if not any(each.is_of(lot.product_id, lot.lot_number) for each in held)]
        there = sum(lot.on_hand_containers for lot in shelf if not lot.is_expired(today))
        wanted = (asked or {}).get(line.id, min(due.due_containers, there))
        picked = pick_first_expiring(shelf, [(line.product_id, wanted)], today).taken if wanted > 0 else ()
        product = products.get(line.product_id)
        lines.append(
            SheetLine(
                line=line,
                due=due,
                asked_containers=wanted,
                on_hand_containers=there,
                expired_containers=sum(lot.on_hand_containers for lot in shelf if lot.is_expired(today)),
                recalled_containers=sum(lot.on_hand_containers for lot in known)
                - sum(lot.on_hand_containers for lot in shelf),
                picked=picked,
                container_cents=product.container_price_cents if product else line.container_cents,
                currency=product.currency if product else "",
                allergens=product.allergens if product else (),
            )
        )
    person = persons_of(actor, [patient_id])[patient_id]
    return Sheet(
        person=person,
        allergies=tuple(chart.allergies),
        protocol=signed,
        site_id=at,
        lines=tuple(lines),
    )
