"""Open the practice; say who works there, where, when and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, ActorKind, Reach, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice.models import Organisation, RoleAssignment, Site, Staff, WorkingHours
from willowbark.practice.roles import role_id, shipped_roles
from willowbark.practice.selectors import actor_for

# Any number that nothing else in the database locks: the ASCII codes of "open".
_OPENING = 0x6F70656E


@dataclass(frozen=True, slots=True)
class Opened:
    """A practice that has just been opened."""

    organisation_id: UUID
    site_id: UUID
    owner: Actor


def open_practice(
    *,
    name: str,
    jurisdiction: str,
    time_zone: str,
    site_name: str,
    owner_name: str,
    owner_email: str,
    owner_password: str,
    is_demo: bool = False,
) -> Opened:
    """
    Open an empty practice with its first site and its owner: the only write that nobody acts in.

    Raises:
        Conflict: the database holds a practice already.
        Invalid: a name is empty, or the e-mail address, password, time zone or jurisdiction is not good.
    """
    _check_text(name=name, site_name=site_name, owner_name=owner_name)
    _check_time_zone(time_zone)
    if jurisdiction not in {"US", "EU"}:
        raise Invalid("the jurisdiction is US or EU", field="jurisdiction")
    _check_email(owner_email)
    password = _hashed(owner_password)
    with transaction.atomic(durable=True):
        _wait_for_whoever_is_opening()
        if Organisation.objects.exists():
            raise Conflict("this database holds a practice already")
        site = Site.objects.create(name=site_name, time_zone=time_zone, opened_at=clock.now())
        user = User.objects.create(email=owner_email.strip(), password=password)
        staff = Staff.objects.create(user=user, name=owner_name, title="Owner")
        RoleAssignment.objects.create(staff=staff, role_id=role_id("owner"), reach=Reach.ORGANISATION)
        # Last: once the practice exists, the database lets only those who manage it do any of this.
        organisation = Organisation.objects.create(
            name=name, jurisdiction=jurisdiction, time_zone=time_zone, is_demo=is_demo
        )
    return Opened(organisation.pk, site.pk, actor_for(user.pk, channel="cli"))


def add_site(*, actor: Actor, name: str, time_zone: str, address: str = "") -> Site:
    """
    Open another site.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no name, or no such time zone, or an address that is too long.
        Conflict: a site has this name.
    """
    require(actor, "practice.manage")
    _check_text(name=name)
    _check_length(300, address=address)
    _check_time_zone(time_zone)
    try:
        with transaction.atomic():
            site = Site.objects.create(name=name, time_zone=time_zone, address=address, opened_at=clock.now())
    except IntegrityError as error:
        raise Conflict(f"there is a site called {name} already") from error
    access.record_change(actor, "practice.site_added", subject=str(site.pk))
    return site


def add_staff(
    *,
    actor: Actor,
    name: str,
    email: str,
    password: str | None,
    title: str = "",
    kind: ActorKind = ActorKind.PERSON,
) -> Staff:
    """
    Add someone who works here. Without a password they cannot sign in yet.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no name, or the address, the password or the title is not good.
        Conflict: someone has this address.
    """
    require(actor, "practice.manage")
    _check_text(name=name)
    _check_length(100, title=title)
    _check_email(email)
    hashed = _hashed(password) if password is not None else make_password(None)
    try:
        with transaction.atomic():
            user = User.objects.create(email=email.strip(), password=hashed, kind=kind)
    except IntegrityError as error:
        raise Conflict(f"someone has the address {email} already") from error
    staff = Staff.objects.create(user=user, name=name, title=title)
    access.record_change(actor, "practice.staff_added", subject=str(staff.pk))
    return staff


def assign_role(
    *, actor: Actor, staff_id: UUID, role: str, reach: Reach, site_id: UUID | None = None
) -> RoleAssignment:
    """
    Give someone a role, everywhere, at a site, or for the patients in their care.

    Giving it again changes nothing but the reach.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no such role, or the reach and the site do not fit.
        NotFound: no such person or site.
    """
    require(actor, "practice.manage")
    if role not in shipped_roles() or role == "system":
        raise Invalid(f"there is no role {role}", field="role")
    if (reach is Reach.ORGANISATION) != (site_id is None):
        raise Invalid("a role is held everywhere, or at one site", field="site_id")
    site = _site_of_staff(staff_id, site_id)
    made, _ = RoleAssignment.objects.update_or_create(
        staff_id=staff_id,
        role_id=role_id(role),
        site=site,
        defaults={"reach": reach},
        create_defaults={"reach": reach, "id": uuid7()},
    )
    access.record_change(actor, "practice.role_assigned", subject=f"{staff_id} {role} {reach}")
    return made


def take_role_away(*, actor: Actor, assignment_id: UUID) -> None:
    """
    Take a role away, from this instant.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: nobody holds it.
        Conflict: nobody would be left who manages the practice, and nobody could change that.
    """
    require(actor, "practice.manage")
    managing = RoleAssignment.objects.select_for_update(of=("self",)).filter(
        role__permissions__permission="practice.manage", staff__is_active=True, staff__user__is_active=True
    )
    if {each.pk for each in managing.order_by("id")} == {assignment_id}:
        raise Conflict("someone has to manage the practice: give the role to somebody else first")
    deleted, _ = RoleAssignment.objects.filter(pk=assignment_id).delete()
    if not deleted:
        raise NotFound("role assignment")
    access.record_change(actor, "practice.role_taken_away", subject=str(assignment_id))


def set_working_hours(
    *, actor: Actor, staff_id: UUID, site_id: UUID, hours: list[tuple[int, time, time]]
) -> list[WorkingHours]:
    """
    Replace someone's ordinary week at a site with (weekday from 0 = Monday, starts, ends).

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: no such person or site.
        Invalid: an end before its start, a weekday out of 0..6, or hours that overlap.
    """
    require(actor, "practice.manage")
    _site_of_staff(staff_id, site_id)
    ordered = sorted(hours)
    for weekday, starts, ends in ordered:
        if not 0 <= weekday <= 6 or ends <= starts:
            raise Invalid(f"{starts}-{ends} on weekday {weekday} is no working time", field="hours")
    for (day, _, ends), (next_day, starts, _) in pairwise(ordered):
        if day == next_day and starts < ends:
            raise Invalid(f"working hours overlap on weekday {day}", field="hours")
    WorkingHours.objects.filter(staff_id=staff_id, site_id=site_id).delete()
    rows = [
        WorkingHours(staff_id=staff_id, site_id=site_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in ordered
    ]
    access.record_change(actor, "practice.working_hours_set", subject=str(staff_id))
    return WorkingHours.objects.bulk_create(rows)


def _wait_for_whoever_is_opening() -> None:
    """One at a time: the second finds the first's practice rather than half of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENING])


def _check_email(email: str) -> None:
    _check_length(254, email=email)
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Invalid(f"{email!r} is not an e-mail address", field="email") from error


def _hashed(password: str) -> str:
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
    return make_password(password)


def _site_of_staff(staff_id: UUID, site_id: UUID | None) -> Site | None:
    """The site, None for none named, once it is sure that both are there."""
    if not Staff.objects.filter(pk=staff_id).exists():
        raise NotFound("staff")
    site = Site.objects.filter(pk=site_id).first() if site_id else None
    if site_id and site is None:
        raise NotFound("site")
    return site


def _check_text(**texts: str) -> None:
    for field, text in texts.items():
        if not text.strip():
            raise Invalid(f"{field.replace('_', ' ')} is empty", field=field)
    _check_length(100, **texts)


def _check_length(longest: int, **texts: str) -> None:
    for field, text in texts.items():
        if "\0" in text or len(text) > longest:
            raise Invalid(f"{field.replace('_', ' ')} is too long or holds a NUL", field=field)


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"{name} is not a time zone such as Europe/Vienna", field="time_zone") from error
