"""The notes tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors, panels
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import uuid7
from willowbark.foundation.panels import Rendered
from willowbark.foundation.presentation.choices import Choice
from willowbark.record.selectors import lists
from willowbark.record.selectors.chart import Chart
from willowbark.record.selectors.lists import NoteRow


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes tab as its template reads it."""

    rows: Sequence[NoteRow]
    older_url: str
    newer_url: str
    kinds: Sequence[Choice]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    request_key: str
    panels: Sequence[Rendered]


def notes_of(
    request: HttpRequest,
    actor: Actor,
    chart: Chart,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Notes:
    """A page of notes with the form to write one, filled with what was refused."""
    patient_id = chart.record.patient.pk
    base = reverse("record:notes", kwargs={"patient_id": patient_id})
    before = request.GET.get("before", "")
    page = lists.notes(chart.patient_ids, before=cursors.read_instant(before))
    typed = values or {}
    offered = [("clinical", "Clinical note")] if allows(actor, "record.write") else []
    offered.append(("coaching", "Coaching note"))
    chosen = typed.get("kind") or offered[0][0]
    return Notes(
        rows=page.rows,
        older_url=f"{base}?{urlencode({'before': cursors.write(*page.older)})}" if page.older else "",
        newer_url=base if before else "",
        kinds=[Choice(kind, label, chosen == kind) for kind, label in offered],
        values=typed,
        errors=errors or {},
        request_key=typed.get("request_key") or str(uuid7()),
        panels=panels.rendered("note", request, actor, patient_id),
    )
