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

from willowbark.foundation.cursors import Instant
from willowbark.practice.selectors import names_of_users
from willowbark.record.core.flags import flag_of
from willowbark.record.selectors.shown import SYSTEM_LABELS, Shown, Source, Void

PAGE = 50
COUNT_CAP = 1000
RESULTS_A_PAGE = 600

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
    "note": (
        "''",
        "left(CASE WHEN starts_with(body, text) THEN ltrim(substr(body, length(text) + 1))"
        " ELSE body END, 200)",
        "NULL::timestamptz",
        _NO_VALUE,
    ),
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
    """A page of the timeline, newest first, what has no date last. Cursors are None at the ends."""

    groups: Sequence[DayGroup]
    older: Instant | None
    newer: Instant | None


def timeline(
    patient_ids: tuple[UUID, ...],
    *,
    kind: str = "",
    before: Instant | None = None,
    after: Instant | None = None,
) -> TimelinePage:
    """
    About fifty entries of an open chart: older than `before`, newer than `after`, or the newest.

    `kind` '' is everything, with each day's results folded; pages that follow each other miss nothing
    and repeat nothing. Three statements, however long the chart.
    """
    kinds = _EVENTS if kind == "" else (kind,)
    entries, more = _page(patient_ids, kinds, before, after)
    if kind == "":
        results, full = _results_beside(patient_ids, entries, more, before, after)
        if full:
            # So many results fill the page: what lies beyond the last of them waits for the next.
            entries, more = [row for row in entries if _within(row, results, after)], True
        entries = _in_order([*entries, *results])
    people = {row[column] for row in entries for column in ("recorded_by_id", "voided_by_id")}
    names = names_of_users(people - {None})
    first, last = (_key(entries[0]), _key(entries[-1])) if entries else (None, None)
    return TimelinePage(
        list(_groups(entries, names, folded=kind == "")),
        older=last if more or after else None,
        newer=first if (more if after else before) else None,
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
    patient_ids: tuple[UUID, ...], kinds: Iterable[str], before: Instant | None, after: Instant | None
) -> tuple[list[dict[str, Any]], bool]:
    """
    The entries of a page, newest first, and whether more follow in the direction of reading.

    What has no date comes after everything that has one; so does a result without a date, though a
    dated one is found beside its day's entries.
    """
    where, values = _whose(patient_ids)
    way = "ASC" if after else "DESC"
    parts: list[str] = []
    bound: list[Any] = []
    start = after or before
    if start is None or start[0] is not None or after:
        order = f"ORDER BY effective_at {way}, id {way}"
        condition, limits = f"{where} AND effective_at IS NOT NULL", []
        if start and start[0] is not None:
            condition = f"{where} AND (effective_at, id) {'>' if after else '<'} (%s, %s)"
            limits = list(start)
        for kind in kinds:
            parts.append(_select(kind, condition, order, PAGE + 1))
            bound += [*values, *limits]
    if after is None or after[0] is None:
        condition, limits = f"{where} AND effective_at IS NULL", []
        if start and start[0] is None:
            condition += f" AND id {'>' if after else '<'} %s"
            limits = [start[1]]
        for kind in KINDS if kinds is _EVENTS else kinds:
            parts.append(_select(kind, condition, f"ORDER BY id {way}", PAGE + 1))
            bound += [*values, *limits]
    order = "effective_at NULLS FIRST, id" if after else "effective_at DESC NULLS LAST, id DESC"
    statement = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found ORDER BY {order} LIMIT {PAGE + 1}"
    found = _rows(statement, bound)
    page = found[:PAGE]
    return (page[::-1] if after else page), len(found) > PAGE


def _results_beside(
    patient_ids: tuple[UUID, ...],
    entries: list[dict[str, Any]],
    more: bool,
    before: Instant | None,
    after: Instant | None,
) -> tuple[list[dict[str, Any]], bool]:
    """
    The dated results that belong on the page of these entries, and whether they alone fill it.

    They lie between where the page begins and its last entry; without an entry to end at, they go on.
    """
    where, values = _whose(patient_ids)
    conditions = [where, "effective_at IS NOT NULL"]
    start, end = (
        (after, entries[0] if entries else None) if after else (before, entries[-1] if entries else None)
    )
    if start and start[0] is not None:
        conditions.append(f"(effective_at, id) {'>' if after else '<'} (%s, %s)")
        values = [*values, *start]
    elif start and not after:
        conditions.append("false")
    if more and end:
        if end["effective_at"] is not None:
            conditions.append(f"(effective_at, id) {'<' if after else '>'} (%s, %s)")
            values = [*values, end["effective_at"], end["id"]]
        elif after:
            conditions.append("false")
    way = "ASC" if after else "DESC"
    order = f"ORDER BY effective_at {way}, id {way}"
    found = _rows(_select("observation", " AND ".join(conditions), order, RESULTS_A_PAGE + 1), values)
    return found[:RESULTS_A_PAGE], len(found) > RESULTS_A_PAGE


def _key(row: dict[str, Any]) -> Instant:
    return row["effective_at"], row["id"]


def _place(row: dict[str, Any]) -> tuple[bool, datetime, UUID]:
    """Where a row stands, oldest first, what has no date before everything."""
    at = row["effective_at"]
    return at is not None, at or datetime.min.replace(tzinfo=UTC), row["id"]


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=_place, reverse=True)


def _within(row: dict[str, Any], results: list[dict[str, Any]], after: Instant | None) -> bool:
    return _place(row) <= _place(results[-1]) if after else _place(row) >= _place(results[-1])


def _day(row: dict[str, Any]) -> datetime | None:
    at: datetime | None = row["effective_at"]
    return at and at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _groups(rows: list[dict[str, Any]], names: dict[UUID, str], *, folded: bool) -> Iterator[DayGroup]:
    for day, of_day in groupby(rows, _day):
        group = list(of_day)
        events = [row for row in group if not (folded and row["kind"] == "observation")]
        results = [row for row in group if folded and row["kind"] == "observation" and _says_something(row)]
        sharpest = max((row["effective_precision"] for row in events), key=_sharpness, default="day")
        precision = "day" if sharpest == "instant" else sharpest
        if events or results:
            yield DayGroup(
                day,
                precision if day else "",
                [_entry(row, names) for row in events],
                [_entry(row, names) for row in results],
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
