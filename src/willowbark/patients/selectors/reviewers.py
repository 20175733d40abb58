"""Who could review that the glass was broken."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.patients.core.reach import Row, reasons
from willowbark.patients.models import Patient
from willowbark.patients.selectors.break_glass import CONCERNED, REVIEWS, Glass, glass_within_reach
from willowbark.patients.selectors.deciding import rows_deciding
from willowbark.practice.selectors import Granted, granted

_WORKS, _FIRST = "tasks.write", "audit.read"


def possible_reviewers(actor: Actor, patient_id: UUID, glass_id: UUID) -> tuple[UUID, ...]:
    """
    The users who may review this and work with tasks, those who read the access log first; never who broke
    the glass. Not logged: nothing of it is shown.

    Raises:
        Forbidden: the actor is nobody whom it could concern.
        NotFound: no such access to a patient within reach.
    """
    glass = glass_within_reach(actor, patient_id, glass_id, *CONCERNED)
    return reviewers_of(actor, [glass])[glass.id]


def reviewers_of(actor: Actor, glasses: Sequence[Glass]) -> dict[UUID, tuple[UUID, ...]]:
    """
    The same for many that are in hand; five statements, however many there are.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    if not glasses:
        return {}
    roles = granted(actor, REVIEWS, _WORKS, _FIRST)
    people = {row.pk: row for row in Patient.objects.filter(pk__in={each.patient_id for each in glasses})}
    primaries = {row.linked_to for row in people.values() if row.linked_to} - people.keys()
    people |= {row.pk: row for row in Patient.objects.filter(pk__in=primaries)}
    rows = rows_deciding(people)
    found = {}
    for glass in glasses:
        row = rows[glass.patient_id]
        linked_to = people[row.id].linked_to
        opening = [
            role for role in roles if _opens(role, row, rows.get(linked_to, row) if linked_to else row)
        ]
        may, work, first = (_holding(opening, each) for each in (REVIEWS, _WORKS, _FIRST))
        users = [user_id for user_id in may if user_id in work and user_id != glass.user_id]
        found[glass.id] = tuple(sorted(users, key=lambda user_id: user_id not in first))
    return found


def _holding(roles: Sequence[Granted], permission: str) -> dict[UUID, None]:
    """The users who hold it by one of these roles, in their order, each once."""
    return dict.fromkeys(role.user_id for role in roles if permission in role.permissions)


def _opens(role: Granted, row: Row, person: Row) -> bool:
    because = reasons(
        row,
        person,
        reach=role.reach,
        site_id=role.site_id,
        staff_id=role.staff_id,
        user_id=role.user_id,
        breaks_glass=False,
    )
    return any(because)
