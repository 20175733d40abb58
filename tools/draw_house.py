"""
Draw the house from the import contracts in `pyproject.toml`.

    draw_house.py            write docs/images/house.svg
    draw_house.py --check    say whether that file is as it would be drawn now

Which floors there are, and in which order, is read from the contracts and nowhere else, so the picture
cannot say something that `./willow test` does not enforce.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
PICTURE = CHECKOUT / "docs" / "images" / "house.svg"
SOURCES = CHECKOUT / "src" / "willowbark"

# What a floor is for, in so few words that they fit beside its name.
FLOORS = {
    "main": "the willow command: gathers what each business offers",
    "demo": "a reproducible practice of invented people",
    "config": "settings, addresses, the API object",
    "interop": "what other systems write, read in, and everything taken out: fhir, export",
    "assistant": "the chief of staff: briefs, the day, drafts",
    "command_center": "thresholds, alerts, owned actions",
    "planner": "capacity, staffing, when to hire",
    "metrics": "definitions with units, roll-ups",
    "billing": "charges, ledger, payments, memberships",
    "dispensary": "dispensing a signed protocol, refills",
    "protocols": "library, composition, safety, signing",
    "scheduling": "availability, bookings, wait lists",
    "record": "the longitudinal record: nine kinds of entry",
    "catalog": "products, services, laboratory tests",
    "knowledge": "ingredients, units, limits, interactions",
    "worklist": "the one queue of tasks",
    "inventory": "lots on the shelf, every move of them",
    "patients": "identity, contact, consent, care, matching",
    "practice": "organisation, sites, staff, roles, hours",
    "foundation": "actors, walls, audit, outbox, pages, database",
    "kernel": "plain values: partial dates, errors",
}
# What a file of a business is for, by the first name of its row.
ROOMS = {
    "api": "inbound: parse, one call, render",
    "pages": "what a template is given",
    "sign_in": "the door",
    "services": "writes: permission, transaction, log, outbox",
    "selectors": "reads, as an actor",
    "kinds": "names of tables",
    "models": "tables and constraints",
    "roles": "rules as values in, values out; facts that happened",
}

MARGIN, GAP, ROW, TITLE, LEGEND = 24, 6, 36, 40, 30
FLOORS_WIDE, ROOMS_WIDE, BETWEEN, WORDS_AT = 600, 400, 40, 160
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2a24 }
  .title { font-size: 15px; font-weight: 600 }
  .name { font-family: ui-monospace, monospace; font-weight: 600 }
  .words { fill: #4a584f }
  .ground { fill: #fbfcfa }
  .built { fill: #e3efe7; stroke: #2f6b4a }
  .planned { fill: none; stroke: #7d8a82; stroke-dasharray: 4 3 }
  .planned-name { fill: #5c6961; font-family: ui-monospace, monospace }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4ebe6 } .words { fill: #aebab3 } .ground { fill: #151a17 }
    .built { fill: #203529; stroke: #7fc09b } .planned { stroke: #78857d } .planned-name { fill: #a3afa8 }
  }
"""


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a row: its name, what it is for, and whether there is code."""

    name: str
    words: str
    is_built: bool = True


Row = list[Box]


def layers_of(contract: dict[str, Any]) -> list[list[str]]:
    """The layers from the top; modules on one layer, which do not import each other, share a list."""
    rows = ([name.strip(" ()") for name in row.split("|")] for row in contract["layers"])
    return [kept for row in rows if (kept := [name for name in row if not name.startswith("__")])]


def is_built(name: str) -> bool:
    """Whether a floor has code."""
    return (SOURCES / f"{name}.py").exists() or any((SOURCES / name).glob("**/*.py"))


def draw(contracts: list[dict[str, Any]]) -> str:
    """The picture as SVG text."""
    floors, rooms = (layers_of(contract) for contract in contracts[:2])
    house = [[Box(name, FLOORS.get(name, ""), is_built(name)) for name in row] for row in floors]
    business = [[Box(" | ".join(row), ROOMS.get(row[0], ""))] for row in rooms]
    right = MARGIN + FLOORS_WIDE + BETWEEN
    wide = right + ROOMS_WIDE + MARGIN
    high = MARGIN * 2 + TITLE + len(house) * (ROW + GAP) + LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        ' role="img" aria-labelledby="house-title house-words">',
        '<title id="house-title">The house of Willowbark</title>',
        f'<desc id="house-words">Floors from the top: {in_words(house)}.'
        f" Inside a business, from the top: {in_words(business)}.</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{wide}" height="{high}" rx="8"/>',
        *column(MARGIN, FLOORS_WIDE, "A floor imports only from the floors below it", house),
        *column(right, ROOMS_WIDE, "Inside a business, imports point down too", business, is_two_lines=True),
        *legend(MARGIN, high - MARGIN),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def in_words(rows: list[Row]) -> str:
    """A column for whoever does not see it."""
    return "; ".join(
        escape(" | ".join(box.name if box.is_built else f"{box.name} (not built yet)" for box in row))
        for row in rows
    )


def column(left: int, wide: int, title: str, rows: list[Row], *, is_two_lines: bool = False) -> Iterator[str]:
    """A titled stack of rows; siblings stand side by side."""
    yield f'<text class="title" x="{left}" y="{MARGIN + 16}">{escape(title)}</text>'
    for number, row in enumerate(rows):
        top = MARGIN + TITLE + number * (ROW + GAP)
        each = (wide - GAP * (len(row) - 1)) / len(row)
        for place, box in enumerate(row):
            yield from drawn(box, round(left + place * (each + GAP)), top, round(each), is_two_lines)


def drawn(box: Box, left: int, top: int, wide: int, is_two_lines: bool) -> Iterator[str]:
    """One box, its words beside or below its name."""
    kind, name = ("built", "name") if box.is_built else ("planned", "planned-name")
    name_at, words_left, words_at = top + 23, left + WORDS_AT, top + 23
    if is_two_lines:
        name_at, words_left, words_at = top + 15, left + 10, top + 30
    yield f'<rect class="{kind}" x="{left}" y="{top}" width="{wide}" height="{ROW}" rx="5"/>'
    yield f'<text class="{name}" x="{left + 10}" y="{name_at}">{escape(box.name)}</text>'
    if box.words:
        yield f'<text class="words" x="{words_left}" y="{words_at}">{escape(box.words)}</text>'


def legend(left: int, base: int) -> Iterator[str]:
    """What the two kinds of box mean."""
    planned = "its place is settled, not built yet"
    for x, kind, said in ((left, "built", "built"), (left + 90, "planned", planned)):
        yield f'<rect class="{kind}" x="{x}" y="{base - 11}" width="18" height="14" rx="3"/>'
        yield f'<text class="words" x="{x + 25}" y="{base}">{said}</text>'


def drawn_now() -> str:
    """The picture of the contracts as they are."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    return draw([contract for contract in contracts if contract["type"] == "layers"])


def main(arguments: list[str]) -> int:
    """The exit code: with `--check`, 1 when the file is not current."""
    picture = drawn_now()
    if arguments == ["--check"]:
        current = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == picture
        print(f"{PICTURE.name} is {'current' if current else 'not current: run tools/draw_house.py'}")
        return 0 if current else 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(CHECKOUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
