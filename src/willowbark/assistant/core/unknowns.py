"""What nobody knows, and somebody should before deciding anything."""

from __future__ import annotations

from collections.abc import Iterator

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
from willowbark.assistant.core.situation import Situation


def lines_of(known: Situation) -> Iterator[Line]:
    """Missing statements first, then what nobody recognised, then what was signed and not handed out."""
    if not known.allergies and not known.none_known:
        said = "No allergies recorded; nobody has stated that there are none"
        yield _line(Tier.SAFETY, said, known.chart)
    for each in known.unrecognised:
        yield _line(
            Tier.SAFETY, f"Not checked: {each.text}", each.source, clipped(each.reason, LONGEST_DETAIL)
        )
    protocol = known.protocol
    if protocol:
        source = protocol.dispensary or protocol.source
        for product in protocol.undispensed:
            yield _line(Tier.PLAN, product, source, "signed, not dispensed")
    if not known.sees_protocols:
        yield _line(Tier.BACKGROUND, "Protocols are not yours to see", known.chart)
    if not known.sees_tasks:
        yield _line(Tier.BACKGROUND, "Tasks are not yours to see", known.chart)


def _line(tier: Tier, lead: str, source: Source, detail: str = "") -> Line:
    return Line(
        section=Section.UNKNOWN,
        tier=tier,
        group=Group.GAP,
        lead=clipped(lead, LONGEST_LEAD),
        detail=detail,
        source=source,
    )
