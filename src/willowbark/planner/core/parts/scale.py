"""How far there is evidence, and where growth is held."""

from __future__ import annotations

from willowbark.planner.core.answers import Figure
from willowbark.planner.core.parts.hiring import GROWTH
from willowbark.planner.core.reference import reference
from willowbark.planner.core.scale import BARRIERS
from willowbark.planner.core.words import range_text

SCALE = (
    Figure(
        "evidence",
        "How far there is evidence",
        "The largest stage that was published is one site of 1,200 patients; beyond it, and at a second site,"
        " the"
        f' straight line goes on. "{reference()["beyond"]["quote"]}"',
        ("practice.active_patients", *GROWTH, "scale.sites"),
        lambda found: f"{found.scale.evidence_patients:,} patients at one site",
        ("scaling",),
    ),
    Figure(
        "plateau",
        "Where growth is held",
        "Between 1,000 and 10,000 patients while five barriers stand; each that is lifted moves the low end"
        " on by a"
        ' fifth of that way, on a logarithmic scale. "Most healthcare startups plateau between 1,000 and'
        ' 10,000 patients"',
        tuple(f"scale.{name}" for name in BARRIERS),
        lambda found: range_text(found.scale.plateau_patients, 0, "patients"),
        ("million",),
    ),
)
