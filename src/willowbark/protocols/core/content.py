"""
What a signature is under: one canonical document, and its digest.

It says what the patient takes, why, what to watch, who signed and what they considered. It names the
composition that it came from, so that everything behind it can be found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.lines import PlanLine
from willowbark.protocols.core.masters import Master, Monitoring
from willowbark.protocols.core.overrides import Override, Reason
from willowbark.protocols.core.plan import Plan
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.review import FOR_PATIENTS, Item, monitors_of, proposed_texts
from willowbark.protocols.core.yardsticks import Amounts

FORMAT = "willowbark.signed_protocol/1"
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs what and when; `starts_on` is the first day, `acknowledged` words by review item."""

    patient_id: UUID
    composition_id: UUID
    site_id: UUID
    number: int
    starts_on: date
    signed_by: UUID
    signer_name: str
    signed_at: datetime
    acknowledged: Mapping[str, str]
    overrides: tuple[tuple[Override, Reason], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Something to look at again, so many days after the start."""

    key: str
    text: str
    after_days: int
    next_action: str


def watches_of(
    plan: Plan, situation: Mapping[str, Any], masters: Sequence[Master], *, days: int
) -> tuple[Watch, ...]:
    """
    What is to be watched: as the Master Protocols say, and as the rules about this plan ask.

    What is looked at again and again comes as often as the plan lasts, and once at least.
    """
    found = [
        each
        for master in masters
        for line in master.monitoring
        for each in _of_line(f"{master.key}.{line.key}", line, days)
    ]
    found += [
        Watch(
            f"{master.key}.phase/{this.key}",
            f"{master.title}: the phase {this.title} ends",
            this.days,
            f"Look at how it went, then compose the phase {following.title}.",
        )
        for master in masters
        if (this := master.this_phase) and (following := master.next_phase)
    ]
    found += [
        Watch(
            f"rule/{each.key}",
            capitalised(each.text),
            each.after_days,
            "Compare with the last values and adjust.",
        )
        for each in monitors_of(situation, plan)
        if each.after_days is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.after_days, each.key)))


def _of_line(key: str, line: Monitoring, days: int) -> Iterator[Watch]:
    """When a line is looked at, within so many days where it is looked at again and again."""
    yield Watch(key, line.text, line.after_days, line.next_action)
    if line.every_days is not None:
        for day in range(line.after_days + line.every_days, days + 1, line.every_days):
            yield Watch(f"{key}/{day}", f"{line.text.rstrip('.')} (day {day})", day, line.next_action)


def capitalised(text: str) -> str:
    """The text with a capital first letter; the others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def title_of(watch: Watch) -> str:
    """What is watched in a few words, at most 61 characters; what was cut off ends in an ellipsis."""
    text = capitalised(watch.text)
    if len(text) <= LONGEST_TITLE:
        return text
    cut = text[: LONGEST_TITLE + 1].rpartition(" ")[0].rstrip(",;")
    return f"{cut or text[:LONGEST_TITLE]}…"


def content_of(
    signature: Signature,
    *,
    problem: Problem,
    plan: Plan,
    situation: Mapping[str, Any],
    lines: Sequence[PlanLine],
    items: Sequence[Item],
    masters: Sequence[Master],
) -> bytes:
    """The canonical bytes that are signed."""
    names = {each.key: each for each in problem.ingredients}
    targets = {each.key: each for each in problem.targets}
    amounts = Amounts(problem)
    document = {
        "format": FORMAT,
        "patient_id": str(signature.patient_id),
        "number": signature.number,
        "site_id": str(signature.site_id),
        "composition_id": str(signature.composition_id),
        "problem_sha256": plan.problem_sha256,
        "plan_sha256": plan.sha256,
        "solver": {"name": plan.solver.name, "version": plan.solver.version},
        "release_id": situation["release_id"],
        "library_id": situation["library_id"],
        "masters": [
            {
                "key": each.key,
                "version": each.version,
                "title": each.title,
                "phase": each.this_phase.title if each.this_phase else "",
            }
            for each in masters
        ],
        "starts_on": signature.starts_on.isoformat(),
        "days": problem.days,
        "moments": [{"key": each.key, "name": each.name} for each in MOMENTS],
        "lines": [_line(each) for each in lines],
        "targets": [
            {
                "ingredient": names[targets[each.key].ingredient].name,
                "protocol": targets[each.key].protocol,
                "given": amounts.text(targets[each.key].ingredient, each.given),
                "taken": amounts.text(targets[each.key].ingredient, each.taken),
                "reached": str(each.reached),
            }
            for each in plan.targets
        ],
        "cautions": [each.text for each in items if each.kind in FOR_PATIENTS],
        "watch": [
            {
                "key": each.key,
                "text": each.text,
                "after_days": each.after_days,
                "next_action": each.next_action,
            }
            for each in watches_of(plan, situation, masters, days=problem.days)
        ],
        "advice": [
            {"protocol": master.title, "kind": each.kind, "text": each.text, "why": each.why}
            for master in masters
            for each in master.advice
        ],
        "stop": [
            {"protocol": master.title, "text": each.text, "why": each.why}
            for master in masters
            for each in master.stop_rules
        ],
        "cost_cents": plan.totals.cost_cents,
        "acknowledged": [
            {
                "key": each.key,
                "kind": each.kind,
                "about": each.text,
                "words": signature.acknowledged[each.key],
            }
            for each in items
            if each.key in signature.acknowledged
        ],
        "overrides": [
            {
                "what": override.text,
                "layer": override.layer,
                "protocols": list(override.master_keys),
                "reason": reason.code,
                "words": reason.words,
            }
            for override, reason in signature.overrides
        ],
        "proposed": [text for _, text in proposed_texts(problem, situation)],
        "signed_by": {"id": str(signature.signed_by), "name": signature.signer_name},
        "signed_at": signature.signed_at.isoformat(),
    }
    return to_bytes(as_document(document))


def digest_of(content: bytes) -> str:
    """The SHA-256 of what was signed, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _line(line: PlanLine) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "product": line.product_key,
        "name": line.name,
        "brand": line.brand,
        "layer": line.layer,
        "moments": [{"moment": moment, "units": units} for moment, units in line.moments],
        "taken": line.taken_text,
        "units_a_day": line.units_a_day,
        "unit_name": line.unit_name,
        "units_per_container": line.units_per_container,
        "containers": line.containers,
        "container_cents": line.container_cents,
        "serves": [
            {"ingredient": each.ingredient_name, "protocol": each.protocol, "amount": each.amount_text}
            for each in line.serves
        ],
        "reasons": list(line.reasons),
        "fact_keys": list(line.fact_keys),
    }
