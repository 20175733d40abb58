"""Who works here, as what and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from willowbark.foundation.authorisation import Actor, ActorKind, Reach, allows, require
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import RoleAssignment, RolePermission, Staff, WorkingHours

# What a role must permit for its holders to care for patients: to read at least a part of a record.
_CARING = ("record.read", "record.medications")


def staff(actor: Actor) -> Sequence[Staff]:
    """Everyone active who works here, by name."""
    require(actor, "practice.read")
    return list(Staff.objects.filter(is_active=True, user__kind=ActorKind.PERSON).order_by("name", "id"))


def require_staff(staff_id: UUID) -> None:
    """
    See that somebody active works here under this id, for what keeps the id.

    Raises:
        NotFound: nobody does.
    """
    if not Staff.objects.filter(pk=staff_id, is_active=True).exists():
        raise NotFound("staff")


def staff_id_of(actor: Actor, email: str) -> UUID:
    """
    The person with this e-mail address, active or not, for a command that names one.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: nobody has it.
    """
    require(actor, "practice.manage")
    people = Staff.objects.filter(user__email__iexact=email.strip(), user__kind=ActorKind.PERSON)
    found = people.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"nobody has the address {email}")
    return found


def writes_charts(staff_id: UUID) -> bool:
    """Whether any role of this person's lets them write charts."""
    return Staff.objects.filter(_holding("record.write"), pk=staff_id).exists()


def names_of_users(user_ids: set[UUID]) -> dict[UUID, str]:
    """User id -> the person's name, for showing who wrote what. One statement, whatever their number."""
    if not user_ids:
        return {}
    return dict(Staff.objects.filter(user_id__in=user_ids).values_list("user_id", "name"))


def names_of_staff(staff_ids: set[UUID]) -> dict[UUID, str]:
    """Staff id -> the person's name, for showing whom something was about. One statement."""
    if not staff_ids:
        return {}
    return dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "name"))


def everybody_who_acts(actor: Actor) -> list[tuple[UUID, str]]:
    """
    (user id, name) of everybody who works here or has, and of the system, by name.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    return list(Staff.objects.order_by("name", "id").values_list("user_id", "name"))


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds. The site is None, and its name '', where the role is held everywhere."""

    assignment_id: UUID
    role_code: str
    role_name: str
    reach: Reach
    site_id: UUID | None
    site_name: str


@dataclass(frozen=True, slots=True)
class WorkedSpan:
    """One piece of somebody's ordinary week, in the site's own time; weekday 0 is Monday."""

    site_id: UUID
    site_name: str
    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Colleague:
    """
    Someone who works here, or has.

    E-mail address, whether a password is set, and the last signing in are shown to whoever manages the
    practice; to others they are '', False and None.
    """

    staff_id: UUID
    user_id: UUID
    name: str
    title: str
    is_active: bool
    email: str = ""
    has_password: bool = False
    last_signed_in_at: datetime | None = None
    roles: tuple[Held, ...] = field(default_factory=tuple)
    week: tuple[WorkedSpan, ...] = field(default_factory=tuple)


def colleagues(actor: Actor) -> list[Colleague]:
    """
    Everyone who works here, by name; whoever manages the practice sees those who have left as well.

    Three statements, whatever their number.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    return _colleagues(actor, Staff.objects.all())


def colleague(actor: Actor, staff_id: UUID) -> Colleague:
    """
    One person who works here.

    Raises:
        Forbidden: the actor may not read the practice.
        NotFound: no such person, or one who has left and is not the actor's to see.
    """
    require(actor, "practice.read")
    found = _colleagues(actor, Staff.objects.filter(pk=staff_id))
    if not found:
        raise NotFound("staff")
    return found[0]


def myself(actor: Actor) -> Colleague:
    """The actor's own account: whoever is signed in may see it, whatever their roles."""
    found = _colleagues(actor, Staff.objects.filter(user=actor.user_id), own=True)
    if not found:
        raise NotFound("staff")
    return found[0]


def held_role(actor: Actor, assignment_id: UUID) -> tuple[UUID, Held]:
    """
    A role that somebody holds, and who it is.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: nobody holds it.
    """
    require(actor, "practice.manage")
    row = RoleAssignment.objects.filter(pk=assignment_id).select_related("role", "site").first()
    if row is None:
        raise NotFound("role assignment")
    return row.staff_id, _held(row)


@dataclass(frozen=True, slots=True)
class Caregiver:
    """Someone who may be in a patient's care team; whoever writes charts may be the primary practitioner."""

    staff_id: UUID
    name: str
    title: str
    may_be_primary: bool


def caregivers(actor: Actor) -> list[Caregiver]:
    """
    Those active whose role reads a record or a part of it, by name.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    rows = Staff.objects.filter(_holding(*_CARING), is_active=True, user__kind=ActorKind.PERSON)
    return [
        Caregiver(*row)
        for row in rows.annotate(writes=_holding("record.write"))
        .order_by("name", "id")
        .values_list("pk", "name", "title", "writes")
    ]


def _holding(*permissions: str) -> Exists:
    """Whether somebody holds a role with any of the permissions."""
    roles = RolePermission.objects.filter(permission__in=permissions).values("role")
    return Exists(RoleAssignment.objects.filter(staff=OuterRef("pk"), role__in=roles))


def _colleagues(actor: Actor, people: QuerySet[Staff], *, own: bool = False) -> list[Colleague]:
    sees_all = own or allows(actor, "practice.manage")
    people = people.filter(user__kind=ActorKind.PERSON).select_related("user").order_by("name", "id")
    rows = list(people if sees_all else people.filter(is_active=True))
    roles: dict[UUID, list[Held]] = {row.pk: [] for row in rows}
    week: dict[UUID, list[WorkedSpan]] = {row.pk: [] for row in rows}
    held = RoleAssignment.objects.filter(staff__in=roles).select_related("role", "site")
    for each in held.order_by("role__name", "site__name", "id"):
        roles[each.staff_id].append(_held(each))
    hours = WorkingHours.objects.filter(staff__in=week).select_related("site")
    for one in hours.order_by("site__name", "weekday", "starts"):
        span = WorkedSpan(one.site_id, one.site.name, one.weekday, one.starts, one.ends)
        week[one.staff_id].append(span)
    return [
        Colleague(
            staff_id=row.pk,
            user_id=row.user_id,
            name=row.name,
            title=row.title,
            is_active=row.is_active,
            email=row.user.email if sees_all else "",
            has_password=sees_all and row.user.has_usable_password(),
            last_signed_in_at=row.user.last_login if sees_all else None,
            roles=tuple(roles[row.pk]),
            week=tuple(week[row.pk]),
        )
        for row in rows
    ]


def _held(row: RoleAssignment) -> Held:
    return Held(
        assignment_id=row.pk,
        role_code=row.role.code,
        role_name=row.role.name,
        reach=Reach(row.reach),
        site_id=row.site_id,
        site_name=row.site.name if row.site else "",
    )
