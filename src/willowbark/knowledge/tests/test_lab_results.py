"""Results that count as a condition, and those of which that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from willowbark.knowledge.core.lab_results import read_results
from willowbark.knowledge.selectors import release

ON = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GFR, POTASSIUM, PREGNANCY = "33914-3", "2823-3", "2106-3"
GFR_UNIT = "mL/min/{1.73_m2}"


@dataclass(frozen=True)
class Result:
    code: str
    value: Decimal | None = None
    unit: str = ""
    value_comparator: str = ""
    value_code: str = ""
    value_text: str = ""
    interpretation: str = ""
    days_ago: int = 1
    id: UUID = field(default_factory=uuid4)

    @property
    def effective_at(self) -> datetime:
        return NOW - timedelta(days=self.days_ago)


def gfr(value, comparator="", **said):
    return Result(GFR, Decimal(value), GFR_UNIT, comparator, **said)


def read(*results):
    known, left = read_results(release(), results, ON)
    return sorted(key for each in known for key in each.keys), [each.text for each in left]


@pytest.mark.parametrize(
    ("value", "comparator", "counts_as", "is_told_in_full"),
    [
        ("60", "", [], True),
        ("59.9", "", ["ckd"], True),
        ("60", "<", ["ckd"], False),
        ("30", "", ["ckd"], True),
        ("30", "<", ["ckd", "ckd_severe"], True),
        ("29", "", ["ckd", "ckd_severe"], True),
        ("60", ">", [], True),
        ("90", ">=", [], True),
    ],
)
def test_a_bound_is_where_it_is_said_to_be(value, comparator, counts_as, is_told_in_full):
    found, left = read(gfr(value, comparator))
    assert found == counts_as
    assert not left if is_told_in_full else left


@pytest.mark.parametrize(("value", "counts_as"), [("5.49", []), ("5.5", ["hyperkalaemia"])])
def test_a_bound_from_above_holds_from_its_value_on(value, counts_as):
    assert read(Result(POTASSIUM, Decimal(value), "mmol/L")) == (counts_as, [])


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (gfr("90", "<"), "below 90 may be below 60"),
        (Result(POTASSIUM, Decimal("5.1"), "mmol/L", ">"), "above 5.1 may be above 5.5"),
        (Result(POTASSIUM, Decimal("200"), "mg/L"), "a unit that no bound is in"),
        (Result(POTASSIUM, None, "mmol/L", value_text="haemolysed"), "no number"),
        (Result(PREGNANCY, value_text="see report"), "no word that is known"),
    ],
)
def test_what_cannot_be_compared_is_said(result, why):
    counts_as, left = read(result)
    assert counts_as == [], why
    assert len(left) == 1, why


@pytest.mark.parametrize(
    ("said", "counts_as"),
    [
        ({"value_text": "POSITIVE"}, ["pregnancy"]),
        ({"value_code": "10828004"}, ["pregnancy"]),
        ({"interpretation": "POS"}, ["pregnancy"]),
        ({"value_text": "Negative"}, []),
        ({"value_code": "260385009"}, []),
    ],
)
def test_a_word_or_a_code_is_positive_or_negative(said, counts_as):
    assert read(Result(PREGNANCY, **said)) == (counts_as, [])


def test_the_newest_result_of_a_test_counts_whatever_it_was_called():
    before, after = gfr("20", days_ago=30), gfr("80", days_ago=2)
    assert read(before, after) == ([], [])
    by_another_formula = Result("98979-8", Decimal(25), GFR_UNIT, days_ago=1)
    assert read(before, after, by_another_formula)[0] == ["ckd", "ckd_severe"]


def test_an_old_result_counts_no_longer():
    days = next(each.counts_days for each in release().lab_findings if GFR in each.loinc)
    assert read(gfr("20", days_ago=days))[0] == ["ckd", "ckd_severe"]
    assert read(gfr("20", days_ago=days + 1)) == ([], [])


def test_a_result_is_named_with_its_value_and_its_day():
    known, _ = read_results(release(), [gfr("24", days_ago=2)], ON)
    assert [each.text for each in known] == ["Estimated GFR 24 mL/min/1.73 m2 on 2026-11-20"]
