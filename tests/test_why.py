"""Whatever is asked of whatever kind is explained or absent: never a crash, never more than one may see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from willowbark.foundation import explaining
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound
from willowbark.practice.testing import make_practice, make_staff

NASTY: Sequence[str] = (
    "",
    " ",
    "/",
    "//",
    "all",
    "a/b",
    "a/b/c/d/e",
    "%_\\%",
    "1e999",
    "0001-01-01",
    "{{ 7|add:7 }}",
    "'; DROP TABLE patients_patient; --",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "../../etc/passwd",
    "x" * 250,
    str(uuid7()),
    f"{uuid7()}/{uuid7()}",
    f"{uuid7()}/{uuid7()}/{uuid7()}",
    f"{uuid7()}/protocol_time/{uuid7()}/{uuid7()}",
    f"{uuid7()}/half",
)
# What a practice with nothing in it can explain all the same.
ALWAYS = {"cover:all"}


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


def kinds() -> list[str]:
    return [*explaining.kinds()]


@pytest.mark.parametrize("kind", [*kinds(), ""], ids=lambda kind: kind or "a key alone")
@pytest.mark.parametrize("role", ["owner", "practitioner", "system", "nobody"])
def test_what_does_not_exist_is_absent_to_everybody(practice, kind, role):
    if role == "nobody":
        actor = make_staff(practice.owner, role=None)
    else:
        actor = getattr(practice, role)
    for key in NASTY:
        asked = f"{kind}:{key}" if kind else key
        if asked in ALWAYS or asked == "all":
            continue
        with acting_as(actor), pytest.raises(NotFound):
            explaining.explain(actor, asked)
