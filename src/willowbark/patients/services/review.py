"""Say whether two patient rows are one person, and take that back. Nothing is merged: rows are linked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, DomainError, Invalid, NotFound, RequestKeyReused
from willowbark.patients.core.match_decisions import (
    DECISIONS,
    MOST_REASON,
    Move,
    as_json,
    from_json,
    moves_of,
    standing_of,
)
from willowbark.patients.core.matching import CONTRADICTIONS
from willowbark.patients.events import MatchDecided, PatientLinked, PatientUnlinked
from willowbark.patients.models import MatchCandidate, Patient
from willowbark.patients.selectors.matches import MatchRef, find_candidate
from willowbark.patients.services.matching import lock_matching

WAITS_MILLISECONDS = 5_000

_LOCK_PERSONS = "SELECT row_id, stands FROM willow_lock_persons(%s::uuid[])"
_LINK = "SELECT willow_link_rows(%s::uuid[], %s::uuid[])"
_LOG = "SELECT willow_log_access_of_many(%s, %s, %s::uuid[], 'written')"


class AlreadyDecided(Conflict):
    """Somebody has decided about the pair, or taken the decision back, since it was shown."""

    code = "already_decided"


class KeptApart(Conflict):
    """Rows of the two people were found to be two people: that decision must be taken back first."""

    code = "kept_apart"


class DecidedSince(Conflict):
    """What was decided later rests on this: it must be taken back first."""

    code = "decided_since"


class MatchingIsBusy(DomainError):
    """An import is saying who is who at this moment."""

    code = "busy"


@transaction.atomic
def decide_match(
    *,
    actor: Actor,
    patient_id: UUID,
    candidate_id: UUID,
    decision: str,
    request_key: UUID,
    reason: str = "",
) -> None:
    """
    Say of a waiting pair that it is one person ('link') or two ('apart').

    Linked, the row that was recorded first stands for both, and for every row that either stood for; nothing
    else of any row changes. Other pairs that wait between the same two people are settled with it. Repeating
    `request_key` changes nothing while the decision stands. Where the evidence says that they are two, a
    link needs a `reason`.

    Raises:
        Forbidden: the actor decides about nobody.
        NotFound: no such pair, or one of its people is out of reach.
        Invalid: no such decision; a reason is missing or longer than 300 characters.
        AlreadyDecided: somebody else was faster, or the decision was taken back.
        KeptApart: somebody found rows of these people to be two.
        RequestKeyReused: the key came before with another decision.
        MatchingIsBusy: an import held up linking for more than five seconds.
    """
    pair = find_candidate(actor, patient_id, candidate_id)
    reason = reason.strip()
    if decision not in DECISIONS:
        raise Invalid("Say whether they are the same person or different people.", field="decision")
    if len(reason) > MOST_REASON:
        raise Invalid(f"A reason has at most {MOST_REASON} characters.", field="reason")
    _begin()
    candidate = _locked(pair)
    if _repeated(candidate, request_key, DECISIONS[decision], reason):
        return
    if decision == "link" and not reason and _contradicts(candidate):
        raise Invalid("The evidence speaks against it: say why they are one person.", field="reason")
    stands = _lock_persons([pair.patient_id, pair.other_id])
    one, other = stands[pair.patient_id], stands[pair.other_id]
    waiting = _between(stands, one, other).filter(decision="")
    said = {"decision": DECISIONS[decision], "decided_by_id": actor.user_id, "decided_at": clock.now()}
    if decision == "link":
        moves, standing = _link(actor, pair, stands)
        candidate.moved, candidate.standing_id = as_json(moves), standing
    elif one == other:
        raise Conflict("They are linked to each other. Take that back first.")
    for name, value in said.items():
        setattr(candidate, name, value)
    candidate.reason = reason
    candidate.request_keys = [*candidate.request_keys, request_key]
    candidate.save(
        update_fields=[
            "decision",
            "decided_by",
            "decided_at",
            "reason",
            "request_keys",
            "moved",
            "standing_id",
        ]
    )
    if one != other:
        waiting.exclude(pk=candidate.pk).update(**said, settled_by=candidate.pk)
    _tell(actor, f"patients.match_{DECISIONS[decision]}", pair)


@transaction.atomic
def undo_match(*, actor: Actor, patient_id: UUID, candidate_id: UUID) -> None:
    """
    Take a decision back: the pair waits again, and whom it linked stand as they did before. Doing so again
    changes nothing.

    A row that an import has linked to them since, being sure, stays with the one that stood for both.

    Raises:
        Forbidden: the actor decides about nobody.
        NotFound: no such pair, or one of its people is out of reach.
        DecidedSince: later decisions about the same person rest on it, or it was settled with another pair.
        MatchingIsBusy: an import held up linking for more than five seconds.
    """
    pair = find_candidate(actor, patient_id, candidate_id)
    _begin()
    candidate = _locked(pair)
    if not candidate.decision:
        return
    if candidate.settled_by:
        raise DecidedSince("This was settled with another pair of the same people. Take that one back.")
    stands = _lock_persons([pair.patient_id, pair.other_id])
    if candidate.decision == "linked":
        _unlink(actor, candidate, stands)
    reopened = Q(pk=candidate.pk, patient=pair.patient_id) | Q(
        settled_by=candidate.pk, patient__in=list(stands)
    )
    MatchCandidate.objects.filter(reopened).update(
        decision="",
        decided_by=None,
        decided_at=None,
        reason="",
        settled_by=None,
        moved=[],
        standing_id=None,
    )
    _tell(actor, "patients.match_undone", pair)


def _begin() -> None:
    """Link nobody while an import does, and the other way round; do not wait for a long one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAITS_MILLISECONDS}ms"])
                lock_matching()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":
                raise
            raise MatchingIsBusy(
                "An import is finding out who is who. Nothing was changed; try again in a minute."
            ) from error
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def _locked(pair: MatchRef) -> MatchCandidate:
    rows = MatchCandidate.objects.select_for_update(no_key=True)
    found = rows.filter(patient=pair.patient_id, pk=pair.candidate_id).first()
    if found is None:
        raise NotFound("match candidate")
    return found


def _repeated(candidate: MatchCandidate, request_key: UUID, decision: str, reason: str) -> bool:
    """Whether this request has been answered already."""
    if request_key in candidate.request_keys:
        if not candidate.decision or candidate.request_keys[-1] != request_key:
            raise AlreadyDecided("This decision was taken back since. Look at the pair again.")
        if (candidate.decision, candidate.reason) != (decision, reason):
            raise RequestKeyReused("This was sent before with another decision; the first stands.")
        return True
    if candidate.decision:
        said = "one person" if candidate.decision == "linked" else "two people"
        raise AlreadyDecided(f"Somebody has just decided that they are {said}.")
    return False


def _contradicts(candidate: MatchCandidate) -> bool:
    codes = {str(each.get("code", "")) for each in candidate.evidence.get("objections", ())}
    return not codes.isdisjoint(CONTRADICTIONS)


def _lock_persons(rows: Sequence[UUID]) -> dict[UUID, UUID]:
    """Lock every row of these people in key order; row -> the row that stands for it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PERSONS, [list(rows)])
        return dict(cursor.fetchall())


def _between(stands: Mapping[UUID, UUID], one: UUID, other: UUID) -> QuerySet[MatchCandidate]:
    """The pairs of which one row is of the one person, the other of the other."""
    ones = [row for row, standing in stands.items() if standing == one]
    others = [row for row, standing in stands.items() if standing == other]
    return MatchCandidate.objects.filter(
        Q(patient__in=ones, other_id__in=others) | Q(patient__in=others, other_id__in=ones)
    )


def _link(actor: Actor, pair: MatchRef, stands: Mapping[UUID, UUID]) -> tuple[tuple[Move, ...], UUID]:
    one, other = stands[pair.patient_id], stands[pair.other_id]
    if one == other:
        return (), one
    apart = _between(stands, one, other).filter(decision="apart")
    if apart.exists():
        raise KeptApart("Rows of these people were kept apart. Take that decision back first.")
    recorded = Patient.objects.filter(pk__in=[one, other]).values_list("pk", "recorded_at")
    standing = standing_of(dict(recorded))
    moves = moves_of(stands, to=standing)
    _set_links(actor, {move.row: standing for move in moves}, "patients.linked")
    for move in moves:
        outbox.publish(actor, PatientLinked(patient_id=move.row, linked_to_id=standing))
    return moves, standing


def _unlink(actor: Actor, candidate: MatchCandidate, stands: Mapping[UUID, UUID]) -> None:
    """
    Raises:
        DecidedSince: the link leads elsewhere by now, or more was decided about the person.
    """
    moves = from_json(candidate.moved)
    standing = candidate.standing_id
    rows: Collection[UUID] = list(stands)
    later = MatchCandidate.objects.filter(
        Q(patient__in=rows) | Q(other_id__in=rows),
        decision="linked",
        settled_by__isnull=True,
        decided_at__gt=candidate.decided_at,
    )
    moved_on = any(stands.get(move.row) != standing for move in moves)
    if moved_on or later.exclude(pk=candidate.pk).exists():
        raise DecidedSince("More was linked to this person since. Take that back first, the last one first.")
    if standing is None or not moves:
        return
    _set_links(actor, {move.row: move.before for move in moves}, "patients.unlinked")
    for move in moves:
        outbox.publish(actor, PatientUnlinked(patient_id=move.row, unlinked_from_id=standing))


def _set_links(actor: Actor, links: Mapping[UUID, UUID | None], action: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [list(links), list(links.values())])
        cursor.execute(_LOG, [action, "", list(links)])


def _tell(actor: Actor, action: str, pair: MatchRef) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOG, [action, str(pair.candidate_id), [pair.patient_id, pair.other_id]])
    outbox.publish(
        actor,
        MatchDecided(patient_id=pair.patient_id, other_id=pair.other_id, candidate_id=pair.candidate_id),
    )
