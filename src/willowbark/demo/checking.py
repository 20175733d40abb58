"""Look whether a built demo is what its script says, and whether people can work with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
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
from willowbark.practice.selectors import actor_for, demo_people, user_id_of
from willowbark.record.core.entries import ENTRY_KINDS
from willowbark.record.selectors.chart import open_chart

Connection = psycopg.Connection[tuple[Any, ...]]

CHECKING = "check"
_TABLE_OF = {"patient": "patients_patient"}


def counts_in(owner: Connection) -> dict[str, int]:
    """How many rows of each kind that a script makes the database holds, as the tables' owner."""
    found = {}
    for kind in ("patient", *ENTRY_KINDS):
        table = sql.Identifier(_TABLE_OF.get(kind, f"record_{kind}"))
        row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
        found[kind] = int(row[0]) if row else 0
    return dict(sorted(found.items()))


def faults_of(owner: Connection, script: Script, *, just_built: bool) -> dict[str, list[str]]:
    """
    What is wrong, in words, by what was looked at; every list is empty when all is well.

    Right after the build the counts must be the script's; later there may be more, which visitors wrote.
    What is opened for looking is logged, in a channel of its own.
    """
    return {
        "counts": list(_count_faults(counts_in(owner), script, just_built=just_built)),
        "charts": list(_chart_faults(script)),
        "walls": _wall_faults(),
        "pages": list(_page_faults(script)),
    }


def _count_faults(found: dict[str, int], script: Script, *, just_built: bool) -> Iterator[str]:
    for kind, wanted in script.counts().items():
        there = found.get(kind, 0)
        if there < wanted or (just_built and there != wanted):
            yield f"{kind}: {there} instead of {wanted}"


def _opener(history: PatientHistory) -> str:
    """Who must be able to open a patient: their practitioner, or for a second row of somebody the senior."""
    return SENIOR if history.again_of else history.practitioner


def _chart_faults(script: Script) -> Iterator[str]:
    """Every practitioner opens the chart of every patient of theirs."""
    by_opener: defaultdict[str, list[UUID]] = defaultdict(list)
    for history in script.histories:
        by_opener[_opener(history)].append(history.patient_id)
    for key, patient_ids in by_opener.items():
        actor = actor_for(user_id_of(BY_KEY[key].email), channel=CHECKING)
        with acting_as(actor):
            for patient_id in patient_ids:
                try:
                    open_chart(actor, patient_id)
                except DomainError as error:
                    yield f"{actor.name} cannot open {patient_id}: {error.code}"


def _wall_faults() -> list[str]:
    """Tables, keys, policies and triggers are what the models say."""
    with connection.cursor() as cursor:
        found = differences(cursor)
    return [*found, *(str(one.msg) for one in check_placement())]


def _page_faults(script: Script) -> Iterator[str]:
    """The health pages answer, everybody signs in by the demo's door, and charts are drawn."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    for path in ("/health/alive", "/health/ready", reverse("practice:sign_in")):
        answer = client.get(path)
        if answer.status_code != HTTPStatus.OK:
            yield f"{path} answers {answer.status_code}"
    people = {person.role_code: person for person in demo_people()}
    for role in sorted({person.role for person in STAFF}):
        if role not in people:
            yield f"nobody signs in as {role}"
            continue
        yield from _visit(people[role].user_id, role, script)


def _visit(user_id: UUID, role: str, script: Script) -> Iterator[str]:
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    answer = client.post(reverse("practice:demo_sign_in"), {"person_id": str(user_id)})
    if answer.status_code != HTTPStatus.FOUND:
        yield f"the demo's door answers {answer.status_code} to {role}"
        return
    pages = [reverse("practice:day")]
    email = next(person.email for person in STAFF if user_id_of(person.email) == user_id)
    theirs = [one for one in script.histories if BY_KEY[one.practitioner].email == email]
    if theirs:
        pages += [reverse(f"record:{tab}", args=[theirs[0].patient_id]) for tab in TABS]
    for page in pages:
        status = client.get(page).status_code
        if status != HTTPStatus.OK:
            yield f"{page} answers {status} to {role}"
    client.post(reverse("practice:sign_out"))


TABS = ("timeline", "problems", "medications", "labs", "notes")
