"""What the patient is on, and who else treats them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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
from willowbark.assistant.core.news import Since
from willowbark.assistant.core.situation import Protocol, Situation

PRODUCTS_A_LINE = 4


def lines_of(known: Situation, since: Since) -> Iterator[Line]:
    """The protocol by the moments of the day, what it treats, what else is taken, and the care team."""
    if known.protocol:
        yield from _protocol(known.protocol, known.today)
    for problem in known.problems:
        if problem.is_active and not since.is_new(problem):
            yield _line(Tier.BACKGROUND, Group.PROBLEM, problem.text, problem.source)
    for each in known.medicines:
        if each.is_taken and not since.is_new(each):
            yield _line(Tier.BACKGROUND, Group.TAKEN, each.text, each.source, each.dosage)
    for carer in known.team:
        also = ", ".join(part for part in (carer.modality, "primary" if carer.is_primary else "") if part)
        yield _line(Tier.PLAN, Group.TEAM, carer.name, carer.source, also)


def day_text(protocol: Protocol, today: date) -> str:
    """Where in its course a protocol is: `day 14 of 90`, `begins in 3 days`, `ended 5 days ago`."""
    day = (today - protocol.starts_on).days + 1
    if day < 1:
        return f"begins in {_days(1 - day)}"
    if day > protocol.days:
        return f"its {_days(protocol.days)} ended {_days(day - protocol.days)} ago"
    return f"day {day} of {protocol.days}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _protocol(protocol: Protocol, today: date) -> Iterator[Line]:
    lead = f"Protocol {protocol.number}"
    yield _line(
        Tier.DECISION,
        Group.PROTOCOL,
        lead,
        protocol.source,
        f"{day_text(protocol, today)}, signed by {protocol.signed_by}",
    )
    for taking in protocol.takings:
        for start in range(0, len(taking.products), PRODUCTS_A_LINE):
            products = taking.products[start : start + PRODUCTS_A_LINE]
            yield Line(
                section=Section.PROGRAMME,
                tier=Tier.PLAN,
                group=Group.PROTOCOL,
                lead=clipped(taking.moment, LONGEST_LEAD),
                # A dose is never cut in the middle.
                detail=", ".join(products),
                source=taking.source,
            )


def _line(tier: Tier, group: Group, lead: str, source: Source, detail: str = "") -> Line:
    return Line(
        section=Section.PROGRAMME,
        tier=tier,
        group=group,
        lead=clipped(lead, LONGEST_LEAD),
        detail=clipped(detail, LONGEST_DETAIL),
        source=source,
    )
