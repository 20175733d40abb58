"""Pairs of patient rows that may be one person: who waits for a decision, and one pair side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, Reach, allows, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.core.match_decisions import standing_of
from willowbark.patients.core.matching import CONTRADICTIONS, Compared, side_by_side
from willowbark.patients.models import MatchCandidate, Patient
from willowbark.patients.selectors import reach
from willowbark.patients.selectors.details import load_persons
from willowbark.practice.selectors import names_of_users

MATCH = "patients.match"
# (probability, id) of the last pair of the page before.
Place = tuple[Decimal, UUID]


@dataclass(frozen=True, slots=True)
class MatchRef:
    """Which pair: `patient_id` is the newcomer, whose the pair is; `other_id` was known before."""

    candidate_id: UUID
    patient_id: UUID
    other_id: UUID


@dataclass(frozen=True, slots=True)
class MatchPerson:
    """
    One row of a pair. `linked_to` is the row that stands for it, None when it stands for itself;
    `linked_rows` is how many rows it stands for.
    """

    patient_id: UUID
    name: str
    birth_date: date | None
    birth_date_precision: str
    is_deceased: bool
    deceased_at: datetime | None
    sex: str
    site_name: str
    source_kind: str
    recorded_at: datetime
    recorded_by_name: str
    linked_to: UUID | None
    linked_rows: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pair of the queue; `speaks_against` are the objections, in words."""

    ref: MatchRef
    probability: Decimal
    found_at: datetime
    one: MatchPerson
    other: MatchPerson
    speaks_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A pair about which somebody decided."""

    ref: MatchRef
    decision: str
    decided_at: datetime
    by_name: str
    one: MatchPerson
    other: MatchPerson


@dataclass(frozen=True, slots=True)
class MatchQueue:
    """
    Pairs that wait, the strongest first, `more` when others follow, and on the first page those decided last.
    """

    rows: tuple[Waiting, ...]
    more: bool
    decided: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Evidence that is of no one field: `weight` in bits, as `core.matching.explain` says."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class MatchPair:
    """
    Two rows side by side, with the evidence as it was when they were found.

    `decision` is '' while they wait; `settled_with` is the pair with which this one was settled. `stands` is
    the row that would stand for both. `needs_reason` says that the evidence speaks against a link.
    """

    ref: MatchRef
    probability: Decimal
    found_at: datetime
    one: MatchPerson
    other: MatchPerson
    lines: tuple[Compared, ...]
    weighed: tuple[Weighed, ...]
    speaks_against: tuple[str, ...]
    needs_reason: bool
    stands: UUID
    decision: str
    decided_at: datetime | None
    decided_by_name: str
    reason: str
    settled_with: bool
    following: MatchRef | None


def waiting_matches(actor: Actor) -> int:
    """How many pairs of patient rows wait for a person to say whether they are one."""
    require(actor, MATCH)
    return _theirs(actor, MatchCandidate.objects.filter(decision="")).count()


def open_matches(actor: Actor, rows: Collection[UUID]) -> int:
    """How many pairs with any of these rows wait for the actor to decide; 0 for who decides about nobody."""
    if not allows(actor, MATCH):
        return 0
    pairs = MatchCandidate.objects.filter(Q(patient__in=rows) | Q(other_id__in=rows), decision="")
    return _theirs(actor, pairs).count()


def find_candidate(actor: Actor, patient_id: UUID, candidate_id: UUID) -> MatchRef:
    """
    Which pair it is, for who decides about both of its rows.

    Raises:
        Forbidden: the actor decides about nobody.
        NotFound: no such pair, or one of its rows is out of reach.
    """
    require(actor, MATCH)
    return _ref(_found(actor, patient_id, candidate_id))


def match_queue(
    actor: Actor,
    *,
    patient_id: UUID | None = None,
    after: Place | None = None,
    limit: int = 25,
    decided: int = 10,
) -> MatchQueue:
    """
    The pairs that wait, the strongest first; those of one person where `patient_id` is given.

    A pair is shown to who decides about both its rows. At most six statements, whatever there is; whom the
    list names is logged.

    Raises:
        Forbidden: the actor decides about nobody.
        NotFound: no such patient within reach.
    """
    require(actor, MATCH)
    pairs = _theirs(actor, MatchCandidate.objects.all())
    if patient_id is not None:
        reach.require_reach(actor, patient_id, MATCH)
        rows = reach.rows_of_person(patient_id)
        pairs = pairs.filter(Q(patient__in=rows) | Q(other_id__in=rows))
    found = list(_in_order(pairs.filter(decision=""), after)[: limit + 1])
    shown, lately = found[:limit], []
    if after is None and decided:
        settled = pairs.filter(decided_by__isnull=False, settled_by__isnull=True).exclude(decision="")
        lately = list(settled.order_by("-decided_at", "-id")[:decided])
    people = _people([*shown, *lately])
    names = names_of_users({each.decided_by_id for each in lately if each.decided_by_id})
    access.record_list(actor, "patients.matches_listed", patient_ids=sorted(people))
    return MatchQueue(
        tuple(
            Waiting(
                ref=_ref(each),
                probability=each.probability,
                found_at=each.found_at,
                one=people[each.patient_id],
                other=people[each.other_id],
                speaks_against=_objections(each),
            )
            for each in shown
            if {each.patient_id, each.other_id} <= people.keys()
        ),
        len(found) > limit,
        tuple(
            Decided(
                ref=_ref(each),
                decision=each.decision,
                decided_at=each.decided_at,
                by_name=names.get(each.decided_by_id, "") if each.decided_by_id else "",
                one=people[each.patient_id],
                other=people[each.other_id],
            )
            for each in lately
            if each.decided_at and {each.patient_id, each.other_id} <= people.keys()
        ),
    )


def match_pair(actor: Actor, patient_id: UUID, candidate_id: UUID) -> MatchPair:
    """
    One pair side by side; the reading is logged for both.

    Raises:
        Forbidden: the actor decides about nobody.
        NotFound: no such pair, or one of its rows is out of reach.
    """
    require(actor, MATCH)
    pair = _found(actor, patient_id, candidate_id)
    people = _people([pair], with_names=True)
    if not {pair.patient_id, pair.other_id} <= people.keys():
        raise NotFound("match candidate")
    access.record_list(actor, "patients.match_read", patient_ids=[pair.patient_id, pair.other_id])
    one, other = people[pair.patient_id], people[pair.other_id]
    details = {UUID(each.key): each for each in load_persons([pair.patient_id, pair.other_id])}
    evidence: list[dict[str, Any]] = pair.evidence.get("evidence", [])
    lines = side_by_side(evidence, details[pair.patient_id], details[pair.other_id])
    by = pair.decided_by_id
    return MatchPair(
        ref=_ref(pair),
        probability=pair.probability,
        found_at=pair.found_at,
        one=one,
        other=other,
        lines=lines,
        weighed=tuple(
            Weighed(str(each["words"]), float(each["weight"]))
            for each in evidence
            if each["field"] in ("address", "household", "chance")
        ),
        speaks_against=_objections(pair),
        needs_reason=not {each["code"] for each in pair.evidence.get("objections", [])}.isdisjoint(
            CONTRADICTIONS
        ),
        stands=pair.standing_id or _would_stand(one, other),
        decision=pair.decision,
        decided_at=pair.decided_at,
        decided_by_name=names_of_users({by}).get(by, "") if by else "",
        reason=pair.reason,
        settled_with=pair.settled_by is not None,
        following=_following(actor, pair),
    )


def _following(actor: Actor, pair: MatchCandidate) -> MatchRef | None:
    """The pair that comes after this one in the queue, else the first one that waits."""
    waiting = _theirs(actor, MatchCandidate.objects.filter(decision="")).exclude(pk=pair.pk)
    following = _in_order(waiting, (pair.probability, pair.pk)).first() or _in_order(waiting, None).first()
    return _ref(following) if following else None


def _would_stand(one: MatchPerson, other: MatchPerson) -> UUID:
    if one.linked_to or other.linked_to:
        known = Patient.objects.filter(
            pk__in=[one.linked_to or one.patient_id, other.linked_to or other.patient_id]
        )
        return standing_of(dict(known.values_list("pk", "recorded_at")))
    return standing_of({one.patient_id: one.recorded_at, other.patient_id: other.recorded_at})


def _theirs(actor: Actor, pairs: QuerySet[MatchCandidate]) -> QuerySet[MatchCandidate]:
    """Those of the pairs both rows of which the actor decides about."""
    if any(grant.reach is Reach.ORGANISATION for grant in actor.grants_of(MATCH)):
        return pairs
    within = reach.reachable(actor, MATCH).values("pk")
    return pairs.filter(patient__in=within, other_id__in=within)


def _found(actor: Actor, patient_id: UUID, candidate_id: UUID) -> MatchCandidate:
    pair = _theirs(actor, MatchCandidate.objects.filter(patient=patient_id, pk=candidate_id)).first()
    if pair is None:
        raise NotFound("match candidate")
    return pair


def _in_order(pairs: QuerySet[MatchCandidate], after: Place | None) -> QuerySet[MatchCandidate]:
    if after is not None:
        probability, last = after
        pairs = pairs.filter(Q(probability__lt=probability) | Q(probability=probability, id__gt=last))
    return pairs.order_by("-probability", "id")


def _ref(pair: MatchCandidate) -> MatchRef:
    return MatchRef(pair.pk, pair.patient_id, pair.other_id)


def _objections(pair: MatchCandidate) -> tuple[str, ...]:
    return tuple(str(each["words"]) for each in pair.evidence.get("objections", []))


def _people(pairs: Iterable[MatchCandidate], *, with_names: bool = False) -> dict[UUID, MatchPerson]:
    """The rows of these pairs by their ids; one statement, three with who recorded them and their links."""
    ids = {row for pair in pairs for row in (pair.patient_id, pair.other_id)}
    rows = list(Patient.objects.filter(pk__in=ids).select_related("home_site")) if ids else []
    names = names_of_users({row.recorded_by_id for row in rows}) if with_names else {}
    linked = _counted(ids) if with_names else {}
    return {
        row.pk: MatchPerson(
            patient_id=row.pk,
            name=str(row) if row.given else row.family,
            birth_date=row.birth_date,
            birth_date_precision=row.birth_date_precision,
            is_deceased=row.is_deceased,
            deceased_at=row.deceased_at,
            sex=row.sex,
            site_name=row.home_site.name,
            source_kind=row.source_kind,
            recorded_at=row.recorded_at,
            recorded_by_name=names.get(row.recorded_by_id, ""),
            linked_to=row.linked_to,
            linked_rows=linked.get(row.pk, 0),
        )
        for row in rows
    }


def _counted(ids: Collection[UUID]) -> dict[UUID, int]:
    counts: dict[UUID, int] = {}
    for standing in Patient.objects.filter(linked_to__in=ids).values_list("linked_to", flat=True):
        if standing is not None:
            counts[standing] = counts.get(standing, 0) + 1
    return counts
