"""
Read a file of people: rows of text under a header, as registries, spreadsheets and other practices export
them.

Pure: bytes in, values out. Nothing is skipped in silence: a row that cannot be used is rejected with its line
and the reason, and a value that is left out is a warning.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from willowbark.patients.core.matching import Person

COLUMNS: dict[str, str] = {
    name: column
    for column, names in {
        "key": "rec_id id record_id recid patient_id person_id row_id key",
        "given": "given_name given first_name firstname first forename fname",
        "family": "surname family family_name last_name lastname last lname",
        "birth_date": "date_of_birth birth_date birthdate dob born birthday",
        "sex": "sex gender",
        "house_number": "street_number house_number street_no house_no",
        "line1": "address_1 address1 address_line_1 address_line1 address street street_address line_1 addr1",
        "line2": "address_2 address2 address_line_2 address_line2 line_2 addr2",
        "city": "suburb city town locality place",
        "postal_code": "postcode post_code zip zip_code zipcode postal_code",
        "state": "state province region",
        "phone": "phone phone_number telephone tel home_phone",
        "phone2": "mobile mobile_phone cell cell_phone",
        "email": "email e_mail email_address mail",
        "national": "soc_sec_id ssn social_security_number national_id national_identifier nin",
        "mrn": "mrn medical_record_number chart_number",
    }.items()
    for name in names.split()
}
_DELIMITERS = ",;\t|"
# A quoted value may hold line breaks, but one that never closes must not swallow the rest of the file.
_LONGEST_ROW_LINES = 10
_DAY_LAST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\Z", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})(?:[/.\- ]?(\d{2})(?:[/.\- ]?(\d{2}))?)?(?:[T ].*)?\Z", re.ASCII)


class UnreadableFile(ValueError):
    """The file as a whole cannot be read as rows of people; the message says why."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one line of the file, counted from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class PersonFile:
    """
    The people of a file.

    `lines` maps a person's key to the line it came from, `columns` maps the header's names to what they were
    taken for, `unused` are columns that were not understood. `rejected` rows are not among `persons`;
    `warnings` are about values left out. `notes` are about the file as a whole.
    """

    persons: tuple[Person, ...]
    lines: Mapping[str, int]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    rejected: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    notes: tuple[str, ...]


@dataclass
class _Reading:
    """What has been found out so far."""

    persons: list[Person] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_person_file(data: bytes) -> PersonFile:
    """
    Read delimited text (comma, semicolon, tab or bar) whose first row names the columns.

    UTF-8 with or without a byte order mark, UTF-16 with one, or Latin-1 when nothing in the file is UTF-8
    beyond ASCII. Blanks around values are dropped. Rows without an id are called by their line.

    Raises:
        UnreadableFile: empty, no header that names a given or a family name, or not text.
    """
    reading = _Reading()
    lines = _decoded(data, reading)
    header_line, header = next(((number, line) for number, line in lines if line.strip()), (0, ""))
    if not header:
        raise UnreadableFile("the file is empty")
    delimiter = max(
        _DELIMITERS, key=lambda each: (len(_recognised(_cells(header, each))), header.count(each))
    )
    names = _cells(header, delimiter)
    columns = _recognised(names)
    if not {"given", "family"} & set(columns.values()):
        raise UnreadableFile(
            f"the first row names no column for a given or family name: {', '.join(names)[:200] or 'nothing'}"
        )
    repeated = [column for column, count in Counter(columns.values()).items() if count > 1]
    if repeated:
        raise UnreadableFile(f"two columns mean the same: {', '.join(sorted(repeated))}")
    body = [(number, line) for number, line in lines if number > header_line]
    for number, cells in _rows(body, delimiter, len(names), reading):
        _take(number, dict(zip(names, cells, strict=True)), columns, reading)
    return PersonFile(
        persons=_with_dates(reading),
        lines=reading.lines,
        columns=columns,
        unused=tuple(name for name in names if name and name not in columns),
        rejected=tuple(sorted(reading.rejected, key=lambda remark: remark.line)),
        warnings=tuple(sorted(reading.warnings, key=lambda remark: remark.line)),
        notes=tuple(reading.notes),
    )


def _decoded(data: bytes, reading: _Reading) -> list[tuple[int, str]]:
    """Return the numbered lines that can be decoded; the others are rejected."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return list(enumerate(data.decode("utf-16").splitlines(), 1))
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"it begins like UTF-16 but is not: {error}") from error
    raw = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    decoded: list[tuple[int, str]] = []
    broken: list[tuple[int, bytes, UnicodeDecodeError]] = []
    beyond_ascii = 0
    for number, line in enumerate(raw, 1):
        try:
            decoded.append((number, line.decode("utf-8")))
            beyond_ascii += not line.isascii()
        except UnicodeDecodeError as error:
            broken.append((number, line, error))
    if broken and not beyond_ascii:
        reading.notes.append("read as Latin-1: its letters beyond ASCII are not UTF-8")
        return [(number, line.decode("latin-1")) for number, line in enumerate(raw, 1)]
    reading.rejected += [
        Remark(number, f"not UTF-8 at byte {error.start + 1} of the line") for number, _, error in broken
    ]
    return decoded


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the trimmed values of one row."""
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, skipinitialspace=True) if line else ([],)
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _recognised(names: Sequence[str]) -> dict[str, str]:
    """Return which header names are understood, and as what."""
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") for name in names}
    return {name: COLUMNS[key] for name, key in plain.items() if key in COLUMNS}


def _rows(
    lines: Sequence[tuple[int, str]], delimiter: str, width: int, reading: _Reading
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, values) of every usable row; reject the others."""
    position = 0
    while position < len(lines):
        number, line = lines[position]
        taken = 1
        if line.count('"') % 2:
            taken = _lines_of_row(lines, position)
            line = "\n".join(text for _, text in lines[position : position + taken])
        position += taken
        if not line.strip():
            continue
        if "\0" in line:
            reading.rejected.append(Remark(number, "holds a NUL character"))
        elif line.count('"') % 2:
            reading.rejected.append(Remark(number, "a quotation mark is not closed"))
        elif len(cells := _cells_of_row(line, delimiter)) != width:
            reading.rejected.append(Remark(number, f"has {len(cells)} values where the header names {width}"))
        else:
            yield number, cells


def _lines_of_row(lines: Sequence[tuple[int, str]], position: int) -> int:
    """
    Return how many lines the row takes whose quotation mark is open at the end of its first; 1 when it never
    closes.
    """
    quotes = 0
    for taken, (_, line) in enumerate(lines[position : position + _LONGEST_ROW_LINES], 1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return taken
    return 1


def _cells_of_row(row: str, delimiter: str) -> list[str]:
    """Return the trimmed values of a row that may hold quoted line breaks."""
    try:
        (cells,) = csv.reader(row.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
    except (csv.Error, ValueError):
        return []
    return [cell.strip() for cell in cells]


def _take(number: int, values: Mapping[str, str], columns: Mapping[str, str], reading: _Reading) -> None:
    """Add a row's person, or reject the row."""
    known = {column: values[name] for name, column in columns.items()}
    key = known.get("key", "") or f"line {number}"
    if key in reading.lines:
        reading.rejected.append(Remark(number, f"the id {key!r} came before, on line {reading.lines[key]}"))
        return
    if not any(value for column, value in known.items() if column != "key"):
        reading.warnings.append(Remark(number, "says nothing about anybody"))
    reading.lines[key] = number
    reading.persons.append(
        Person(
            key=key,
            given=known.get("given", ""),
            family=known.get("family", ""),
            birth_date=known.get("birth_date", ""),
            sex=known.get("sex", ""),
            house_number=known.get("house_number", ""),
            lines=(known.get("line1", ""), known.get("line2", "")),
            city=known.get("city", ""),
            postal_code=known.get("postal_code", ""),
            state=known.get("state", ""),
            phones=tuple(filter(None, (known.get("phone"), known.get("phone2")))),
            emails=tuple(filter(None, (known.get("email"),))),
            identifiers={system: (known[system],) for system in ("national", "mrn") if known.get(system)},
        )
    )


def _with_dates(reading: _Reading) -> tuple[Person, ...]:
    """
    Return the persons with birth dates written year first; which comes first otherwise, the whole file tells.
    """
    shapes = [shape for person in reading.persons if (shape := _DAY_LAST.match(person.birth_date))]
    day_first = any(int(shape[1]) > 12 for shape in shapes)
    month_first = any(int(shape[2]) > 12 for shape in shapes)
    if day_first and month_first:
        reading.notes.append(
            "some birth dates name the day first and some the month; read as day first where both fit"
        )
    elif shapes and not day_first and not month_first:
        reading.notes.append("no birth date tells whether day or month comes first; read as day first")
    return tuple(
        replace(person, birth_date=_year_first(person, month_first and not day_first, reading))
        for person in reading.persons
    )


def _year_first(person: Person, month_first: bool, reading: _Reading) -> str:
    text = person.birth_date
    if not text:
        return ""
    if shape := _DAY_LAST.match(text):
        one, two = int(shape[1]), int(shape[2])
        month, day = (one, two) if (month_first and one <= 12) or two > 12 else (two, one)
        return f"{shape[3]}-{month:02}-{day:02}"
    if shape := _YEAR_FIRST.match(text):
        return "-".join(filter(None, shape.groups()))
    reading.warnings.append(
        Remark(reading.lines[person.key], f"the birth date {text[:40]!r} is not understood and was left out")
    )
    return ""
