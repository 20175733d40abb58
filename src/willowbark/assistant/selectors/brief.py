"""The brief of one patient, read as the actor who is about to see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from uuid import UUID

from willowbark.assistant.core.brief import brief_of
from willowbark.assistant.core.fitting import Brief
from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import Carer, Situation
from willowbark.assistant.selectors import of_knowledge, of_protocols, of_record, of_tasks
from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, allows
from willowbark.patients.selectors import OpenRecord, care_of, open_record
from willowbark.record.core.allergies import states_none_known
from willowbark.record.selectors import lists
from willowbark.record.selectors.chart import standing_allergies
from willowbark.record.selectors.visits import VisitRow, visits_around


@dataclass(frozen=True, slots=True)
class BriefOf:
    """
    The brief with what stands above it: whose it is, the visit that it prepares, the one it goes back to.

    `patient_ids` are the rows that together are this person, the primary one first; `merged_into` is the
    primary row when this is not it. `deceased_at` is None while the patient lives, or when nobody knows.
    """

    patient_id: UUID
    patient_ids: tuple[UUID, ...]
    name: str
    birth_date: date | None
    birth_date_precision: str
    sex: str
    is_deceased: bool
    deceased_at: datetime | None
    merged_into: UUID | None
    coming: VisitRow | None
    last: VisitRow | None
    brief: Brief


def brief_for(actor: Actor, patient_id: UUID, zone: tzinfo) -> BriefOf:
    """
    What the actor should know before seeing the patient; `zone` is the practice's.

    The last visit is the actor's own if they have seen the patient, else the last one here, else the last
    one on record. One entry in the access log, however much is read; so many statements for a long record
    as for a short one.

    Raises:
        Forbidden: the actor may read no records.
        NotFound: no such patient, or none within reach.
    """
    now = clock.now()
    today = now.astimezone(zone).date()
    record = open_record(actor, patient_id, "record.read", action="assistant.brief_read")
    around = visits_around(record.patient_ids, now=now, today=datetime.combine(today, time(0), zone))
    last = _reference(actor, around.past)
    known = _situation(actor, record, now, today, last, around.past)
    patient = record.patient
    return BriefOf(
        patient_id=patient.pk,
        patient_ids=record.patient_ids,
        name=f"{patient.given} {patient.family}".strip(),
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        sex=patient.sex,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        merged_into=patient.linked_to,
        coming=around.coming,
        last=last,
        brief=brief_of(known, zone),
    )


def _situation(
    actor: Actor,
    record: OpenRecord,
    now: datetime,
    today: date,
    last: VisitRow | None,
    past: Sequence[VisitRow],
) -> Situation:
    patient_ids = record.patient_ids
    allergies = standing_allergies(patient_ids)
    said_none = [each for each in allergies if states_none_known(each.source.code_system, each.source.code)]
    medications = lists.medications(patient_ids)
    treatment = of_protocols.treatment(actor, record)
    return Situation(
        chart=Source("chart", record.patient.pk),
        now=now,
        today=today,
        visit=of_record.visit(last, is_mine=_is_of(actor, last)) if last else None,
        since_then=tuple(
            of_record.visit(each, is_mine=_is_of(actor, each)) for each in past[: past.index(last)]
        )
        if last
        else (),
        courses=of_record.courses(patient_ids),
        medicines=of_record.medicines(medications),
        unrecognised=of_knowledge.unrecognised([*medications.drugs, *medications.supplements]),
        problems=of_record.problems(patient_ids),
        allergies=tuple(of_record.allergy(each) for each in allergies if each not in said_none),
        none_known=bool(said_none),
        notes=of_record.notes(patient_ids, reader=actor.name),
        done=of_record.done(patient_ids),
        protocol=treatment.protocol,
        ended=treatment.ended,
        handed=treatment.handed,
        team=_team(actor, record),
        tasks=of_tasks.tasks(actor, record),
        sees_protocols=allows(actor, "protocols.read"),
        sees_tasks=allows(actor, "tasks.read"),
    )


def _reference(actor: Actor, past: Sequence[VisitRow]) -> VisitRow | None:
    """The visit to go back to: the reader's own, else one that was held here, else any."""
    mine = (each for each in past if _is_of(actor, each))
    here = (each for each in past if each.source.kind == "staff")
    return next(mine, None) or next(here, None) or next(iter(past), None)


def _is_of(actor: Actor, visit: VisitRow) -> bool:
    """Whether the actor held the visit: named by it, or having written it where it names nobody."""
    if visit.practitioner_name:
        return visit.practitioner_name == actor.name
    return visit.source.kind == "staff" and visit.recorded_by_id == actor.user_id


def _team(actor: Actor, record: OpenRecord) -> tuple[Carer, ...]:
    """Who else treats the patient."""
    source = Source("team", record.patient.pk)
    return tuple(
        Carer(source, each.name, each.title, is_primary=each.kind == "primary")
        for each in care_of(actor, record).now
        if each.staff_id != actor.staff_id
    )
