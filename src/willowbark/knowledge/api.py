"""The knowledge as JSON: the checker."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.core.checker_document import document_of
from willowbark.knowledge.selectors import browsing

router = Router(tags=["knowledge"])


class ListIn(Schema):
    """What is to be checked together, as it is written. `jurisdiction` says whose upper limits: US or EU."""

    drugs: list[str] = []
    supplements: list[str] = []
    conditions: list[str] = []
    allergies: list[str] = []
    lab_tests: list[str] = []
    age_years: int | None = None
    jurisdiction: str = "US"


class FindingOut(Schema):
    """One finding. `between` are the entries as they came; `minutes` is how far apart, for 'apart' alone."""

    kind: str
    severity: str
    between: list[str]
    text: str
    mechanism_text: str
    monitor_text: str
    minutes: int | None
    grade: str
    is_verified: bool
    fact_key: str
    reviewed_on: date
    sources: list[str]


class DrugOut(Schema):
    """A drug and what it was read as; `via` is 'code', 'name' or 'spelling'."""

    text: str
    drugs: list[str]
    classes: list[str]
    via: str
    read_as: str


class HeldOut(Schema):
    """An ingredient of a supplement; `amount_a_day` is exact, as text, null when it is not said."""

    ingredient: str
    form: str
    amount_a_day: str | None
    unit: str
    note: str


class SupplementOut(Schema):
    """A supplement and what it holds."""

    text: str
    read_as: str
    ingredients: list[HeldOut]


class KnownOut(Schema):
    """A condition, an allergy or a test and the keys it was recognised as."""

    text: str
    keys: list[str]


class RecognisedOut(Schema):
    """What every entry was read as."""

    drugs: list[DrugOut]
    supplements: list[SupplementOut]
    conditions: list[KnownOut]
    allergies: list[KnownOut]
    lab_tests: list[KnownOut]


class UncheckedOut(Schema):
    """An entry, or a part of it, that was not checked, and why."""

    kind: str
    text: str
    reason: str


class CheckedOut(Schema):
    """The findings, the worst first, what was recognised, and what was not checked."""

    release: str
    findings: list[FindingOut]
    recognised: RecognisedOut
    not_checked: list[UncheckedOut]


@router.post("/check", response={200: CheckedOut, **REFUSALS}, url_name="knowledge_check")
@operation("catalog.read")
def check(request: HttpRequest, actor: Actor, body: ListIn) -> CheckedOut:
    """Check drugs, supplements, conditions, allergies and tests against each other; nothing is kept."""
    asked = Asked(
        drugs=tuple(body.drugs),
        supplements=tuple(body.supplements),
        conditions=tuple(body.conditions),
        allergies=tuple(body.allergies),
        lab_tests=tuple(body.lab_tests),
        age_years=body.age_years,
        jurisdiction=body.jurisdiction,
    )
    return CheckedOut(**document_of(*browsing.checked(actor, asked)))
