"""The access log with the names of those it is about, and who could see a patient and who did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from willowbark.foundation import access, access_log, clock
from willowbark.foundation.access_log import READ, Entry, Wanted
from willowbark.foundation.authorisation import Actor, allows
from willowbark.patients.core.access_words import said
from willowbark.patients.core.break_glass import NEVER_OPENED
from willowbark.patients.core.reach import Because, Row, reasons
from willowbark.patients.models import Patient
from willowbark.patients.selectors import reach
from willowbark.patients.selectors.break_glass import REVIEWS, Glass, glass_of_patient
from willowbark.patients.selectors.deciding import rows_deciding
from willowbark.patients.selectors.people import persons_of
from willowbark.practice.selectors import Granted, granted, names_of_staff, names_of_users

# How reading the log is itself logged: left out where everything is listed, else each look would push away
# what one looks for.
OWN = ("audit.read", "audit.downloaded")
DID_SINCE = timedelta(days=90)
# What a role may let somebody see of a patient, in the order of its weight.
SEES = (
    ("record.read", "the chart"),
    ("record.medications", "medicines and allergies"),
    ("protocols.read", "the program"),
    ("tasks.read", "tasks"),
    ("patients.read", "who they are"),
    ("record.import", "what it takes in"),
)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """
    Which entries a person asks for; None and '' ask for no less. `with_own` shows who read the log itself,
    which is always shown of one patient or one person.
    """

    patient_id: UUID | None = None
    user_id: UUID | None = None
    day: date | None = None
    outcome: str = ""
    with_own: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """
    What somebody did on one occasion, with every patient it touched: entries of one act stand in one line.

    `by_name` is '' when nobody had signed in. `about` names a member of staff, or is a word. `entries` are
    all of them, (time, patient row or None), newest first; `patients` names each once.
    """

    at: datetime
    user_id: UUID | None
    by_name: str
    channel: str
    said: str
    action: str
    outcome: str
    about: str
    patients: tuple[tuple[UUID, str], ...]
    entries: tuple[tuple[datetime, UUID | None], ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines newest first; `before` is the place where older ones follow, None at the end."""

    lines: tuple[LogLine, ...]
    before: UUID | None


def read_log(
    actor: Actor,
    wanted: LogFilter,
    *,
    zone: tzinfo,
    before: UUID | None = None,
    limit: int = 100,
    action: str = "audit.read",
) -> LogPage:
    """
    One page of the log, at most `limit` entries, with names; the reading is logged for each patient named.

    At most seven statements, whatever there is. `zone` says when a day begins.

    Raises:
        Forbidden: the actor may not read the log everywhere.
        NotFound: no such patient within reach.
    """
    access_log.require_audit(actor)
    rows: Sequence[UUID] | None = None
    if wanted.patient_id is not None:
        reach.require_reach(actor, wanted.patient_id, READ)
        rows = reach.rows_of_person(wanted.patient_id)
    since = datetime.combine(wanted.day, time(0), zone) if wanted.day else None
    until = datetime.combine(wanted.day + timedelta(days=1), time(0), zone) if wanted.day else None
    everything = wanted.patient_id is None and wanted.user_id is None and not wanted.with_own
    found = access_log.entries(
        actor,
        Wanted(rows, wanted.user_id, since, until, wanted.outcome, OWN if everything else ()),
        before=before,
        limit=limit + 1,
    )
    shown = found[:limit]
    names = _names(actor, shown)
    access.record_list(
        actor,
        action,
        patient_ids=sorted({*(each.patient_id for each in shown if each.patient_id), *(rows or ())}),
        subject=_subject(wanted),
    )
    return LogPage(tuple(_lines(shown, names)), shown[-1].id if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class _Names:
    users: dict[UUID, str]
    staff: dict[UUID, str]
    patients: dict[UUID, str]


def _names(actor: Actor, shown: Sequence[Entry]) -> _Names:
    patients = {each.patient_id for each in shown if each.patient_id}
    persons = persons_of(actor, patients) if patients and allows(actor, "patients.read") else {}
    return _Names(
        users=names_of_users({each.actor_id for each in shown if each.actor_id}),
        staff=names_of_staff(
            {one for each in shown for word in each.subject.split() if (one := _uuid(word))}
        ),
        patients={row: person.name for row, person in persons.items()},
    )


def _lines(shown: Iterable[Entry], names: _Names) -> Iterable[LogLine]:
    acts: dict[tuple[object, ...], list[Entry]] = {}
    for each in shown:
        occasion = (each.transaction, each.request_id, each.actor_id, each.channel)
        act = (*occasion, each.action, each.subject, each.outcome)
        acts.setdefault(act, []).append(each)
    for entries in acts.values():
        first = entries[0]
        touched = dict.fromkeys(each.patient_id for each in entries if each.patient_id)
        yield LogLine(
            at=first.at,
            user_id=first.actor_id,
            by_name=names.users.get(first.actor_id, "") if first.actor_id else "",
            channel=first.channel,
            said=said(first.action),
            action=first.action,
            outcome=first.outcome,
            about=_about(first.subject, names.staff),
            patients=tuple((row, names.patients.get(row, "")) for row in touched),
            entries=tuple((each.at, each.patient_id) for each in entries),
        )


def _about(subject: str, staff: dict[UUID, str]) -> str:
    """A subject with the names of staff for their ids; ids of anything else say nothing to a reader."""
    words = (staff.get(one, "") if (one := _uuid(word)) else word for word in subject.split())
    return " ".join(filter(None, words))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _subject(wanted: LogFilter) -> str:
    asked = {
        "patient": wanted.patient_id,
        "person": wanted.user_id,
        "day": wanted.day,
        "outcome": wanted.outcome,
    }
    return " ".join(f"{name}={value}" for name, value in asked.items() if value)


@dataclass(frozen=True, slots=True)
class Reason:
    """
    Why somebody can see something: through which role, by what, since when where that is known; `until` is
    when break-glass ends.

    `through_row` is set where it opens only what came in under another name.
    """

    role_name: str
    because: Because
    site_name: str
    care_kind: str
    since: datetime | None
    until: datetime | None
    sees: tuple[str, ...]
    through_row: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who can see a patient, and every reason why."""

    staff_id: UUID
    user_id: UUID
    name: str
    title: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody who read, changed or was refused something of a patient; `name` is '' when unknown."""

    user_id: UUID | None
    name: str
    read: int
    written: int
    refused: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class WhoSees:
    """Who can see a patient, by name; who did and who broke the glass since `since`, the last first."""

    patient: Patient
    can: tuple[Viewer, ...]
    did: tuple[Doer, ...]
    broken: tuple[Glass, ...]
    since: datetime


def who_sees(actor: Actor, patient_id: UUID) -> WhoSees:
    """
    Who can see a patient and why, and who did in the last ninety days; the reading is logged.

    At most eleven statements, whatever there is.

    Raises:
        Forbidden: the actor may not read the log everywhere.
        NotFound: no such patient within reach.
    """
    access_log.require_audit(actor)
    record = reach.open_record(actor, patient_id, READ, action="audit.patient_read")
    since = clock.now() - DID_SINCE
    acts = access_log.acts_on(actor, record.patient_ids, since=since)
    names = names_of_users({each.user_id for each in acts if each.user_id})
    return WhoSees(
        patient=record.patient,
        can=tuple(_viewers(actor, record.patient, record.patient_ids)),
        did=tuple(
            Doer(
                each.user_id,
                names.get(each.user_id, "") if each.user_id else "",
                each.read,
                each.written,
                each.refused,
                each.last_at,
            )
            for each in acts
        ),
        broken=tuple(
            glass_of_patient(actor, record.patient_ids, since=since) if allows(actor, REVIEWS) else ()
        ),
        since=since,
    )


def _viewers(actor: Actor, patient: Patient, patient_ids: Sequence[UUID]) -> Iterable[Viewer]:
    asked = {*patient_ids, *([patient.linked_to] if patient.linked_to else [])}
    people = {row.pk: row for row in Patient.objects.filter(pk__in=asked)}
    rows = rows_deciding(people)
    found: dict[UUID, list[Reason]] = {}
    holders: dict[UUID, Granted] = {}
    for role in granted(actor, *(permission for permission, _ in SEES), "patients.break_glass"):
        own = _reasons(role, patient, patient_ids, people, rows)
        if own:
            holders[role.staff_id] = role
            found.setdefault(role.staff_id, []).extend(own)
    for staff_id, role in holders.items():
        yield Viewer(staff_id, role.user_id, role.name, role.title, tuple(found[staff_id]))


def _reasons(
    role: Granted,
    patient: Patient,
    patient_ids: Sequence[UUID],
    people: dict[UUID, Patient],
    rows: dict[UUID, Row],
) -> list[Reason]:
    """Why a role opens the patient; what opens only a row that was merged into theirs says which."""
    sees = tuple(words for permission, words in SEES if permission in role.permissions)
    opens = tuple(words for permission, words in SEES if permission in role.permissions - NEVER_OPENED)
    whole: list[Reason] = []
    for row_id in patient_ids:
        row = rows[row_id]
        linked_to = people[row_id].linked_to
        person = rows.get(linked_to, row) if linked_to else row
        for because in reasons(
            row,
            person,
            reach=role.reach,
            site_id=role.site_id,
            staff_id=role.staff_id,
            user_id=role.user_id,
            breaks_glass="patients.break_glass" in role.permissions,
        ):
            kind, since = row.carers.get(role.staff_id) or person.carers.get(role.staff_id) or ("", None)
            is_care, by_glass = because is Because.CARE, because is Because.BREAK_GLASS
            ends = row.let_in.get(role.staff_id) or person.let_in.get(role.staff_id)
            whole.append(
                Reason(
                    role_name=role.role_name,
                    because=because,
                    site_name=role.site_name,
                    care_kind=kind if is_care else "",
                    since=since if is_care else None,
                    until=ends if by_glass else None,
                    sees=opens if by_glass else sees,
                    through_row="" if row_id == patient.pk else str(people[row_id]),
                )
            )
        if whole:
            return whole
    return whole
