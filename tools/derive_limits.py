"""
Derive the upper limits of the United States that are shipped.

    python tools/derive_limits.py FILE

FILE is a table of the tolerable upper intake levels of the National Academies by life stage
(`ulMicro.csv`). Writes `src/willowbark/knowledge/data/limits_us.json`. What the table cannot say is said
here: which limits count supplements alone, which forms they are of, and in which volume each is written.
Sodium, potassium and chloride are left out: their newer reports set no upper level of that kind.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src" / "willowbark" / "knowledge" / "data" / "limits_us.json"
REVIEWED_ON = "2026-11-22"
STAGES = {"Males": "", "Infants": "", "Children": "", "Pregnancy": "pregnancy", "Lactation": "lactation"}


@dataclass(frozen=True)
class Column:
    """A column of the table: its ingredient, the factor into the limit's unit, and what the limit counts."""

    ingredient: str
    unit: str
    source: str
    factor: Decimal = Decimal(1)
    counts: str = "everything"
    forms: tuple[str, ...] = ()
    note: str = ""


PREFORMED = ("retinyl_palmitate", "retinyl_acetate")
COLUMNS = {
    "Vitamin A (μg/d)": Column(
        "vitamin_a", "ug", "dri_2001", forms=PREFORMED, note="preformed vitamin A only"
    ),
    "Vitamin C (mg/d)": Column("vitamin_c", "mg", "dri_2000"),
    "Vitamin D (μg/d)": Column("vitamin_d", "ug", "dri_2011"),
    "Vitamin E (mg/d)": Column(
        "vitamin_e",
        "mg",
        "dri_2000",
        counts="supplements",
        note="any form of supplementary alpha-tocopherol",
    ),
    "Niacin (mg/d)": Column(
        "niacin", "mg", "dri_1998", counts="supplements", note="supplements and fortified food"
    ),
    "Vitamin B6 (mg/d)": Column("vitamin_b6", "mg", "dri_1998"),
    "Folate (μg/d)": Column(
        "folate",
        "ug",
        "dri_1998",
        factor=Decimal("1.7"),
        counts="supplements",
        note="of synthetic forms; written here as dietary folate equivalents, 1.7 for each ug of folic acid",
    ),
    "Choline (g/d)": Column("choline", "mg", "dri_1998", factor=Decimal(1000)),
    "Boron (mg/d)": Column("boron", "mg", "dri_2001"),
    "Calcium (mg/d)": Column("calcium", "mg", "dri_2011"),
    "Copper (μg/d)": Column("copper", "mg", "dri_2001", factor=Decimal("0.001")),
    "Iodine (μg/d)": Column("iodine", "ug", "dri_2001"),
    "Iron (mg/d)": Column("iron", "mg", "dri_2001"),
    "Fluoride (mg/d)": Column("fluoride", "mg", "dri_1997"),
    "Magnesium (mg/d)": Column(
        "magnesium", "mg", "dri_1997", counts="supplements", note="supplements and medicines, not food"
    ),
    "Manganese (mg/d)": Column("manganese", "mg", "dri_2001"),
    "Molybdenum (μg/d)": Column("molybdenum", "ug", "dri_2001"),
    "Nickel (mg/d)": Column("nickel", "mg", "dri_2001"),
    "Phosphorus (g/d)": Column("phosphorus", "mg", "dri_1997", factor=Decimal(1000)),
    "Vanadium(mg/d)": Column("vanadium", "mg", "dri_2001"),
    "Selenium (μg/d)": Column("selenium", "ug", "dri_2000"),
    "Zinc (mg/d)": Column("zinc", "mg", "dri_2001"),
}
# All-racemic alpha-tocopherol: the limit counts all eight stereoisomers, of which half are alpha-tocopherol
# by label, so half the amount by label reaches it.
DL_ALPHA = ("vitamin_e", "dl_alpha_tocopherol", Decimal("0.5"))


@dataclass(frozen=True)
class Band:
    """A limit from an age (inclusive) to an age (exclusive; None: no end), both in years."""

    low: Decimal
    high: Decimal | None
    most: Decimal


def bands(rows: list[dict[str, str]], column: str, stage: str) -> list[Band]:
    """The limits of one column in one stage, neighbours of one value joined."""
    found: list[Band] = []
    for row in rows:
        if STAGES.get(row["Life Stage"]) != stage or row[column] == "NULL":
            continue
        low, high = ages(row["Age (y)"])
        most = Decimal(row[column]) * COLUMNS[column].factor
        if found and found[-1].most == most and found[-1].high == low:
            found[-1] = Band(found[-1].low, high, most)
        else:
            found.append(Band(low, high, most))
    if stage and found:  # pregnancy and breastfeeding have no upper age
        found[-1] = Band(found[-1].low, None, found[-1].most)
    return found


def ages(text: str) -> tuple[Decimal, Decimal | None]:
    """ "0–0.5" is (0, 0.5); "4–8" is (4, 9), since the last year counts; ">70" is (71, None)."""
    if text.startswith(">"):
        return Decimal(text[1:]) + 1, None
    low, high = text.split("–")
    fraction = "." in high or high == "1"
    return Decimal(low), Decimal(high) + (0 if fraction else 1)


def check_sexes(rows: list[dict[str, str]]) -> None:
    """Men and women have the same upper limits; if ever they had not, joining them would be wrong."""
    men = {row["Age (y)"]: row for row in rows if row["Life Stage"] == "Males"}
    for row in rows:
        if row["Life Stage"] == "Females":
            for column in COLUMNS:
                if row[column] != men[row["Age (y)"]][column]:
                    raise SystemExit(f"{column}: men and women differ at {row['Age (y)']}")


def limit(
    column: Column, stage: str, band: Band, *, forms: tuple[str, ...], share: Decimal
) -> dict[str, object]:
    """One row of the shipped file."""
    most = (band.most * share).normalize()
    parts = ["us", column.ingredient, *(["dl"] if share != 1 else []), stage, f"{band.low.normalize():f}y"]
    return {
        "key": ".".join(part for part in parts if part),
        "ingredient": column.ingredient,
        "jurisdiction": "US",
        "most": f"{most:f}",
        "unit": column.unit,
        "counts": column.counts,
        "forms": list(forms),
        "from_age_years": f"{band.low.normalize():f}",
        "to_age_years": None if band.high is None else f"{band.high.normalize():f}",
        "states": [stage] if stage else [],
        "valid_from": None,
        "valid_until": None,
        "note": column.note,
        "sources": [column.source],
        "grade": "B",
        "reviewed_on": REVIEWED_ON,
    }


def main(path: Path) -> None:
    """Derive and write."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    check_sexes(rows)
    limits = []
    for name, column in COLUMNS.items():
        for stage in ("", "pregnancy", "lactation"):
            for band in bands(rows, name, stage):
                limits.append(limit(column, stage, band, forms=column.forms, share=Decimal(1)))
                if column.ingredient == DL_ALPHA[0]:
                    limits.append(limit(column, stage, band, forms=(DL_ALPHA[1],), share=DL_ALPHA[2]))
    about = (
        "Tolerable upper intake levels of the National Academies (United States and Canada) by life stage, by"
        " tools/derive_limits.py. Ages in years, the upper one exclusive."
    )
    lines = ",\n    ".join(json.dumps(one, ensure_ascii=False) for one in limits)
    TARGET.write_text(
        f'{{\n  "about": {json.dumps(about)},\n  "limits": [\n    {lines}\n  ]\n}}\n', encoding="utf-8"
    )
    print(f"{len(limits)} limits")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
