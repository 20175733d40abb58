"""
Say who newly added patient rows are: link those that are surely somebody known, queue the rest for a person.

Matching is a serialised section: one transaction at a time compares and links, and the next sees what it
committed. Two imports that bring the same person at once end with one person, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.ids import uuid7
from willowbark.patients.core.matching import (
    Question,
    Scorer,
    Settled,
    as_json,
    blocking_keys,
    default_parameters,
    profile_of,
    settle_newcomers,
)
from willowbark.patients.events import PatientLinked
from willowbark.patients.models import MatchCandidate
from willowbark.patients.selectors.details import load_persons
from willowbark.patients.selectors.numbers import number_index
from willowbark.patients.selectors.reach import rows_of_persons
from willowbark.patients.services.matching_rows import commonness, sharing_keys

CHUNK_ROWS = 1_000
# Any number will do as long as nothing else in the database locks it: the ASCII codes of "match".
_LOCK = 0x6D61746368

_STORE_KEYS = """
INSERT INTO patients_matchkey (id, patient_id, key)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) ON CONFLICT (patient_id, key) DO NOTHING
"""
_LINK = """
UPDATE patients_patient AS p SET linked_to = link.known
FROM unnest(%s::uuid[], %s::uuid[]) AS link (newcomer, known)
WHERE p.id = link.newcomer
"""
_QUEUE = """
INSERT INTO patients_matchcandidate
  (id, patient_id, other_id, probability, evidence, found_at, decision, reason, moved, request_keys)
SELECT q.id, q.patient, q.other, q.probability, q.evidence, %s, '', '', '[]', '{}'
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[], %s::jsonb[])
  AS q (id, patient, other, probability, evidence)
ON CONFLICT (patient_id, other_id) DO NOTHING
"""
_LOG_LINKS = "SELECT willow_log_access_of_many('patients.linked', '', %s::uuid[], 'written')"


@dataclass(frozen=True, slots=True)
class Matched:
    """
    What became of newly added rows.

    `linked` maps those that are surely somebody known (or an earlier newcomer) to the row they are linked to;
    `waiting` counts the pairs found that a person must decide.
    """

    linked: dict[UUID, UUID]
    waiting: int


def match_newcomer(*, actor: Actor, patient_id: UUID) -> Matched:
    """Match one newly added row; see `match_newcomers_in_bulk`."""
    return match_newcomers_in_bulk(actor=actor, patient_ids=[patient_id])


def lock_matching() -> None:
    """
    Wait until no other transaction is matching, and keep others waiting until this one ends.

    Matching takes this lock itself. Who goes on to insert patients after matching, in the same transaction,
    takes it first, so that two such transactions cannot wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def match_newcomers_in_bulk(*, actor: Actor, patient_ids: Iterable[UUID]) -> Matched:
    """
    Compare newly added rows with everybody and with each other; call it once their details are stored.

    Sure: the newcomer keeps its row and is linked to the known one. Unsure: it stays apart, and a pair waits
    for a person. Matching rows again does no harm: who is linked, or linked to, stays so, and two rows that a
    person kept apart are not asked about again. The number of statements grows only with every `CHUNK_ROWS`
    rows, and by one for each link.

    Raises:
        Forbidden: the actor may not add to records across the practice.
    """
    require(actor, "record.import")
    lock_matching()
    ids = sorted(set(patient_ids))
    linked: dict[UUID, UUID] = {}
    waiting = 0
    for start in range(0, len(ids), CHUNK_ROWS):
        settled = _settle(ids[start : start + CHUNK_ROWS])
        links = {UUID(newcomer): UUID(known) for newcomer, known in settled.links.items()}
        _link(actor, links)
        _queue(settled.questions)
        linked |= links
        waiting += len(settled.questions)
    return Matched(linked, waiting)


def _settle(patient_ids: Sequence[UUID]) -> Settled:
    """Store the newcomers' keys and decide who they are."""
    parameters = default_parameters()
    newcomers = {UUID(person.key): profile_of(person) for person in load_persons(patient_ids)}
    index = partial(number_index, keyring())
    keys = {row: blocking_keys(profile, index) for row, profile in newcomers.items()}
    _store(keys)
    holders = sharing_keys((key for each in keys.values() for key in each), largest=parameters.largest_block)
    pairs = _pairs(
        keys, {key: rows for key, rows in holders.items() if len(rows) <= parameters.largest_block}
    )
    if not pairs.candidates:
        return Settled({}, ())
    arriving = [newcomers[row] for row in pairs.arriving]
    known = [profile_of(person) for person in load_persons(pairs.known)]
    return settle_newcomers(
        arriving,
        known,
        primary_of={str(row): str(standing) for row, standing in pairs.person_of.items()},
        candidates=((str(newcomer), str(other)) for newcomer, other in pairs.candidates),
        scorer=Scorer(parameters, commonness([*arriving, *known], holders, index)),
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """
    Whom to compare: (newcomer, other) in `candidates`.

    `arriving` are the newcomers that are nobody's yet, `known` the other rows compared with; `person_of` maps
    each row to the one that stands for its person.
    """

    arriving: Sequence[UUID]
    known: Sequence[UUID]
    person_of: Mapping[UUID, UUID]
    candidates: Sequence[tuple[UUID, UUID]]


def _pairs(keys: Mapping[UUID, Sequence[str]], holders: Mapping[str, Sequence[UUID]]) -> _Pairs:
    """
    Return who shares a key with a newcomer, with all rows of each such person; two statements.

    Left out are pairs that a person has kept apart.
    """
    met = {row: {other for key in each for other in holders.get(key, ())} for row, each in keys.items()}
    person_of = rows_of_persons(set(keys).union(*met.values()))
    rows_of: dict[UUID, list[UUID]] = {}
    for row, person in person_of.items():
        rows_of.setdefault(person, []).append(row)
    arriving = sorted(row for row in keys if person_of[row] == row and len(rows_of[row]) == 1)
    kept_apart = MatchCandidate.objects.filter(patient__in=person_of, decision="apart")
    apart = {
        frozenset((person_of.get(one, one), person_of.get(other, other)))
        for one, other in kept_apart.values_list("patient_id", "other_id")
    }
    found = {
        (newcomer, row)
        for newcomer in arriving
        for person in {person_of[other] for other in met[newcomer]} - {newcomer}
        if frozenset((newcomer, person)) not in apart
        for row in rows_of[person]
    }
    known = {other for _, other in found}.difference(arriving)
    return _Pairs(arriving, sorted(known), person_of, sorted(found))


def _store(keys: Mapping[UUID, Sequence[str]]) -> None:
    """Store blocking keys; one statement."""
    rows = [(patient_id, key) for patient_id, each in keys.items() for key in each]
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE_KEYS,
            [[uuid7() for _ in rows], [patient_id for patient_id, _ in rows], [key for _, key in rows]],
        )


def _link(actor: Actor, links: Mapping[UUID, UUID]) -> None:
    """Link newcomers to the rows that stand for them, log it, and make it known."""
    if not links:
        return
    newcomers = list(links)
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [newcomers, [links[newcomer] for newcomer in newcomers]])
        cursor.execute(_LOG_LINKS, [newcomers])
    for newcomer, known in links.items():
        outbox.publish(actor, PatientLinked(patient_id=newcomer, linked_to_id=known))


def _queue(questions: Sequence[Question]) -> None:
    """Queue what a person must decide; one statement."""
    if not questions:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE,
            [
                clock.now(),
                [uuid7() for _ in questions],
                [UUID(each.newcomer) for each in questions],
                [UUID(each.other) for each in questions],
                [round(each.comparison.probability, 6) for each in questions],
                [Jsonb(_evidence(each)) for each in questions],
            ],
        )


def _evidence(question: Question) -> dict[str, object]:
    """What a queued pair keeps: `objections` (code, words) and `evidence` (field, level, weight, words)."""
    whole = as_json(question.comparison)
    return {"objections": whole["objections"], "evidence": whole["evidence"]}
