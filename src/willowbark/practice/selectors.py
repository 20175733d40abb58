"""Read the practice, and find out who somebody is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import Organisation, RoleAssignment, Site, Staff, WorkingHours
from willowbark.practice.roles import SYSTEM_USER_ID

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
    found = (
        Staff.objects.filter(user__email__iexact=email, is_active=True)
        .values_list("user_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound(f"nobody who works here has the address {email}")
    return found


def organisation() -> Organisation | None:
    """The practice; None before it is opened. Its name stands on the sign-in page, so nobody need act."""
    return Organisation.objects.first()


def sites(actor: Actor) -> Sequence[Site]:
    """Every site, by name."""
    require(actor, "practice.read")
    return list(Site.objects.order_by("name"))


def get_site(actor: Actor, site_id: UUID) -> Site:
    """
    One site.

    Raises:
        NotFound: no such site.
    """
    require(actor, "practice.read")
    try:
        return Site.objects.get(pk=site_id)
    except Site.DoesNotExist as error:
        raise NotFound("site") from error


def staff(actor: Actor) -> Sequence[Staff]:
    """Everyone active who works here, by name."""
    require(actor, "practice.read")
    return list(Staff.objects.filter(is_active=True, user__kind=ActorKind.PERSON).order_by("name", "id"))


# Who sees most of the record first.
DEMO_ORDER = ("practitioner", "senior_practitioner", "health_coach", "front_desk", "dispensary", "owner")


def require_staff(staff_id: UUID) -> None:
    """
    See that somebody active works here under this id, for what keeps the id.

    Raises:
        NotFound: nobody does.
    """
    if not Staff.objects.filter(pk=staff_id, is_active=True).exists():
        raise NotFound("staff")


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


def names_of_users(user_ids: set[UUID]) -> dict[UUID, str]:
    """User id -> the person's name, for showing who wrote what. One statement, whatever their number."""
    if not user_ids:
        return {}
    return dict(Staff.objects.filter(user_id__in=user_ids).values_list("user_id", "name"))


@dataclass(frozen=True, slots=True)
class Shift:
    """Someone's working time at a site on one weekday."""

    name: str
    title: str
    site_name: str
    starts: time
    ends: time


def shifts_on(actor: Actor, day: date) -> list[Shift]:
    """Who works on this day of an ordinary week, in the order of starting."""
    require(actor, "practice.read")
    rows = (
        WorkingHours.objects.filter(weekday=day.weekday(), staff__is_active=True)
        .order_by("starts", "staff__name", "id")
        .values_list("staff__name", "staff__title", "site__name", "starts", "ends")
    )
    return [Shift(*row) for row in rows]
