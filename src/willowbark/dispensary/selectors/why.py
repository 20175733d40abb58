"""Why something was handed out: who signed it, and why it came from that lot."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from willowbark.dispensary.selectors.handed import dispensing
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.explaining import Explanation, Fact, kinds, reference
from willowbark.kernel.errors import NotFound
from willowbark.protocols.selectors.signed import protocol

RULE = (
    "Of a product the lots that expire first are handed out first; what has expired is never handed out."
    " Never more containers are handed out than were signed."
)


def of_dispensed(actor: Actor, key: str) -> Explanation | None:
    """Explain `PATIENT/DISPENSING/LINE`: containers of one lot that were handed out."""
    try:
        patient_id, dispensing_id, line_id = map(UUID, key.split("/"))
    except ValueError:
        return None
    given = dispensing(actor, patient_id, dispensing_id)
    line = next((each for each in given.lines if each.id == line_id), None)
    if line is None:
        raise NotFound("dispensed line")
    signed = protocol(actor, given.patient_id, given.protocol_id)
    of_line = next(each for each in signed.lines if each.id == line.line_id)
    page = reverse("dispensary:handed_out", args=[given.patient_id, given.id])
    facts = [
        Fact(
            f"Protocol {signed.number} was signed by {signed.signed_by_name or 'somebody'} on"
            f" {signed.signed_at:%Y-%m-%d}, with {of_line.containers:,} containers of"
            f" {of_line.product_name}.",
            why=reference("line", given.patient_id, of_line.id) if "line" in kinds() else "",
        ),
        Fact(f"Lot {line.lot_number} expires on {line.expires_on:%Y-%m-%d}, and stood at {given.site_name}."),
        Fact(f"{given.by_name or 'Somebody'} handed it out on {given.at:%Y-%m-%d}.", url=page),
    ]
    if given.taken_back_at:
        facts.append(Fact(f"It was taken back: {given.taken_back_reason}"))
    return Explanation(
        title=f"{line.product_name}, lot {line.lot_number}",
        figure_text=f"{line.containers:,} containers, {line.units:,} {line.unit_name}",
        facts=tuple(facts),
        rule_text=RULE,
        url=page,
    )
