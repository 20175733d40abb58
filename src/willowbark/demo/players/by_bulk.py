"""
Play patients' histories as an import would: the same rows, by COPY, a few statements for many patients.

Only what is taken back is played as staff would: an entry's voiding changes a row that is there.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from willowbark.demo.script import PatientHistory
from willowbark.demo.script import ids as script_ids
from willowbark.demo.script.events import (
    SYSTEM,
    AddEntry,
    BeginCare,
    EndCare,
    Event,
    GiveConsent,
    Occasion,
    ReceiveEntry,
    ReceivePatient,
    RegisterPatient,
    VoidEntry,
    WithdrawConsent,
)
from willowbark.foundation import access, ids
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.patients.core.details import PatientDetails
from willowbark.patients.services.bulk import BulkPatient, store_patients
from willowbark.patients.services.bulk_care import BulkCare, BulkConsent, store_care, store_consents
from willowbark.record.core.digest import digest_of
from willowbark.record.core.entries import Entry
from willowbark.record.services.bulk import BulkEntry, store_entries

from . import by_services
from .cast import Cast
from .new_patient import new_patient

CHUNK_PATIENTS = 50


def play(
    cast: Cast, histories: Sequence[PatientHistory], *, done: Callable[[int], None] = lambda count: None
) -> None:
    """Play whole histories, fifty patients at a time; `done` is called with the number of each chunk's."""
    for start in range(0, len(histories), CHUNK_PATIENTS):
        chunk = histories[start : start + CHUNK_PATIENTS]
        with acting_as(_importer(cast, chunk)) as actor:
            _patients(cast, actor, chunk)
            store_care(actor=actor, rows=list(_care(cast, chunk)))
            store_entries(actor=actor, entries=_entries(cast, chunk))
            for history in chunk:
                access.record_write(actor, "record.received", patient_id=history.patient_id)
        _consents(cast, chunk)
        by_services.play(cast, _changes(chunk))
        done(len(chunk))


def _importer(cast: Cast, chunk: Sequence[PatientHistory]) -> Actor:
    return dataclasses.replace(cast.actor(SYSTEM), request_id=chunk[0].occasions[0].id)


def _events(chunk: Iterable[PatientHistory]) -> Iterator[tuple[Occasion, Event]]:
    for history in chunk:
        for occasion in history.occasions:
            for event in occasion.events:
                yield occasion, event


def _is_change(history_patient: UUID | None, event: Event) -> bool:
    """Whether it changes a row that is there: a voiding, or what a source says anew of a patient."""
    return isinstance(event, VoidEntry) or (isinstance(event, ReceivePatient) and event.id != history_patient)


def _changes(chunk: Iterable[PatientHistory]) -> Iterator[Occasion]:
    """The changes of the chunk's occasions, as occasions."""
    for history in chunk:
        for occasion in history.occasions:
            found = tuple(one for one in occasion.events if _is_change(history.patient_id, one))
            if found:
                yield dataclasses.replace(occasion, events=found)


def _patients(cast: Cast, actor: Actor, chunk: Sequence[PatientHistory]) -> None:
    by_site: defaultdict[str, list[tuple[Occasion, RegisterPatient | ReceivePatient]]] = defaultdict(list)
    for occasion, event in _events(chunk):
        if isinstance(event, RegisterPatient | ReceivePatient) and event.id == occasion.patient_id:
            by_site[event.site].append((occasion, event))
    for site, arrivals in by_site.items():
        patients = [_patient(cast, site, occasion, event) for occasion, event in arrivals]
        with ids.using(_detail_ids([event for _, event in arrivals])):
            store_patients(actor=actor, patients=patients, home_site_id=cast.sites[site])


def _patient(
    cast: Cast, site: str, occasion: Occasion, event: RegisterPatient | ReceivePatient
) -> BulkPatient:
    details = event.details
    if isinstance(event, RegisterPatient):
        details = dataclasses.replace(
            details,
            source_kind="staff",
            source_key=event.id,
            source_digest=new_patient(event, cast.sites[site]).digest(),
        )
    return BulkPatient(
        details=details,
        id=event.id,
        recorded_by=cast.actor(occasion.by).user_id,
        recorded_at=event.at,
    )


def _detail_ids(events: Sequence[RegisterPatient | ReceivePatient]) -> Callable[[], UUID]:
    """
    The ids of identifiers, contact points and addresses, in the order in which they are stored.

    One patient's follow from the event's own in that order too; here all identifiers come first.
    """
    counts = {event.id: 0 for event in events}
    found: list[UUID] = []
    for part in ("identifiers", "contacts", "addresses"):
        for event in events:
            for _ in _part(event.details, part):
                counts[event.id] += 1
                found.append(script_ids.nth(event.id, counts[event.id]))
    return iter(found).__next__


def _part(details: PatientDetails, name: str) -> Sequence[object]:
    parts: Sequence[object] = getattr(details, name)
    return parts


def _care(cast: Cast, chunk: Sequence[PatientHistory]) -> Iterator[BulkCare]:
    ended = {
        (event.patient_id, event.staff): event.at for _, event in _events(chunk) if isinstance(event, EndCare)
    }
    for _, event in _events(chunk):
        if isinstance(event, BeginCare):
            yield BulkCare(
                id=event.id,
                patient_id=event.patient_id,
                staff_id=cast.staff[event.staff],
                kind=event.kind,
                started_at=event.at,
                ended_at=ended.get((event.patient_id, event.staff)),
            )


def _consents(cast: Cast, chunk: Sequence[PatientHistory]) -> None:
    """What patients agreed to, written by the front desks that asked: nobody imports a consent."""
    withdrawn = {
        (event.patient_id, event.scope): event.at
        for _, event in _events(chunk)
        if isinstance(event, WithdrawConsent)
    }
    by_desk: defaultdict[str, list[BulkConsent]] = defaultdict(list)
    for occasion, event in _events(chunk):
        if isinstance(event, GiveConsent):
            by_desk[occasion.by].append(
                BulkConsent(
                    id=event.id,
                    patient_id=event.patient_id,
                    scope=event.scope,
                    wording=event.wording,
                    given_at=event.at,
                    withdrawn_at=withdrawn.get((event.patient_id, event.scope)),
                    recorded_by_id=cast.actor(occasion.by).user_id,
                )
            )
    for desk, rows in by_desk.items():
        actor = dataclasses.replace(cast.actor(desk), request_id=chunk[0].occasions[0].id)
        with acting_as(actor):
            store_consents(actor=actor, rows=rows)
            for patient_id in dict.fromkeys(row.patient_id for row in rows):
                access.record_write(actor, "patients.consents_received", patient_id=patient_id)


def _entries(cast: Cast, chunk: Sequence[PatientHistory]) -> Iterator[BulkEntry]:
    for occasion, event in _events(chunk):
        if isinstance(event, AddEntry):
            author = cast.actor(occasion.by)
            yield BulkEntry(
                patient_id=event.patient_id,
                entry=_as_staff_wrote_it(event.entry, event, author),
                id=event.id,
                recorded_by=author.user_id,
                recorded_at=event.at,
            )
        elif isinstance(event, ReceiveEntry):
            yield BulkEntry(patient_id=event.patient_id, entry=event.entry, id=event.id, recorded_at=event.at)


def _as_staff_wrote_it(entry: Entry, event: AddEntry, author: Actor) -> Entry:
    """What the service makes of an entry: from staff, of now when it has no date, by the actor."""
    undated = entry.effective_at is None
    return dataclasses.replace(
        entry,
        source_kind="staff",
        source_key=event.id,
        source_digest=digest_of(entry),
        author_name=entry.author_name or author.name,
        effective_at=event.at if undated else entry.effective_at,
        effective_precision="instant" if undated else entry.effective_precision,
    )
