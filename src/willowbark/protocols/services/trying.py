"""Compose without keeping anything: who could be given what, and who could not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import DomainError
from willowbark.patients.selectors import open_record, reachable
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.problem import Layer
from willowbark.protocols.core.review import Item, review_of
from willowbark.protocols.selectors.considering import Considered, considered
from willowbark.protocols.selectors.drafts import COMPOSE, DraftView
from willowbark.protocols.selectors.library import in_force
from willowbark.protocols.services.composing import solved
from willowbark.record.selectors.standing import standing_of


@dataclass(frozen=True, slots=True)
class Tried:
    """
    One patient against one Master Protocol.

    `outcome` is a plan's status ('proven', 'unproven', 'infeasible') or the code of what was refused.
    `short` are foundation targets below their least, `missed` other targets below theirs; `stops` says
    why it could not be signed, `asks` how many things would have to be considered.
    """

    patient_id: UUID
    master_key: str
    outcome: str
    products: int = 0
    short: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    asks: int = 0
    why: str = ""


def patients_to_try(actor: Actor) -> Sequence[UUID]:
    """
    Every patient for whom the actor composes protocols, in the order of their ids; merged rows left out.

    Raises:
        Forbidden: the actor composes no protocols.
    """
    rows = reachable(actor, COMPOSE).filter(linked_to__isnull=True)
    return list(rows.order_by("id").values_list("pk", flat=True))


def try_patient(*, actor: Actor, patient_id: UUID, master_keys: Sequence[str] = ()) -> tuple[Tried, ...]:
    """
    Compose each Master Protocol (or those named) by itself for a patient; nothing is kept.

    The reading of the record is logged.

    Raises:
        Forbidden: the actor composes no protocols, or may not read the record.
        NotFound: no such patient within reach.
        BrokenPlan: an answer does not hold against the rules.
    """
    record = open_record(actor, patient_id, "record.read", action="protocols.tried")
    standing = standing_of(actor, record)
    now = clock.now()
    blank = DraftView(
        id=patient_id,
        patient_id=patient_id,
        site_id=record.patient.home_site_id,
        master_keys=(),
        choices=Choices(),
        state="open",
        opened_by=actor.user_id,
        opened_at=now,
        changed_at=now,
    )
    found = []
    for key in master_keys or sorted(in_force().masters):
        try:
            seen = considered(actor, record, standing, replace(blank, master_keys=(key,)))
        except DomainError as error:
            found.append(Tried(patient_id, key, error.code, why=str(error)))
            continue
        found.append(_tried(patient_id, key, seen))
    return tuple(found)


def _tried(patient_id: UUID, key: str, seen: Considered) -> Tried:
    problem = seen.problem
    plan = solved(problem)
    targets = {each.key: each for each in problem.targets}
    names = {each.key: each.name for each in problem.ingredients}
    missed = [targets[each.key] for each in plan.targets if each.shortfall_to_least]
    items = review_of(problem, plan, seen.situation)
    infeasible = plan.status is Status.INFEASIBLE
    return Tried(
        patient_id=patient_id,
        master_key=key,
        outcome=str(plan.status),
        products=len(plan.lines),
        short=tuple(names[each.ingredient] for each in missed if each.layer is Layer.FOUNDATION),
        missed=tuple(names[each.ingredient] for each in missed if each.layer is not Layer.FOUNDATION),
        stops=tuple(_of_anybody(each) for each in items if each.weight is Weight.STOP),
        asks=sum(each.weight is Weight.ASK for each in items),
        why=", ".join(plan.clash) if infeasible else "",
    )


def _of_anybody(item: Item) -> str:
    """Why it could not be signed, without what is this person's own: the age that is too young."""
    return item.text.partition(";")[0] if item.kind == "too_young" else item.text


def table_of(tried: Sequence[Tried]) -> Iterator[tuple[str, str, int, str]]:
    """
    How often each outcome came of each Master Protocol, with an example of why:
    (Master Protocol, outcome, how many, why).
    """
    keys = sorted({each.master_key for each in tried})
    for key in keys:
        of_master = [each for each in tried if each.master_key == key]
        groups: dict[str, list[Tried]] = {}
        for each in of_master:
            groups.setdefault(_group(each), []).append(each)
        for group, members in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            yield key, group, len(members), _why(members)


def _group(tried: Tried) -> str:
    if tried.outcome != "proven":
        return tried.outcome
    if tried.stops:
        return "proven, not to be signed"
    return "proven, foundation short" if tried.short else "proven"


def _why(members: Sequence[Tried]) -> str:
    said: dict[str, int] = {}
    for each in members:
        for text in each.stops or each.short or ((each.why,) if each.why else ()):
            said[text] = said.get(text, 0) + 1
    often = sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return "; ".join(f"{text} ({count})" for text, count in often)
