"""
Structured logs without health data.

A record carries an event code and fields from a fixed list. Anything else is dropped and counted:
a name, a value or a database's message can never reach a log by accident. Exceptions are logged as
their type and the places they passed through, never with their message.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from willowbark.foundation.ids import uuid7

FIELDS = frozenset(
    {
        "request_id", "user_id", "method", "route", "status", "duration_ms", "handler", "job", "run_id",
        "count", "attempt", "seconds", "reason", "process", "version", "signal", "address", "queries",
    }
)  # fmt: skip
_STANDARD = frozenset(vars(logging.makeLogRecord({})))
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_CODE = re.compile(r"[a-z][a-z0-9_.]{1,60}\Z")


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What may be written of a record."""
    extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    kept = {name: value for name, value in extra.items() if name in FIELDS}
    event = record.msg if isinstance(record.msg, str) and _CODE.match(record.msg) else "library_message"
    entry: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": event,
        **kept,
    }
    if "request_id" not in entry and (request_id := _request_id.get()):
        entry["request_id"] = request_id
    if dropped := len(extra) - len(kept):
        entry["dropped_fields"] = dropped
    if record.exc_info and record.exc_info[0]:
        frames = traceback.extract_tb(record.exc_info[2])
        entry["error"] = record.exc_info[0].__name__
        entry["passed"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames
        ]
    return entry


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(fields_of(record), default=str)


class ConsoleFormatter(logging.Formatter):
    """The same fields, for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry = fields_of(record)
        head = f"{entry.pop('at')[11:19]} {entry.pop('level'):7} {entry.pop('event')}"
        entry.pop("logger")
        return " ".join([head, *(f"{name}={value}" for name, value in entry.items())])


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: one handler on standard error. `options`: format, level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if options["format"] == "json" else ConsoleFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    for noisy in ("django.request", "django.server", "procrastinate", "psycopg", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


_REQUESTS = logging.getLogger("willowbark.requests")


class RequestLog:
    """Middleware: gives each request an id, and one line in the log by its route, never its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        started = time.perf_counter()
        request.request_id = uuid7()  # type: ignore[attr-defined]
        _request_id.set(str(request.request_id))  # type: ignore[attr-defined]
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None:
            from willowbark.foundation import metrics

            seconds = time.perf_counter() - started
            route = f"{'/'.join(match.app_names)}:{match.url_name}" if match.url_name else match.route
            metrics.count_request(route, request.method or "", response.status_code, seconds)
            _REQUESTS.info(
                "request",
                extra={
                    "request_id": request.request_id,  # type: ignore[attr-defined]
                    "method": request.method,
                    "route": route,
                    "status": response.status_code,
                    "duration_ms": round(seconds * 1000, 1),
                },
            )
        response["X-Request-Id"] = str(request.request_id)  # type: ignore[attr-defined]
        return response
