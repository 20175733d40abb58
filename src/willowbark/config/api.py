"""The JSON API: one object, every business's router, and the one place where errors become statuses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from willowbark import __version__
from willowbark.foundation.api import ExactParser, SignedIn
from willowbark.foundation.web import STATUS, answer
from willowbark.kernel.errors import DomainError
from willowbark.patients.api import router as patients
from willowbark.record.api import router as record

api = NinjaAPI(title="Willowbark", version=__version__, auth=SignedIn(), parser=ExactParser(), docs_url=None)
api.add_router("/patients", patients)
api.add_router("/patients", record)


@api.exception_handler(DomainError)
def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Anticipated failures become statuses with a stable code; forbidden reads as absent."""
    return answer(request, error, STATUS.get(error.code, 400))
