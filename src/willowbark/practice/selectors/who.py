"""Find out who somebody is, right now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import RoleAssignment, Staff
from willowbark.practice.roles import SYSTEM_USER_ID
from willowbark.practice.selectors.places import organisation

_GRANTS = """
SELECT s.id, s.name, u.kind, r.code, a.reach, a.site_id, array_agg(p.permission ORDER BY p.permission)
FROM practice_staff s
JOIN foundation_user u ON u.id = s.user_id
LEFT JOIN practice_roleassignment a ON a.staff_id = s.id
LEFT JOIN practice_role r ON r.id = a.role_id
LEFT JOIN practice_rolepermission p ON p.role_id = a.role_id
WHERE s.user_id = %(user)s AND s.is_active AND u.is_active
  AND (%(mark)s::text IS NULL OR left(encode(sha256(convert_to(u.password, 'UTF8')), 'hex'), 32) = %(mark)s)
GROUP BY s.id, s.name, u.kind, r.code, a.id, a.reach, a.site_id
ORDER BY r.code, a.id
"""


def mark_of(kept_password: str) -> str:
    """A digest of what is kept of a password: a session that carries it ends when the password changes."""
    return hashlib.sha256(kept_password.encode()).hexdigest()[:32]


def actor_for(
    user_id: UUID, *, channel: str, request_id: UUID | None = None, password_mark: str | None = None
) -> Actor:
    """
    The actor that a user is right now: the roles are read each time, so taking one away works at once.

    With a `password_mark` (see `mark_of`), only while the user has the password that it was made of.

    Raises:
        NotFound: no active member of staff is this user.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS, {"user": user_id, "mark": password_mark})
        rows = cursor.fetchall()
    if not rows:
        raise NotFound("no such active member of staff")
    staff_id, name, kind = rows[0][:3]
    grants = tuple(
        Grant(role, frozenset(permissions), Reach(reach), site_id)
        for _, _, _, role, reach, site_id, permissions in rows
        if role is not None
    )
    return Actor(user_id, staff_id, name, ActorKind(kind), grants, channel, request_id or uuid7())


def system_actor(channel: str) -> Actor:
    """The system itself, for the worker and for imports."""
    return actor_for(SYSTEM_USER_ID, channel=channel)


def user_id_of(email: str) -> UUID:
    """
    The user with this e-mail address who works here, for a command that names a person.

    Raises:
        NotFound: nobody active has it.
    """
    return who_works_here(email).user_id


def who_works_here(email: str) -> Staff:
    """
    The person with this e-mail address who works here, for a command that names one.

    Raises:
        NotFound: nobody active has it.
    """
    found = Staff.objects.filter(user__email__iexact=email.strip(), is_active=True).first()
    if found is None:
        raise NotFound(f"nobody who works here has the address {email}")
    return found


# Who sees most of the record first.
DEMO_ORDER = ("practitioner", "senior_practitioner", "health_coach", "front_desk", "dispensary", "owner")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Someone as whom a visitor of a demo may sign in."""

    user_id: UUID
    name: str
    title: str
    role_code: str
    role_name: str


def demo_people() -> list[DemoPerson]:
    """One person for each role, if this is a demo; nobody otherwise."""
    practice = organisation()
    if practice is None or not practice.is_demo:
        return []
    rows = (
        RoleAssignment.objects.filter(staff__is_active=True, staff__user__kind=ActorKind.PERSON)
        .order_by("role__code", "staff__name", "id")
        .distinct("role__code")
        .values_list("staff__user_id", "staff__name", "staff__title", "role__code", "role__name")
    )
    people = [DemoPerson(*row) for row in rows]
    return sorted(people, key=lambda person: DEMO_ORDER.index(person.role_code))
