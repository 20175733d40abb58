"""Write an export: batch after batch of patients, then the practice, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.apps import apps
from django.template.loader import render_to_string

from willowbark.foundation import access, clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.export.core import fhir
from willowbark.interop.export.core.cells import extension, line
from willowbark.interop.export.services.parts import Parts, zip_at
from willowbark.interop.export.services.tables import (
    AS_PERSON,
    KEPT,
    SHARED,
    columns,
    of_patients,
    of_practice,
)
from willowbark.interop.fhir.selectors import kept_content, shared_content
from willowbark.patients.selectors.numbers import opened
from willowbark.practice.selectors import organisation

FORMAT = "willowbark-export-1"
_BATCH = 25
_CHUNK = 200
# Rows that may each hold a whole file are read a few at a time.
_HEAVY = {"record.Document": 4, KEPT: 20}
_SHOWN = 500
_ENCODE = msgspec.json.Encoder(decimal_format="number").encode
_AS_FHIR: dict[str, Callable[[fhir.Row], fhir.Resource]] = {
    "record.Encounter": fhir.encounter,
    "record.Condition": fhir.condition,
    "record.Medication": fhir.medication,
    "record.Allergy": fhir.allergy,
    "record.Procedure": fhir.procedure,
    "record.Immunization": fhir.immunization,
    "record.Document": fhir.document,
    "record.Note": fhir.note,
}
_IDENTITY = {
    "patients.PatientIdentifier": "numbers",
    "patients.ContactPoint": "contacts",
    "patients.Address": "addresses",
}

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an export is of: the rows of one person, or everybody for None."""

    patient_ids: tuple[UUID, ...] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the readable page of one person."""

    at: str
    kind: str
    text: str
    value: str


def write_export(
    *, person: Actor, system: Actor, scope: Scope, path: Path, report: Report = lambda done, total: None
) -> None:
    """
    Write an export to `path`; `report` is told how many of how many patients are done.

    Rows are read as the system, which reaches patients' tables, on behalf of `person`, under whose name every
    patient who goes out is logged; what the system may not read is read as that person. Whether they may take
    it out is the caller's to ask.
    Each batch is read in a transaction of its own: what is written meanwhile may be in one file and not yet
    in another.
    """
    began = clock.now()
    with zip_at(path) as parts:
        with acting_as(system):
            practice = organisation()
            name = practice.name if practice else ""
            total = _people(scope).count()
        entries: list[Entry] = []
        done = 0
        for batch in _batches(system, scope):
            with acting_as(person):
                access.record_list(person, "exports.patient_exported", patient_ids=batch)
            with acting_as(system):
                _write_patients(parts, batch, None if scope.patient_ids is None else entries)
            done += len(batch)
            report(done, total)
        if scope.patient_ids is None:
            _write_practice(parts, person, system)
        about = {
            "format": FORMAT,
            "made_at": began.isoformat(),
            "practice": name,
            "of": "practice" if scope.patient_ids is None else "patient",
            "asked_by": person.name,
            "patients": done,
        }
        parts.file("index.html", _index(about, parts, entries).encode())
        parts.finish(about)


def _people(scope: Scope) -> Any:
    rows = apps.get_model("patients.Patient")._default_manager.order_by("pk")
    return rows if scope.patient_ids is None else rows.filter(pk__in=scope.patient_ids)


def _batches(system: Actor, scope: Scope) -> Iterator[list[UUID]]:
    """The patients' ids in order, a few at a time."""
    reached: UUID | None = None
    while True:
        with acting_as(system):
            rows = _people(scope) if reached is None else _people(scope).filter(pk__gt=reached)
            batch = list(rows.values_list("pk", flat=True)[:_BATCH])
        if not batch:
            return
        yield batch
        reached = batch[-1]


def _write_patients(parts: Parts, batch: Sequence[UUID], entries: list[Entry] | None) -> None:
    identity = {label: _grouped(label, batch) for label in _IDENTITY}
    for model in of_patients(whole_practice=entries is None):
        label, shown = model._meta.label, columns(model)
        name = f"csv/{label.lower()}.csv"
        own = "pk__in" if label == "patients.Patient" else "patient__in"
        rows = model._default_manager.filter(**{own: batch}).order_by(*_order(label), "pk").values()
        _head(parts, name, shown)
        parents: dict[UUID, list[fhir.Row]] = {}
        wholes: list[fhir.Row] = []
        for row in map(_opened, rows.iterator(chunk_size=_HEAVY.get(label, _CHUNK))):
            parts.line(name, line(row[column] for column in shown))
            if label == "patients.Patient":
                known = [identity[each].get(row["id"], []) for each in _IDENTITY]
                _resource(parts, fhir.patient(row, *known))
            elif label == "record.Observation":
                (parents.setdefault(row["parent_id"], []) if row["parent_id"] else wholes).append(row)
            elif label == KEPT:
                _kept(parts, row)
            elif label in _AS_FHIR:
                _resource(parts, _AS_FHIR[label](row))
            if label == "record.Document" and row["content"] is not None:
                where = f"documents/{row['patient_id']}/{row['id']}.{extension(row['content_type'])}"
                parts.file(where, bytes(row["content"]))
            if entries is not None and label.startswith("record.") and len(entries) < 20 * _SHOWN:
                entries.append(_entry(label, row))
        for whole in wholes:
            _resource(parts, fhir.observation(whole, parents.get(whole["id"], ())))


def _order(label: str) -> tuple[str, ...]:
    return ("pk",) if label == "patients.Patient" else ("patient",)


def _grouped(label: str, batch: Sequence[UUID]) -> dict[UUID, list[fhir.Row]]:
    found: dict[UUID, list[fhir.Row]] = {}
    for row in apps.get_model(label)._default_manager.filter(patient__in=batch).order_by("pk").values():
        found.setdefault(row["patient_id"], []).append(_opened(row))
    return found


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the number that it keeps sealed: whoever takes a record out takes all of it."""
    if row.get("sealed") is not None:
        row["value"] = opened(row["patient_id"], row["id"], row["value"], row["sealed"])
    return row


def _write_practice(parts: Parts, person: Actor, system: Actor) -> None:
    for model in of_practice():
        with acting_as(system):
            _table(parts, model)
    for label in AS_PERSON:
        with acting_as(person):
            _table(parts, apps.get_model(label))
    with acting_as(system):
        for row in (
            apps.get_model(SHARED)._default_manager.order_by("pk").values().iterator(chunk_size=_CHUNK)
        ):
            said = shared_content(row["id"], row["sealed_content"], row["content"])
            parts.line(_ndjson(row["resource_type"]), said.strip().encode() + b"\n")
        versions = apps.get_model("protocols.MasterVersion")._default_manager.exclude(state="discarded")
        for key, number, content in versions.order_by("pk").values_list("master__key", "number", "content"):
            parts.file(f"library/{key}/v{number}.json", bytes(content))


def _table(parts: Parts, model: Any) -> None:
    name, shown = f"csv/{model._meta.label.lower()}.csv", columns(model)
    _head(parts, name, shown)
    for row in model._default_manager.order_by("pk").values(*shown).iterator(chunk_size=_CHUNK):
        parts.line(name, line(row[column] for column in shown))


def _head(parts: Parts, name: str, shown: Sequence[str]) -> None:
    if name not in parts.rows:
        parts.line(name, line(shown), counts=False)


def _resource(parts: Parts, resource: Mapping[str, Any]) -> None:
    parts.line(_ndjson(str(resource["resourceType"])), _ENCODE(resource) + b"\n")


def _kept(parts: Parts, row: fhir.Row) -> None:
    said = kept_content(row["patient_id"], row["source_key"], row["sealed_content"], row["content"])
    content = fhir.kept(said, row["patient_id"])
    parts.line(_ndjson(row["resource_type"]), content.strip().encode() + b"\n")


def _ndjson(resource_type: str) -> str:
    """The file of a type; a type is letters alone, whatever was imported."""
    return f"fhir/{resource_type if resource_type.isalpha() and resource_type.isascii() else 'Other'}.ndjson"


def _entry(label: str, row: fhir.Row) -> Entry:
    at: datetime | None = row["effective_at"]
    value = row.get("value")
    said = row.get("body") or row.get("conclusion") or row.get("dosage_text") or row.get("value_text") or ""
    unit = row.get("unit_text") or row.get("unit") or ""
    return Entry(
        at=fhir.dated(at, row["effective_precision"] if row["effective_precision"] != "instant" else "day")
        or "",
        kind=label.partition(".")[2],
        text=row["text"] + (" (voided)" if row["voided_at"] else ""),
        value=f"{value} {unit}".strip() if value is not None else str(said)[:_SHOWN],
    )


def _index(about: Mapping[str, Any], parts: Parts, entries: Sequence[Entry]) -> str:
    context = {
        "about": about,
        "files": sorted(parts.rows.items()),
        "entries": sorted(entries, key=lambda entry: entry.at, reverse=True),
    }
    return render_to_string("interop_export/index.html", context)
