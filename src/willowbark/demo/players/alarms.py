"""What makes a protocol or a bottle be looked at again, as staff and the worker would: a recall, a result."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

from willowbark.demo.script.events import AskBack, Event, LookAgain, RecallLots, TellOfRecall
from willowbark.dispensary.selectors.recalled import contacts
from willowbark.dispensary.services import say_contact
from willowbark.dispensary.services.recalling import ask_back, follow_contact
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.selectors import recalls
from willowbark.inventory.services import NewRecall, recall_product
from willowbark.protocols.services.rechecking import recheck_for_recall, recheck_for_result

from .cast import Cast

MOST = 500


def recall(cast: Cast, actor: Actor, event: RecallLots) -> None:
    """Recall lots of a product."""
    new = NewRecall(
        product_key=event.product,
        reason=event.reason,
        source_text=event.source_text,
        lot_numbers=event.lots,
        class_code=event.class_code,
        told_by=event.told_by,
    )
    recall_product(actor=actor, new=new, request_key=event.id)


def ask(cast: Cast, actor: Actor, event: AskBack) -> None:
    """Look at protocols, file a task for each patient, and close those of whoever knows."""
    for each in recalls(actor):
        recheck_for_recall(actor=actor, recall_id=each.id)
        ask_back(actor=actor, recall_id=each.id)
        for row in contacts(actor, each.id, limit=MOST).rows:
            if row.said_at is not None:
                follow_contact(actor=actor, patient_id=row.patient_id, recall_id=each.id)


def tell(cast: Cast, actor: Actor, event: TellOfRecall) -> None:
    """Call the first of them, and write down what came of it."""
    for each in recalls(actor):
        rows = contacts(actor, each.id, limit=MOST).rows
        called = rows[: round(len(rows) * event.share)]
        for row, (state, note) in zip(called, cycle(event.said), strict=False):
            say_contact(actor=actor, patient_id=row.patient_id, recall_id=each.id, state=state, note=note)


def look_again(cast: Cast, actor: Actor, event: LookAgain) -> None:
    """Is what was signed still safe?"""
    recheck_for_result(actor=actor, patient_id=event.patient_id, observation_id=event.result_id)


PERFORM: dict[type[Event], Callable[[Cast, Actor, Any], None]] = {
    AskBack: ask,
    LookAgain: look_again,
    RecallLots: recall,
    TellOfRecall: tell,
}
