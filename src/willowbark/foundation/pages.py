"""The pages and calls that belong to no business: health, metrics, live events, effort."""

from __future__ import annotations

import hmac
import json
import threading
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from willowbark.foundation import component_page, effort, explaining, live, metrics, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.models import Undelivered
from willowbark.foundation.web import endpoint, public
from willowbark.kernel.errors import Invalid

MAX_TOPICS = 40
_DIGITS_OF_MS = 15
_migrated = threading.Event()


@public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"})


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and its tables are those that this version expects."""
    try:
        pending = _has_pending_migrations()
    except Error:
        return JsonResponse({"status": "no database"}, status=503)
    if pending:
        return JsonResponse({"status": "migrations pending"}, status=503)
    return JsonResponse({"status": "ready"})


def _has_pending_migrations() -> bool:
    """Looked up until there are none; from then on this process only asks whether the database answers."""
    if _migrated.is_set():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return False
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return True
    _migrated.set()
    return False


@public
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Metrics for whoever holds the token; without a token set, there is no such page."""
    token = settings.WILLOWBARK.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        return HttpResponse(status=404)
    set_aside = Undelivered.objects.filter(replayed_at__isnull=True).count()
    text = metrics.text(outbox_waiting=outbox.waiting_count(), outbox_set_aside=set_aside)
    return HttpResponse(text, content_type="text/plain; version=0.0.4")


@endpoint()
def components(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every component of the design system with invented content, for whoever builds pages."""
    return render(request, "foundation/components.html", component_page.sample())


@endpoint("practice.read")
def why(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """From a line, an alert or a figure to what is behind it, as far as it is the actor's to see."""
    page = explaining.explain(actor, reference)
    return render(request, "foundation/why.html", {"page": page, "page_task_kind": "explanation"})


@endpoint()
def live_events(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Server-sent events of the topics asked for, as far as the actor may hear them."""
    topics = live.may_hear(actor, request.GET.get("topics", "").split()[:MAX_TOPICS])
    key = request.session.session_key

    def goes_on() -> bool:
        try:
            return key is not None and request.session.exists(key)
        finally:
            connection.close()

    def still_hears(topic: str) -> bool:
        try:
            with acting_as(actor):
                return bool(live.may_hear(actor, [topic]))
        finally:
            connection.close()

    # A browser that connects again says what it heard last.
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    since_ms = int(since) if since.isdecimal() and len(since) <= _DIGITS_OF_MS else None
    events = live.stream(actor.user_id, topics, since_ms=since_ms, goes_on=goes_on, still_hears=still_hears)
    return StreamingHttpResponse(events, content_type="text/event-stream")


@endpoint("effort.write", methods=("POST",))
def report_effort(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep a page visit's running total of active seconds."""
    try:
        body = json.loads(request.body)
        visit, patient = UUID(body["visit_id"]), body.get("patient_id")
        patient_id = UUID(patient) if patient else None
        kind, seconds = str(body["task_kind"]), int(body["active_seconds"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Invalid(
            "an effort report has visit_id, task_kind, active_seconds and perhaps patient_id"
        ) from error
    effort.report(actor=actor, visit_id=visit, task_kind=kind, active_seconds=seconds, patient_id=patient_id)
    return HttpResponse(status=204)
