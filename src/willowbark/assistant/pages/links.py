"""Where the things stand from which a brief is made."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from willowbark.assistant.core.lines import Source
from willowbark.foundation.authorisation import Actor, allows

_LISTS = {
    "chart": "record:chart",
    "timeline": "record:timeline",
    "labs": "record:labs",
    "medications": "record:medications",
    "problems": "record:problems",
    "notes": "record:notes",
    "protocols": "protocols:history",
    "tasks": "tasks:of_patient",
}
_ENTRIES = {"allergies": "allergy", "visits": "encounter"}
_TABS = {"medication": "record:medications", "condition": "record:problems", "note": "record:notes"}
# What has a page of its own: of the patient row that it belongs to.
_OWN_PAGES = {
    "task": "tasks:task",
    "protocol": "protocols:protocol",
    "dispense": "dispensary:dispense",
    "dispensing": "dispensary:handed_out",
}
_ON_THE_TIMELINE = ("encounter", "allergy", "procedure", "immunization", "document")


def url_of(source: Source, actor: Actor, person_id: UUID) -> str:
    """
    The address of what a line comes from: the very entry, or the list that it belongs to.

    `person_id` is the patient whose chart is open, which shows the entries of rows merged into it too.

    Raises:
        LookupError: nothing of this kind has a page.
    """
    if source.kind == "team":
        # The head of the chart names the team to those who do not change it.
        return _of("patients:team" if allows(actor, "patients.write") else "record:chart", person_id)
    if source.kind in _OWN_PAGES and source.id:
        return reverse(_OWN_PAGES[source.kind], args=[source.patient_id, source.id])
    if source.kind in ("allergies", "visits"):
        return f"{_of('record:timeline', person_id)}?{urlencode({'kind': _ENTRIES[source.kind]})}"
    if source.id is None:
        return _of(_LISTS[source.kind], person_id)
    return f"{_page_of_entry(source, person_id)}#{source.kind}-{source.id}"


def _page_of_entry(source: Source, person_id: UUID) -> str:
    if source.kind == "observation":
        if source.code:
            return reverse("record:lab_trend", args=[person_id, source.code])
        return _of("record:labs", person_id)
    if source.kind in _ON_THE_TIMELINE:
        return f"{_of('record:timeline', person_id)}?{urlencode({'kind': source.kind})}"
    return _of(_TABS[source.kind], person_id)


def _of(name: str, person_id: UUID) -> str:
    return reverse(name, args=[person_id])
