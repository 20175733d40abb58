"""What changed since the last visit, results apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from willowbark.assistant.core.lines import (
    LONGEST_DETAIL,
    LONGEST_LEAD,
    Group,
    Line,
    Section,
    Source,
    Tier,
    clipped,
)
from willowbark.assistant.core.news import Since, calendar_day
from willowbark.assistant.core.situation import Entry, Situation


def lines_of(known: Situation, since: Since) -> Iterator[Line]:
    """Allergies and treatment first, then problems, then what others saw, wrote and did."""
    yield from _first_visit(known)
    yield from _allergies(known, since)
    yield from _protocols(known, since)
    yield from _medicines(known, since)
    yield from _problems(known, since)
    yield from _visits(known)
    yield from _notes(known, since)
    yield from _done(known, since)


def _first_visit(known: Situation) -> Iterator[Line]:
    if known.visit is None:
        yield _line(Tier.SAFETY, Group.VISIT, "No earlier visit is on record", source=known.chart)


def _allergies(known: Situation, since: Since) -> Iterator[Line]:
    for each in known.allergies:
        if since.visit and since.is_new(each):
            yield _entry(Tier.VITAL, Group.ALLERGY, each, f"New allergy: {each.text}", each.reaction)


def _protocols(known: Situation, since: Since) -> Iterator[Line]:
    protocol = known.protocol
    if protocol and since.is_after(protocol.signed_at, "instant"):
        yield _line(
            Tier.DECISION,
            Group.PROTOCOL,
            f"Protocol {protocol.number} signed",
            f"by {protocol.signed_by}, for {protocol.days} days",
            at=protocol.signed_at,
            source=protocol.source,
        )
    for ended in known.ended:
        if since.is_after(ended.ended_at, "instant"):
            lead = f"Protocol {ended.number} {ended.ending}"
            yield _line(Tier.DECISION, Group.PROTOCOL, lead, at=ended.ended_at, source=ended.source)
    for handed in known.handed:
        if since.is_after(handed.at, "instant"):
            yield _line(
                Tier.PLAN,
                Group.PROTOCOL,
                "Dispensed",
                ", ".join(handed.products),
                at=handed.at,
                source=handed.source,
            )


def _medicines(known: Situation, since: Since) -> Iterator[Line]:
    for each in known.medicines:
        what = "supplement" if each.is_supplement else "medicine"
        if each.ends_at and each.ends_at <= known.now and since.is_after(each.ends_at, "instant"):
            if since.visit is not None:
                lead = f"Stopped {what}: {each.text}"
                yield _line(Tier.DECISION, Group.MEDICINE, lead, at=each.ends_at, source=each.source)
        elif each.is_taken and since.is_new(each):
            new = f"New {what}: " if since.visit else f"{what.capitalize()}: "
            yield _entry(Tier.DECISION, Group.MEDICINE, each, f"{new}{each.text}", each.dosage)


def _problems(known: Situation, since: Since) -> Iterator[Line]:
    for each in known.problems:
        if each.is_active and since.is_new(each):
            new = "New problem: " if since.visit else "Problem: "
            yield _entry(Tier.DECISION, Group.PROBLEM, each, f"{new}{each.text}")
        elif since.visit and each.abated_at and since.is_after(each.abated_at, each.abated_precision):
            yield _line(
                Tier.HEARD,
                Group.PROBLEM,
                f"Resolved: {each.text}",
                at=each.abated_at,
                precision=each.abated_precision,
                source=each.source,
            )


def _visits(known: Situation) -> Iterator[Line]:
    for each in known.since_then:
        by = f" with {each.practitioner}" if each.practitioner else ""
        yield _entry(Tier.PLAN, Group.VISIT, each, f"{each.text}{by}", each.reason)


def _notes(known: Situation, since: Since) -> Iterator[Line]:
    for each in known.notes:
        if since.visit and not each.is_mine and since.is_new(each):
            lead = f"{each.kind} by {each.author}" if each.author else each.kind
            yield _entry(Tier.HEARD, Group.NOTE, each, lead, each.text)


def _done(known: Situation, since: Since) -> Iterator[Line]:
    told = {_day(course.results[0], since) for course in known.courses if since.is_new(course.results[0])}
    for each in known.done:
        if since.visit and since.is_new(each):
            # A report of results that are told anyway need not tell them again.
            said = "" if each.is_report and _day(each, since) in told else each.said
            detail = ": ".join(part for part in (each.status, said) if part)
            yield _entry(Tier.HEARD, Group.DONE, each, each.text, detail)


def _day(entry: Entry, since: Since) -> date | None:
    return calendar_day(entry.at, entry.precision, since.zone) if entry.at else None


def _entry(tier: Tier, group: Group, entry: Entry, lead: str, detail: str = "") -> Line:
    return _line(tier, group, lead, detail, at=entry.at, precision=entry.precision, source=entry.source)


def _line(
    tier: Tier,
    group: Group,
    lead: str,
    detail: str = "",
    *,
    source: Source,
    at: datetime | None = None,
    precision: str = "instant",
) -> Line:
    return Line(
        section=Section.CHANGED,
        tier=tier,
        group=group,
        lead=clipped(lead, LONGEST_LEAD),
        detail=clipped(detail, LONGEST_DETAIL),
        at=at,
        precision=precision if at else "",
        source=source,
    )
