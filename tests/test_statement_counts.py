"""
What the five hottest calls ask of the database, exactly: a statement more is a decision, not an accident.

Counted over HTTP as one person, whole: session, actor, walls, log, page. A change here is written down
with its reason.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation.ids import uuid7
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import make_practice, signed_in
from willowbark.record.testing import AT, daily, import_entries


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


@pytest.fixture(scope="module", params=[1, 50, 500], ids=lambda number: f"{number} visits")
def patient(request, practice):
    """A patient with so many visits, results and notes."""
    patient = make_patient(practice, identifiers=(Identification("urn:mrn", str(uuid7()), "MR"),)).pk
    put_into_care(practice, patient, practice.practitioner)
    for kind in ("encounter", "observation", "note", "condition", "medication", "allergy"):
        number = request.param if kind in {"encounter", "observation"} else min(request.param, 5)
        import_entries(practice, patient, kind, daily(number))
    return patient


def asked(call) -> dict[str, int]:
    """How many statements of each kind a call makes, BEGIN and COMMIT apart."""
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code in (200, 201), answer.content.decode()[:500]
    kinds = Counter(query["sql"].split()[0].upper() for query in captured)
    ends = {name: kinds.pop(name, 0) for name in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")}
    return {
        "statements": sum(kinds.values()),
        "commits": ends["COMMIT"],
        "savepoints": ends["SAVEPOINT"],
        "rollbacks": ends["ROLLBACK"],
    }


def exactly(statements: int, *, commits: int = 1, savepoints: int = 0) -> dict[str, int]:
    return {"statements": statements, "commits": commits, "savepoints": savepoints, "rollbacks": 0}


@pytest.fixture(scope="module")
def browser(practice):
    client = signed_in(practice.practitioner)
    client.get("/")  # what is asked once for a process is asked now
    return client


def test_the_page_of_a_chart(browser, patient):
    """Of these the panels (open tasks, the protocol, what was handed out) ask 2 each: reach and rows."""
    assert asked(lambda: browser.get(reverse("record:chart", args=[patient]))) == exactly(22)


def test_the_tab_of_labs(browser, patient):
    assert asked(lambda: browser.get(reverse("record:labs", args=[patient]))) == exactly(13)


def test_the_list_of_patients(browser, patient):
    assert asked(lambda: browser.get(reverse("patients:list"), {"q": "test"})) == exactly(9)


def test_a_patient_over_the_api(browser, patient):
    assert asked(lambda: browser.get(f"/api/patients/{patient}")) == exactly(6)


def test_a_result_over_the_api(browser, patient):
    body: dict[str, Any] = {
        "code": "2345-7",
        "text": "Glucose",
        "effective_at": AT.isoformat(),
        "value": 95,
        "request_key": str(uuid7()),
    }

    def add():
        return browser.post(f"/api/patients/{patient}/observations", body, content_type="application/json")

    assert asked(add) == exactly(8, savepoints=2)
