"""Patient rows as far as they decide who reaches them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from willowbark.patients.core.reach import Row
from willowbark.patients.models import BreakGlass, CareRelationship, Patient
from willowbark.patients.selectors import reach


def rows_deciding(people: dict[UUID, Patient]) -> dict[UUID, Row]:
    """What decides who reaches these rows; two statements."""
    carers: dict[UUID, dict[UUID, tuple[str, datetime]]] = {row: {} for row in people}
    cared_for = set()
    care = CareRelationship.objects.filter(patient__in=people).order_by("started_at", "id")
    for row, staff_id, kind, since, ended_at in care.values_list(
        "patient_id", "staff_id", "kind", "started_at", "ended_at"
    ):
        cared_for.add(row)
        if ended_at is None:
            carers[row][staff_id] = (kind, since)
    let_in: dict[UUID, dict[UUID, datetime]] = {row: {} for row in people}
    glass = BreakGlass.objects.filter(reach.OPEN_GLASS, patient__in=people)
    for row, staff_id, until in glass.values_list("patient_id", "staff_id", "expires_at"):
        let_in[row][staff_id] = until
    return {
        row: Row(
            id=row,
            site_id=person.home_site_id,
            carers=carers[row],
            was_cared_for=row in cared_for,
            registered_by=person.recorded_by_id if person.source_kind == "staff" else None,
            let_in=let_in[row],
        )
        for row, person in people.items()
    }
