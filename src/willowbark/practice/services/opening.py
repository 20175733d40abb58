"""Open the practice: the only write that nobody acts in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.models import User
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.practice.models import Organisation, RoleAssignment, Site, Staff
from willowbark.practice.roles import role_id
from willowbark.practice.selectors import actor_for
from willowbark.practice.services.checks import check_email, check_text, check_time_zone
from willowbark.practice.services.passwords import hashed

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
    owner_treats_patients: bool = False,
    is_demo: bool = False,
    needs_second_factor: bool = False,
) -> Opened:
    """
    Open an empty practice with its first site and its owner: the only write that nobody acts in.

    An owner who treats patients is a senior practitioner of the first site as well: the owner's own
    role opens no charts. With `needs_second_factor` everybody, the owner first, is asked for one.

    Raises:
        Conflict: the database holds a practice already.
        Invalid: a name is empty, or the e-mail address, password, time zone or jurisdiction is not good.
    """
    check_text(name=name, site_name=site_name, owner_name=owner_name)
    check_time_zone(time_zone)
    if jurisdiction not in {"US", "EU"}:
        raise Invalid("The jurisdiction is US or EU.", field="jurisdiction")
    check_email(owner_email)
    password = hashed(owner_password)
    with transaction.atomic(durable=True):
        _wait_for_whoever_is_opening()
        if Organisation.objects.exists():
            raise Conflict("this database holds a practice already")
        site = Site.objects.create(name=site_name, time_zone=time_zone, opened_at=clock.now())
        user = User.objects.create(email=owner_email.strip(), password=password)
        staff = Staff.objects.create(user=user, name=owner_name, title="Owner")
        RoleAssignment.objects.create(staff=staff, role_id=role_id("owner"), reach=Reach.ORGANISATION)
        if owner_treats_patients:
            senior = role_id("senior_practitioner")
            RoleAssignment.objects.create(staff=staff, role_id=senior, reach=Reach.SITE, site=site)
        # Last: once the practice exists, the database lets only those who manage it do any of this.
        organisation = Organisation.objects.create(
            name=name,
            jurisdiction=jurisdiction,
            time_zone=time_zone,
            is_demo=is_demo,
            needs_second_factor=needs_second_factor,
        )
    return Opened(organisation.pk, site.pk, actor_for(user.pk, channel="cli"))


def _wait_for_whoever_is_opening() -> None:
    """One at a time: the second finds the first's practice rather than half of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENING])
