"""How the system itself is doing, for a monitoring system to read. No patient appears here."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

_REQUESTS = Counter(
    "willowbark_requests_total", "Answered requests", ["route", "method", "status"], registry=REGISTRY
)
_SECONDS = Histogram(
    "willowbark_request_seconds",
    "Time to answer, in seconds",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
_OUTBOX = Gauge("willowbark_outbox_waiting", "Messages not yet seen by every handler", registry=REGISTRY)
_SET_ASIDE = Gauge("willowbark_outbox_set_aside", "Messages set aside for a person", registry=REGISTRY)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _REQUESTS.labels(route, method, str(status)).inc()
    _SECONDS.labels(route).observe(seconds)


def text(*, outbox_waiting: int, outbox_set_aside: int) -> bytes:
    """The figures of this process in Prometheus's text format, with the outbox's as given."""
    _OUTBOX.set(outbox_waiting)
    _SET_ASIDE.set(outbox_set_aside)
    return generate_latest(REGISTRY)
