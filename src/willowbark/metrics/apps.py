"""Metrics as a Django app."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Figures with units, rolled up as facts happen."""

    name = "willowbark.metrics"
    label = "metrics"

    def ready(self) -> None:
        """Count what happens, follow the time that protocols take, and explain figures."""
        from willowbark.dispensary.events import Dispensed, TakenBack
        from willowbark.foundation import effort, explaining, live, outbox
        from willowbark.metrics import handlers
        from willowbark.metrics.core.definitions import PROTOCOL_TIME
        from willowbark.metrics.events import TOPIC
        from willowbark.metrics.selectors import definitions, why
        from willowbark.protocols.events import ProtocolSigned

        live.declare(TOPIC, "metrics.read")
        effort.follow(definitions().metric(PROTOCOL_TIME).task_kind)
        outbox.subscribe(ProtocolSigned, handlers.count_signed)
        outbox.subscribe(Dispensed, handlers.count_dispensed)
        outbox.subscribe(TakenBack, handlers.count_taken_back)
        outbox.subscribe(effort.EffortReported, handlers.count_reported_time)
        explaining.register("measure", why.of_measure)
        explaining.register("figure", why.of_figure)
        explaining.register("piece", why.of_piece)
