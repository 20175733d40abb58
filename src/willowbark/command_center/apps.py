"""CommandCenter as a Django app."""

from django.apps import AppConfig


class CommandCenterConfig(AppConfig):
    """The figures of the practice, as they move."""

    name = "willowbark.command_center"
    label = "command_center"

    def ready(self) -> None:
        """Compare shelf and protocols as they change, raise alerts, explain them; offer the page."""
        from willowbark.command_center import handlers
        from willowbark.command_center.events import TOPIC, AlertClosed
        from willowbark.command_center.selectors import why
        from willowbark.foundation import explaining, live, outbox
        from willowbark.foundation.navigation import Area, offer
        from willowbark.inventory.events import StockMoved
        from willowbark.metrics.events import FigureChanged
        from willowbark.protocols.events import ProtocolEnded, ProtocolSigned

        live.declare(TOPIC, "command_center.read")
        outbox.subscribe(StockMoved, handlers.compare_moved)
        outbox.subscribe(ProtocolSigned, handlers.compare_signed)
        outbox.subscribe(ProtocolEnded, handlers.compare_ended)
        outbox.subscribe(FigureChanged, handlers.review_figure)
        outbox.subscribe(AlertClosed, handlers.tell_of_answer)
        explaining.register("alert", why.of_alert)
        explaining.register("cover", why.of_cover)
        offer(Area("command", "Command center", "command_center:home", "chart", 5, ("command_center.read",)))
