"""Look whether a built demo is what its script says, and whether people can work with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.test import Client
from django.urls import reverse
from psycopg import sql

from willowbark.demo.script import PatientHistory, Script
from willowbark.demo.script.practice import BY_KEY, SENIOR, STAFF
from willowbark.foundation.acting import acting_as
from willowbark.foundation.placement import check_placement
from willowbark.foundation.schema_check import differences
from willowbark.kernel.errors import DomainError
from willowbark.patients.selectors import reachable
from willowbark.practice.selectors import actor_for, demo_people, user_id_of
from willowbark.record.core.entries import ENTRY_KINDS
from willowbark.record.selectors.chart import open_chart

Connection = psycopg.Connection[tuple[Any, ...]]

# Who cares for whom: users, and the ids of their patients.
Panels = Mapping[UUID, Sequence[UUID]]

CHECKING = "check"
# How many charts of each practitioner's patients are opened at most.
CHARTS_OF_EACH = 25
_PRIMARY = """
SELECT s.user_id, c.patient_id FROM patients_carerelationship c JOIN practice_staff s ON s.id = c.staff_id
WHERE c.kind = 'primary' AND c.ended_at IS NULL ORDER BY s.user_id, c.patient_id
"""
_TABLE_OF = {"patient": "patients_patient"}


def counts_in(owner: Connection) -> dict[str, int]:
    """How many rows of each kind that a script makes the database holds, as the tables' owner."""
    found = {}
    for kind in ("patient", *ENTRY_KINDS):
        table = sql.Identifier(_TABLE_OF.get(kind, f"record_{kind}"))
        row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
        found[kind] = int(row[0]) if row else 0
    return dict(sorted(found.items()))


def faults_of(owner: Connection, script: Script | None, *, just_built: bool) -> dict[str, list[str]]:
    """
    What is wrong, in words, by what was looked at; every list is empty when all is well.

    Right after the build the counts must be the script's; later there may be more, which visitors wrote.
    Without the script that made the demo the counts are not looked at, and who cares for whom is what the
    database says. What is opened for looking is logged, in a channel of its own.
    """
    panels = _panels_of(script) if script else _panels_in(owner)
    roles = {person.role for person in STAFF} if script else {person.role_code for person in demo_people()}
    return {
        "counts": list(_count_faults(counts_in(owner), script, just_built=just_built)) if script else [],
        "charts": list(_chart_faults(panels)),
        "walls": _wall_faults(),
        "pages": list(_page_faults(panels, roles)),
    }


def _count_faults(found: dict[str, int], script: Script, *, just_built: bool) -> Iterator[str]:
    for kind, wanted in script.counts().items():
        there = found.get(kind, 0)
        if there < wanted or (just_built and there != wanted):
            yield f"{kind}: {there} instead of {wanted}"


def _opener(history: PatientHistory) -> str:
    """Who must be able to open a patient: their practitioner, or for a second row of somebody the senior."""
    return SENIOR if history.again_of else history.practitioner


def _panels_of(script: Script) -> Panels:
    """Whom each practitioner of the script must be able to open."""
    by_opener: defaultdict[str, list[UUID]] = defaultdict(list)
    for history in script.histories:
        by_opener[_opener(history)].append(history.patient_id)
    return {user_id_of(BY_KEY[key].email): patient_ids for key, patient_ids in by_opener.items()}


def _panels_in(owner: Connection) -> Panels:
    """Whom each practitioner must be able to open, as the database has it."""
    by_opener: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for user_id, patient_id in owner.execute(_PRIMARY).fetchall():
        by_opener[user_id].append(patient_id)
    return by_opener


def _chart_faults(panels: Panels) -> Iterator[str]:
    """Every practitioner reaches every patient of theirs, and opens the charts of some from all over."""
    for user_id, patient_ids in panels.items():
        actor = actor_for(user_id, channel=CHECKING)
        with acting_as(actor):
            reached = set(
                reachable(actor, "record.read").filter(pk__in=patient_ids).values_list("pk", flat=True)
            )
            for patient_id in patient_ids:
                if patient_id not in reached:
                    yield f"{actor.name} does not reach {patient_id}"
            within = [patient_id for patient_id in patient_ids if patient_id in reached]
            for patient_id in within[:: len(within) // CHARTS_OF_EACH + 1]:
                try:
                    open_chart(actor, patient_id)
                except DomainError as error:
                    yield f"{actor.name} cannot open {patient_id}: {error.code}"


def _wall_faults() -> list[str]:
    """Tables, keys, policies and triggers are what the models say."""
    with connection.cursor() as cursor:
        found = differences(cursor)
    return [*found, *(str(one.msg) for one in check_placement())]


def _page_faults(panels: Panels, roles: Collection[str]) -> Iterator[str]:
    """The health pages answer, everybody signs in by the demo's door, and charts are drawn."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    for path in ("/health/alive", "/health/ready", reverse("practice:sign_in")):
        answer = client.get(path)
        if answer.status_code != HTTPStatus.OK:
            yield f"{path} answers {answer.status_code}"
    people = {person.role_code: person for person in demo_people()}
    for role in sorted(roles):
        if role not in people:
            yield f"nobody signs in as {role}"
            continue
        yield from _visit(people[role].user_id, role, panels)


def _visit(user_id: UUID, role: str, panels: Panels) -> Iterator[str]:
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    answer = client.post(reverse("practice:demo_sign_in"), {"person_id": str(user_id)})
    if answer.status_code != HTTPStatus.FOUND:
        yield f"the demo's door answers {answer.status_code} to {role}"
        return
    pages = [reverse("practice:day")]
    for patient_id in panels.get(user_id, ())[:1]:
        pages += [reverse(f"record:{tab}", args=[patient_id]) for tab in TABS]
    for page in pages:
        status = client.get(page).status_code
        if status != HTTPStatus.OK:
            yield f"{page} answers {status} to {role}"
    client.post(reverse("practice:sign_out"))


TABS = ("timeline", "problems", "medications", "labs", "notes")
