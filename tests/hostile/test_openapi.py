"""
The whole OpenAPI description, tried by every role with values that nobody typed: what it says is what comes.

Schemathesis makes the calls, from one seed; `HYPOTHESIS=thorough` makes twenty times as many. Half of them
are about a patient who is there.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from django.db import connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from willowbark.config.api import api
from willowbark.config.wsgi import application
from willowbark.practice.testing import signed_in

from ..matrix.world import ROLELESS, ROLES

NOBODY = "nobody"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Every call for one role: as many as keep the whole under a minute on two quiet cores.
EXAMPLES = max(8, settings.default.max_examples // 5)
DESCRIBED = schemathesis.openapi.from_dict(api.get_openapi_schema())
DESCRIBED.app = application
OPERATIONS = {found.ok().label: found.ok() for found in DESCRIBED.get_all_operations()}
# What no answer says to anybody: how we are built, and what was sent to the database.
INNARDS = re.compile(rb"Traceback|psycopg|django\.|SELECT |patients_patient|/site-packages/")
# Ben is out of everybody's reach; the owner reads who he is, and nobody what his chart says.
FOREIGN = {"owner": rb"bensecret"}


def test_the_description_holds_every_address_of_the_api():
    # A renamed package or an empty description would make the rest of this file pass without a call.
    paths = {path for path, _ in api.get_openapi_schema()["paths"].items()}
    assert len(OPERATIONS) >= len(paths) >= 5


@pytest.fixture(scope="module")
def browsers(world) -> dict[str, dict[str, str]]:
    """The headers of each role's signed-in browser; the description asks for a cookie and a token."""
    found = {NOBODY: {}}
    for role in (*ROLES, ROLELESS):
        client = signed_in(world.actors[role])
        client.get("/")
        token = client.cookies["willowbark_csrf"].value if "willowbark_csrf" in client.cookies else ""
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        found[role] = {"Cookie": cookies, "X-CSRFToken": token}
    return found


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("role", [*ROLES, ROLELESS, NOBODY])
def test_whatever_is_sent_the_answer_is_one_that_was_described(world, browsers, role, label):
    operation = OPERATIONS[label]
    patients = st.sampled_from([str(world.ann), str(world.ben)])

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), patient=st.none() | patients)
    def answers(case: Any, patient: str | None) -> None:
        if patient and "patient_id" in (case.path_parameters or {}):
            case.path_parameters["patient_id"] = patient
        case.cookies = {}
        response = case.call(headers={**browsers[role], "Host": "localhost"})
        case.validate_response(response, checks=CHECKS)
        assert not INNARDS.search(response.content)
        assert not re.search(FOREIGN.get(role, rb"ben(?:secret|whois)"), response.content)
        if role == NOBODY:
            assert response.status_code >= 400

    try:
        answers()
    finally:
        connections.close_all()
