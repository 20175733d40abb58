"""The timeline of a chart: a page of it costs the same whether the chart is short or long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from willowbark.practice.selectors import names_of_users
from willowbark.record.core.flags import flag_of
from willowbark.record.selectors.shown import SYSTEM_LABELS, Shown, Source, Void

PAGE = 50
COUNT_CAP = 1000
RESULTS_A_PAGE = 600

Cursor = tuple[datetime, UUID]

# Statements are put together from the constants of this file; every value is bound.
# ruff: noqa: S608
_COMMON = (
    "id, patient_id, effective_at, effective_precision, code_system, code, text, source_kind, source_file,"
    " author_name, recorded_by_id, recorded_at, voided_at, voided_by_id, void_reason"
)
_NO_VALUE = "NULL::numeric, '', '', '', NULL::numeric, NULL::numeric, ''"

# kind -> (status, detail in words, end, value columns)
_PARTS: dict[str, tuple[str, str, str, str]] = {
    "encounter": (
        "status",
        "concat_ws(' - ', nullif(reason_text, ''), nullif(practitioner_name, ''), nullif(place_name, ''))",
        "ends_at",
        _NO_VALUE,
    ),
    "condition": ("clinical_status", "nullif(verification_status, 'confirmed')", "abated_at", _NO_VALUE),
    "medication": (
        "status",
        "concat_ws(' - ', nullif(dosage_text, ''), nullif(reason_text, ''))",
        "ends_at",
        _NO_VALUE,
    ),
    "allergy": (
        "clinical_status",
        "concat_ws(' - ', nullif(reaction_text, ''), nullif(criticality, ''))",
        "NULL::timestamptz",
        _NO_VALUE,
    ),
    "procedure": ("status", "reason_text", "ends_at", _NO_VALUE),
    "immunization": ("status", "nullif('lot ' || lot_number, 'lot ')", "NULL::timestamptz", _NO_VALUE),
    "document": ("status", "left(conclusion, 200)", "NULL::timestamptz", _NO_VALUE),
    "note": ("''", "left(body, 200)", "NULL::timestamptz", _NO_VALUE),
    "observation": (
        "status",
        "''",
        "NULL::timestamptz",
        "value, value_comparator, value_text, coalesce(nullif(unit_text, ''), unit),"
        " reference_low, reference_high, interpretation",
    ),
}
KINDS = tuple(_PARTS)
_EVENTS = tuple(kind for kind in KINDS if kind != "observation")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry(Shown):
    """One line of the timeline."""

    detail: str
    status: str
    ends_at: datetime | None
    value: Decimal | None
    value_comparator: str
    value_text: str
    unit_text: str
    flag: str
    lab_trend_url: str = ""


@dataclass(frozen=True, slots=True)
class DayGroup:
    """What happened on one day; its results are folded under one line. `at` is None for what is undated."""

    at: datetime | None
    precision: str
    entries: Sequence[TimelineEntry]
    results: Sequence[TimelineEntry]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of the timeline, newest first. Cursors are None at the ends."""

    groups: Sequence[DayGroup]
    older: Cursor | None
    newer: Cursor | None


def timeline(
    patient_ids: tuple[UUID, ...],
    *,
    kind: str = "",
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> TimelinePage:
    """
    About fifty entries of an open chart: older than `before`, newer than `after`, or the newest.

    `kind` '' is everything, with each day's results folded. Three statements, however long the chart.
    """
    kinds = _EVENTS if kind == "" else (kind,)
    entries, more = _page(patient_ids, kinds, before, after)
    results: list[Any] = []
    if kind == "" and entries:
        results = _results_between(patient_ids, entries[-1]["effective_at"], entries[0]["effective_at"])
    elif kind == "" and before is None and after is None:
        # Nothing but results, so far: they are the chart.
        results, more = _page(patient_ids, ("observation",), None, None)
    undated = [] if (more and after is None) or after else _undated(patient_ids, kinds)
    names = names_of_users({row["recorded_by_id"] for row in (*entries, *results, *undated)})
    groups = list(_groups(entries, results, names))
    if undated:
        groups.append(DayGroup(None, "", [_entry(row, names) for row in undated], []))
    last = (entries or results)[-1] if (entries or results) else None
    first = entries[0] if entries else None
    has_older = more if after is None else True
    has_newer = (before is not None) if after is None else more
    return TimelinePage(
        groups,
        older=(last["effective_at"], last["id"]) if last and has_older else None,
        newer=(first["effective_at"], first["id"]) if first and has_newer else None,
    )


def years(patient_ids: tuple[UUID, ...]) -> list[tuple[int, int]]:
    """(year, visits in it), for the strip above the timeline; read off one index."""
    with connection.cursor() as cursor:
        where, values = _whose(patient_ids)
        cursor.execute(
            "SELECT extract(year FROM effective_at AT TIME ZONE 'UTC')::int, count(*) FROM record_encounter"
            f" WHERE {where} AND effective_at IS NOT NULL GROUP BY 1 ORDER BY 1",
            values,
        )
        return [(year, count) for year, count in cursor.fetchall()]


def counts(patient_ids: tuple[UUID, ...]) -> dict[str, int]:
    """How many entries of each kind, counted to a thousand: enough to say `1000+`, at constant cost."""
    where, values = _whose(patient_ids)
    parts = [
        f"SELECT '{kind}', count(*) FROM (SELECT FROM record_{kind} WHERE {where} LIMIT {COUNT_CAP}) n"
        for kind in KINDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values * len(parts))
        return dict(cursor.fetchall())


def _whose(patient_ids: tuple[UUID, ...]) -> tuple[str, list[Any]]:
    # One patient is the rule, and lets the index give the order.
    if len(patient_ids) == 1:
        return "patient_id = %s", [patient_ids[0]]
    return "patient_id = ANY (%s)", [list(patient_ids)]


def _select(kind: str, condition: str, order: str, limit: int) -> str:
    status, detail, ends, value = _PARTS[kind]
    return (
        f"(SELECT '{kind}' AS kind, {_COMMON}, {status} AS status, coalesce({detail}, '') AS detail,"
        f" {ends} AS ends_at, {value} FROM record_{kind} WHERE {condition} {order} LIMIT {limit})"
    )


_NAMES = (
    "kind", "id", "patient_id", "effective_at", "effective_precision", "code_system", "code", "text",
    "source_kind", "source_file", "author_name", "recorded_by_id", "recorded_at", "voided_at", "voided_by_id",
    "void_reason", "status", "detail", "ends_at", "value", "value_comparator", "value_text", "unit_text",
    "reference_low", "reference_high", "interpretation",
)  # fmt: skip


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [dict(zip(_NAMES, row, strict=True)) for row in cursor.fetchall()]


def _page(
    patient_ids: tuple[UUID, ...], kinds: Iterable[str], before: Cursor | None, after: Cursor | None
) -> tuple[list[dict[str, Any]], bool]:
    where, values = _whose(patient_ids)
    condition, direction = f"{where} AND effective_at IS NOT NULL", "DESC"
    if after:
        condition, direction = f"{where} AND (effective_at, id) > (%s, %s)", "ASC"
        values = [*values, *after]
    elif before:
        condition = f"{where} AND (effective_at, id) < (%s, %s)"
        values = [*values, *before]
    order = f"ORDER BY effective_at {direction}, id {direction}"
    parts = [_select(kind, condition, order, PAGE + 1) for kind in kinds]
    found = _rows(f"{' UNION ALL '.join(parts)} {order} LIMIT {PAGE + 1}", values * len(parts))
    page = found[:PAGE]
    return (page[::-1] if after else page), len(found) > PAGE


def _undated(patient_ids: tuple[UUID, ...], kinds: Iterable[str]) -> list[dict[str, Any]]:
    where, values = _whose(patient_ids)
    parts = [_select(kind, f"{where} AND effective_at IS NULL", "ORDER BY id DESC", PAGE) for kind in kinds]
    return _rows(" UNION ALL ".join(parts), values * len(parts))


def _results_between(
    patient_ids: tuple[UUID, ...], oldest: datetime, newest: datetime
) -> list[dict[str, Any]]:
    """The results of the days from the oldest entry's to the newest's."""
    where, values = _whose(patient_ids)
    condition = (
        f"{where} AND effective_at >= date_trunc('day', %s, 'UTC')"
        " AND effective_at < date_trunc('day', %s, 'UTC') + interval '1 day'"
    )
    order = "ORDER BY effective_at DESC, id DESC"
    return _rows(_select("observation", condition, order, RESULTS_A_PAGE), [*values, oldest, newest])


def _day(row: dict[str, Any]) -> datetime:
    at: datetime = row["effective_at"]
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _groups(
    entries: list[dict[str, Any]], results: list[dict[str, Any]], names: dict[UUID, str]
) -> Iterator[DayGroup]:
    entries_of = {day: list(rows) for day, rows in groupby(entries, _day)}
    results_of = {day: list(rows) for day, rows in groupby(results, _day)}
    for day in sorted({*entries_of, *results_of}, reverse=True):
        rows = entries_of.get(day, [])
        sharpest = max((row["effective_precision"] for row in rows), key=_sharpness, default="day")
        yield DayGroup(
            day,
            "day" if sharpest == "instant" else sharpest,
            [_entry(row, names) for row in rows],
            [_entry(row, names) for row in results_of.get(day, []) if _says_something(row)],
        )


def _sharpness(precision: str) -> int:
    return ("", "year", "month", "day", "instant").index(precision)


def _says_something(row: dict[str, Any]) -> bool:
    return row["value"] is not None or bool(row["value_text"])


def _entry(row: dict[str, Any], names: dict[UUID, str]) -> TimelineEntry:
    return TimelineEntry(
        id=row["id"],
        patient_id=row["patient_id"],
        kind=row["kind"],
        text=row["text"] or row["code"] or row["kind"],
        effective_at=row["effective_at"],
        effective_precision=row["effective_precision"],
        source=Source(
            kind=row["source_kind"],
            author_name=row["author_name"],
            recorded_by_name=names.get(row["recorded_by_id"], ""),
            recorded_at=row["recorded_at"],
            system_label=SYSTEM_LABELS[row["source_kind"]],
            code_system=row["code_system"],
            code=row["code"],
            file_id=row["source_file"],
        ),
        void=Void(row["voided_at"], names.get(row["voided_by_id"], ""), row["void_reason"])
        if row["voided_at"]
        else None,
        detail=row["detail"],
        status=row["status"],
        ends_at=row["ends_at"],
        value=row["value"],
        value_comparator=row["value_comparator"],
        value_text=row["value_text"],
        unit_text=row["unit_text"],
        flag=flag_of(
            value=row["value"],
            comparator=row["value_comparator"],
            low=row["reference_low"],
            high=row["reference_high"],
            interpretation=row["interpretation"],
        ),
    )
