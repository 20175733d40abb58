from __future__ import annotations

import pytest

from willowbark.foundation.web import status_of
from willowbark.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RequestKeyReused


class Sold(Conflict):
    code = "sold"


class Unreadable(Invalid):
    code = "unreadable"


class Lost(NotFound):
    code = "lost"


class Strange(DomainError):
    code = "strange"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Forbidden("no"), 404),
        (NotFound("no"), 404),
        (Invalid("no"), 422),
        (Conflict("no"), 409),
        (RequestKeyReused("no"), 409),
        (Sold("no"), 409),
        (Unreadable("no"), 422),
        (Lost("no"), 404),
        (Strange("no"), 400),
    ],
)
def test_a_failure_has_the_status_of_its_code_or_of_the_kind_that_it_is(error, status):
    assert status_of(error) == status
