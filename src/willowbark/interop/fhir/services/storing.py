"""Store resources: patients, then entries of their records, and beside them what is kept whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.core.counts import Outcome
from willowbark.interop.fhir.core.mapping.outcome import Owner
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.references import ByIdentifier
from willowbark.interop.fhir.core.taking_in import SetAside, Taken
from willowbark.interop.fhir.services.batches import FileShare
from willowbark.interop.fhir.services.keeping import Kept, keep_with_patient, share
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.visits import note_waiting, place_waiting
from willowbark.patients.core.identifiers import masked
from willowbark.patients.services.bulk import (
    BulkPatient,
    known_patients,
    patients_with_identifier,
    store_patients,
)
from willowbark.patients.services.bulk import Outcome as PatientOutcome
from willowbark.patients.services.matching import lock_matching, match_newcomers_in_bulk
from willowbark.record.services.bulk import NOT_COUNTED, BulkEntry, store_entries

# Any number that nothing else locks: one import stores at a time, so that two never wait for each other.
_LOCK = 0x696D706F7274
_LOG = "SELECT willow_log_access_of_many('import.written', %s, %s::uuid[], 'written')"

VISIT = "Encounter"
Numbered = tuple[int, Taken]


def lock_imports() -> None:
    """Wait until no other import stores. Goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    lock_matching()


def store(
    actor: Actor, state: RunState, taken: Sequence[Numbered], shares: Sequence[FileShare]
) -> list[tuple[int, SetAside]]:
    """
    Store resources, each key once, in the caller's transaction, and count them with their files' shares.

    The number with each says which share. Returns what could not be stored, uncounted, with the reason.
    """
    aside = _store_people(actor, state, [one for one in taken if one[1].patient], shares)
    others = [one for one in taken if one[1].patient is None]
    rows_of = _rows_of_owners(others)
    labels = _Labels(shares)
    entries: list[BulkEntry] = []
    kept: list[Kept] = []
    shared: list[Kept] = []
    touched: set[UUID] = set()
    for number, one in others:
        file = shares[number].original_id
        if one.owner is None:
            shared.append(_kept(one, None, labels.of(number, one), file))
            continue
        patient_id = rows_of.get(one.owner)
        if patient_id is None or (state.doubtful and one.owner in state.doubtful):
            aside.append((number, one.aside(_no_owner(one, state))))
            continue
        touched.add(patient_id)
        if one.rows:
            entries += _entries(one, patient_id, labels.of(number, one), file)
        else:
            kept.append(_kept(one, patient_id, labels.of(number, one), file))
    stored = store_entries(actor=actor, entries=entries)
    note_waiting(state.run_id, stored.without_visit)
    place_waiting(actor, (one.key for _, one in others if one.resource_type == VISIT))
    labels.count((one.label for one in entries), stored.added, stored.changed, Outcome.ADDED, Outcome.CHANGED)
    for group, (added, changed) in (
        (kept, keep_with_patient(actor, kept)),
        (shared, share(actor, shared)),
    ):
        labels.count((one.label for one in group), added, changed, Outcome.KEPT, Outcome.KEPT_CHANGED)
    _log_access(state, touched)
    return aside


class _Labels:
    """Numbers for (file, resource type), by which statements count what they stored."""

    def __init__(self, shares: Sequence[FileShare]) -> None:
        self._shares = shares
        self._labels: dict[tuple[int, str], int] = {}
        self._meaning: list[tuple[int, str]] = []

    def of(self, number: int, one: Taken) -> int:
        """The label of a resource."""
        key = (number, one.resource_type)
        label = self._labels.setdefault(key, len(self._meaning))
        if label == len(self._meaning):
            self._meaning.append(key)
        return label

    def count(
        self,
        given: Iterable[int],
        added: Mapping[int, int],
        changed: Mapping[int, int],
        outcome_added: Outcome,
        outcome_changed: Outcome,
    ) -> None:
        """Count what was given: some were new, some had changed, and the rest was there."""
        for label, number in Counter(given).items():
            if label == NOT_COUNTED:
                continue
            share_number, type_ = self._meaning[label]
            tally = self._shares[share_number].tally
            tally.add(type_, outcome_added, added.get(label, 0))
            tally.add(type_, outcome_changed, changed.get(label, 0))
            tally.add(type_, Outcome.UNCHANGED, number - added.get(label, 0) - changed.get(label, 0))


def _entries(one: Taken, patient_id: UUID, label: int, file: UUID | None) -> list[BulkEntry]:
    """A resource's rows, of which the first stands for it in the counts."""
    return [
        BulkEntry(
            patient_id,
            row.entry,
            label if number == 0 else NOT_COUNTED,
            row.encounter_key,
            row.parent_key,
            file,
        )
        for number, row in enumerate(one.rows)
    ]


def _kept(one: Taken, patient_id: UUID | None, label: int, file: UUID | None) -> Kept:
    return Kept(patient_id, one.resource_type, one.resource_id, one.key, one.digest, file, one.content, label)


def _store_people(
    actor: Actor, state: RunState, people: Sequence[Numbered], shares: Sequence[FileShare]
) -> list[tuple[int, SetAside]]:
    """Patients first: everything else belongs to one. Newcomers are matched with everybody at once."""
    bulk = [
        BulkPatient(one.patient, shares[number].original_id)
        for number, one in people
        if one.patient is not None
    ]
    results = store_patients(actor=actor, patients=bulk, home_site_id=state.home_site_id)
    aside: list[tuple[int, SetAside]] = []
    for (number, one), result in zip(people, results, strict=True):
        if result.outcome is PatientOutcome.OTHER_PERSON:
            state.doubtful.add(one.key)
            aside.append((number, one.aside(_other_person(one, state))))
        else:
            state.doubtful.discard(one.key)
            shares[number].tally.add(one.resource_type, Outcome(result.outcome.value))
    new = [result.patient_id for result in results if result.outcome is PatientOutcome.ADDED]
    if new:
        matched = match_newcomers_in_bulk(actor=actor, patient_ids=new)
        state.linked += len(matched.linked)
        state.questions += matched.waiting
    _log_access(state, [result.patient_id for result in results])
    return aside


def _rows_of_owners(taken: Sequence[Numbered]) -> dict[Owner, UUID]:
    """The patient row behind each owner that is known; one statement, and one for each identifier."""
    owners = {one.owner for _, one in taken if one.owner is not None}
    keys = [owner for owner in owners if isinstance(owner, UUID)]
    rows: dict[Owner, UUID] = {}
    rows.update(known_patients(keys).items())
    for owner in owners:
        if isinstance(owner, ByIdentifier):
            found = patients_with_identifier(owner.system, owner.value)
            if len(found) == 1:
                rows[owner] = found[0]
    return rows


def _no_owner(one: Taken, state: RunState) -> Refused:
    owner = one.owner
    if isinstance(owner, ByIdentifier):
        number = f"{owner.system[:200]}|{masked(owner.value)}"
        return Refused(
            "unknown_patient", f"belongs to the patient with the number {number!r}: nobody, or several"
        )
    if owner in state.doubtful:
        return Refused("other_person", "belongs to a patient whose id somebody else has: see that patient")
    return Refused(
        "unknown_patient", "belongs to a patient who is not known: nothing with that id was sent", needs=owner
    )


def _other_person(one: Taken, state: RunState) -> Refused:
    return Refused(
        "other_person",
        f"the id {one.resource_id[:128]!r} of source {state.source!r} is somebody else's already: another"
        " name, birth date and numbers: import this file under another source name to keep them apart",
    )


def _log_access(state: RunState, patient_ids: Iterable[UUID]) -> None:
    """One entry for each patient of an import."""
    new = sorted(set(patient_ids) - state.logged)
    if not new:
        return
    state.logged.update(new)
    with connection.cursor() as cursor:
        cursor.execute(_LOG, [str(state.run_id), new])
