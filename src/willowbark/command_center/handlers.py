"""What the command center does when something has happened."""

from __future__ import annotations

from willowbark.command_center import services
from willowbark.command_center.core.alerts import OF_PEOPLE
from willowbark.command_center.events import TOPIC, AlertClosed
from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.events import StockMoved
from willowbark.metrics.events import FigureChanged
from willowbark.protocols.events import ProtocolEnded, ProtocolSigned
from willowbark.protocols.selectors.for_figures import needs_of


def compare_moved(actor: Actor, event: StockMoved) -> None:
    """Stock came or left, dispensed or otherwise: it covers more or less."""
    _tell(services.refresh_cover(actor=actor, site_id=event.site_id, product_ids={event.product_id}))


def compare_signed(actor: Actor, event: ProtocolSigned) -> None:
    """A protocol was signed: more is needed of its products."""
    _tell(_compare(actor, event))


def compare_ended(actor: Actor, event: ProtocolEnded) -> None:
    """A protocol was ended or superseded: less is needed of its products."""
    _tell(_compare(actor, event))


def review_figure(actor: Actor, event: FigureChanged) -> None:
    """A figure of somebody's work has changed: it may be beyond its threshold, or no longer."""
    if event.metric in OF_PEOPLE:
        _tell(
            services.review_work(
                actor=actor, kind=event.metric, site_id=event.site_id, practitioner_id=event.practitioner_id
            )
        )


def tell_of_answer(actor: Actor, event: AlertClosed) -> None:
    """An alert was answered: whoever sees it open sees it closed."""
    _tell(event.state != "cleared")


def _compare(actor: Actor, event: ProtocolSigned | ProtocolEnded) -> bool:
    needs = needs_of(actor, event.patient_id, event.protocol_id)
    return services.refresh_cover(actor=actor, site_id=needs.site_id, product_ids=needs.product_ids)


def _tell(changed: bool) -> None:
    if changed:
        live.publish(TOPIC, {})
