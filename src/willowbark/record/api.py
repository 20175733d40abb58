"""The record as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from willowbark.foundation import cursors
from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.record.core import entries
from willowbark.record.selectors.chart import open_chart
from willowbark.record.selectors.labs import course_of
from willowbark.record.services.adding import add_entry

router = Router(tags=["record"])


class ObservationOut(Schema):
    """One result. `value` is exact, as text; `flag` is '' when nothing says whether it is in range."""

    id: UUID
    text: str
    effective_at: datetime | None
    effective_precision: str
    value: str | None
    value_comparator: str
    value_text: str
    unit: str
    flag: str
    voided: bool


class ObservationPageOut(Schema):
    """The course of one test, newest first; `next` is the cursor of the page after."""

    observations: list[ObservationOut]
    next: str


@router.get(
    "/{uuid:patient_id}/observations", response={200: ObservationPageOut, **REFUSALS}, url_name="observations"
)
@operation("record.read")
def list_observations(
    request: HttpRequest, actor: Actor, patient_id: UUID, code: str, before: str = ""
) -> ObservationPageOut:
    """The results of one test (a LOINC code, as a rule)."""
    chart = open_chart(actor, patient_id, action="record.observations_read")
    course = course_of(chart.patient_ids, code, before=cursors.read_instant(before), limit=200)
    return ObservationPageOut(
        observations=[
            ObservationOut(
                id=row.id,
                text=row.text,
                effective_at=row.effective_at,
                effective_precision=row.effective_precision,
                value=None if row.value is None else f"{row.value:f}",
                value_comparator=row.value_comparator,
                value_text=row.value_text,
                unit=row.unit_text,
                flag=row.flag,
                voided=row.void is not None,
            )
            for row in course.rows
        ],
        next=cursors.write(*course.older) if course.older else "",
    )


class ObservationIn(Schema):
    """A result to write down. `value` is exact; `unit` is a UCUM code."""

    code: str = Field(min_length=1, max_length=100)
    code_system: str = Field(default="http://loinc.org", max_length=200)
    text: str = Field(min_length=1, max_length=1000)
    effective_at: AwareDatetime
    value: Decimal | None = Field(default=None, allow_inf_nan=False, max_digits=40)
    unit: str = Field(default="", max_length=60)
    value_text: str = Field(default="", max_length=10_000)
    category: str = Field(default="", max_length=60)
    request_key: UUID


class AddedOut(Schema):
    """The entry that stands for this request now."""

    id: UUID


@router.post(
    "/{uuid:patient_id}/observations", response={201: AddedOut, **REFUSALS}, url_name="add_observation"
)
@operation("record.write")
def add_observation(
    request: HttpRequest, actor: Actor, patient_id: UUID, body: ObservationIn
) -> Status[AddedOut]:
    """Write down a result; repeating the request key adds nothing."""
    fields = body.model_dump(exclude={"request_key"})
    observation = entries.Observation(**fields, effective_precision="instant", status="final")
    made = add_entry(actor=actor, patient_id=patient_id, entry=observation, request_key=body.request_key)
    return Status(201, AddedOut(id=made))
