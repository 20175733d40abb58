"""The allergies that stand above everything else."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.assistant.core.lines import LONGEST_DETAIL, LONGEST_LEAD, Group, Line, Section, Tier, clipped
from willowbark.assistant.core.situation import Situation


def lines_of(known: Situation) -> Iterator[Line]:
    """Each allergy that stands, the grave ones first."""
    for each in sorted(known.allergies, key=lambda allergy: not allergy.is_grave):
        grave = "high risk" if each.is_grave else ""
        yield Line(
            section=Section.ALLERGIES,
            tier=Tier.VITAL,
            group=Group.ALLERGY,
            lead=clipped(each.text, LONGEST_LEAD),
            detail=clipped(", ".join(part for part in (each.reaction, grave) if part), LONGEST_DETAIL),
            source=each.source,
        )
