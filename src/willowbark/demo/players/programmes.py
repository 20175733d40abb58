"""Protocols as staff would: composed, signed and handed out through public services, whatever the plan is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from willowbark.catalog.core.reading import demo_price_list, demo_products
from willowbark.catalog.selectors import product
from willowbark.catalog.services import hand_in, load_products
from willowbark.command_center.services import review
from willowbark.demo.script.events import (
    CountFigures,
    Decision,
    Event,
    FinishTasks,
    HandOut,
    LeaveDraft,
    LoadCatalog,
    ReceiveStock,
    SignProtocol,
)
from willowbark.demo.script.ids import nth
from willowbark.dispensary.selectors import containers_out
from willowbark.dispensary.services import dispense
from willowbark.foundation import clock, effort, ids
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.selectors import on_hand
from willowbark.inventory.services import receive_stock
from willowbark.metrics.services import rebuild
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.overrides import Override, Reason
from willowbark.protocols.selectors import current_protocol
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft, open_draft
from willowbark.protocols.services.signing import sign
from willowbark.worklist.services import finish_due

from .cast import Cast

COMPOSING = "protocol_composition"
# An event's own rows take the ids that follow it; what pages would make up themselves takes late ones.
VISIT_TO_A_PAGE, REQUEST = 4000, 4001


def load_catalog(cast: Cast, actor: Actor, event: LoadCatalog) -> None:
    """Bring the invented products in, and leave a price list of a supplier to be looked at."""
    load_products(actor=actor, products=demo_products())
    hand_in(
        actor=actor,
        supplier="Hollowick Wholesale",
        name="prices.csv",
        content=demo_price_list(),
        request_key=event.id,
        currency="USD",
    )


def receive(cast: Cast, actor: Actor, event: ReceiveStock) -> None:
    """Put a lot onto a shelf."""
    if event.product not in cast.products:
        cast.products[event.product] = product(actor, event.product).id
    receive_stock(
        actor=actor,
        site_id=cast.sites[event.site],
        product_id=cast.products[event.product],
        lot_number=event.lot_number,
        expires_on=event.expires_on,
        containers=event.containers,
        request_key=event.id,
    )


def leave_draft(cast: Cast, actor: Actor, event: LeaveDraft) -> None:
    """Open the composer, look at a first plan, and be called away."""
    draft = open_draft(actor=actor, patient_id=event.patient_id, master_keys=event.masters)
    _work(actor, event.patient_id, event, event.seconds)
    with clock.at(event.at + timedelta(seconds=event.seconds // 2)):
        compose(actor=actor, patient_id=event.patient_id, draft_id=draft.id)


def sign_protocol(cast: Cast, actor: Actor, event: SignProtocol) -> None:
    """
    Compose and sign, with words beside whatever asks for some.

    What forbids a signature forbids it here too: the draft then stays open, as it would.
    """
    draft = open_draft(actor=actor, patient_id=event.patient_id, master_keys=event.masters)
    if event.decision:
        change_draft(
            actor=actor, patient_id=event.patient_id, draft_id=draft.id, change=decided(event.decision)
        )
    _work(actor, event.patient_id, event, event.seconds)
    with clock.at(event.at + timedelta(seconds=event.seconds // 2)):
        plan = compose(actor=actor, patient_id=event.patient_id, draft_id=draft.id)
    if any(item.weight is Weight.STOP for item in plan.review):
        return
    with clock.at(event.at + timedelta(seconds=event.seconds)):
        sign(
            actor=actor,
            patient_id=event.patient_id,
            composition_id=plan.id,
            acknowledged={item.key: event.words for item in plan.review if item.weight is Weight.ASK},
            request_key=nth(event.id, REQUEST),
            reasons=reasons_of(event, plan.overrides),
        )


def decided(decision: Decision) -> Callable[[Choices], Choices]:
    """What a decision by hand makes of a draft's choices."""
    return lambda choices: (
        choices.exclude(decision.product) if decision.is_left_out else choices.include(decision.product)
    )


def reasons_of(event: SignProtocol, overrides: Sequence[Override]) -> dict[str, Reason]:
    """Why each override was made."""
    said = event.decision
    return {each.key: Reason(said.reason, said.words) for each in overrides} if said else {}


def hand_out(cast: Cast, actor: Actor, event: HandOut) -> None:
    """Hand out what is due and on the shelf; nothing when nothing is."""
    protocol = current_protocol(actor, event.patient_id)
    if protocol is None:
        return
    site_id = cast.sites[event.site]
    out = containers_out(actor, event.patient_id, protocol.id)
    left = dict(on_hand(actor, site_id, [line.product_id for line in protocol.lines]))
    lines = {
        line.id: min(line.containers - out.get(line.id, 0), left.get(line.product_id, 0))
        for line in protocol.lines
    }
    wanted = {line_id: containers for line_id, containers in lines.items() if containers > 0}
    if wanted:
        dispense(
            actor=actor,
            patient_id=event.patient_id,
            protocol_id=protocol.id,
            site_id=site_id,
            lines=wanted,
            request_key=nth(event.id, REQUEST),
        )


def _work(actor: Actor, patient_id: UUID, event: Event, seconds: int) -> None:
    """What the composer's page reports of the time that somebody worked on it: a first minute, then all."""
    for after in (min(60, seconds), seconds):
        with clock.at(event.at + timedelta(seconds=after)):
            effort.report(
                actor=actor,
                visit_id=nth(event.id, VISIT_TO_A_PAGE),
                task_kind=COMPOSING,
                active_seconds=after,
                patient_id=patient_id,
            )


def finish_tasks(cast: Cast, actor: Actor, event: FinishTasks) -> None:
    """Say of all one's tasks that were due by a day that they are done."""
    finish_due(actor=actor, due_by=event.due_by)


def count_figures(cast: Cast, actor: Actor, event: CountFigures) -> None:
    """Count every figure from its facts, and raise the alerts that follow. It makes more ids than others."""
    milliseconds = int(event.at.timestamp() * 1000)
    with ids.using(ids.seeded(event.id.int, start_milliseconds=milliseconds)):
        rebuild(actor=actor)
        review(actor=actor)


PERFORM: dict[type[Event], Callable[[Cast, Actor, Any], None]] = {
    CountFigures: count_figures,
    FinishTasks: finish_tasks,
    LoadCatalog: load_catalog,
    ReceiveStock: receive,
    LeaveDraft: leave_draft,
    SignProtocol: sign_protocol,
    HandOut: hand_out,
}
