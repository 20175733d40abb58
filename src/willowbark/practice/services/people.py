"""Who works here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, ActorKind, Reach, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.kernel.errors import Conflict, NotFound, RequestKeyReused
from willowbark.practice.models import Staff
from willowbark.practice.services.checks import check_email, check_length, check_text
from willowbark.practice.services.managers import require_a_manager, take_turns
from willowbark.practice.services.passwords import hashed
from willowbark.practice.services.roles import assign_role


@dataclass(frozen=True, slots=True)
class NewColleague:
    """Somebody who begins to work here. Without a role ('') they can sign in and see nothing."""

    name: str
    email: str
    password: str
    title: str = ""
    role: str = ""
    reach: Reach = Reach.ORGANISATION
    site_id: UUID | None = None


def add_staff(
    *,
    actor: Actor,
    name: str,
    email: str,
    password: str | None,
    title: str = "",
    kind: ActorKind = ActorKind.PERSON,
    staff_id: UUID | None = None,
) -> Staff:
    """
    Add someone who works here. Without a password they cannot sign in yet.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no name, or the address, the password or the title is not good.
        Conflict: someone has this address.
    """
    require(actor, "practice.manage")
    check_text(name=name)
    check_length(100, title=title)
    check_email(email)
    kept = hashed(password) if password is not None else make_password(None)
    try:
        with transaction.atomic():
            user = User.objects.create(email=email.strip(), password=kept, kind=kind)
    except IntegrityError as error:
        raise Conflict(f"Somebody has the address {email} already.") from error
    staff = Staff.objects.create(id=staff_id or uuid7(), user=user, name=name.strip(), title=title.strip())
    access.record_change(actor, "practice.staff_added", subject=str(staff.pk))
    return staff


@transaction.atomic
def hire(*, actor: Actor, new: NewColleague, request_key: UUID) -> Staff:
    """
    Add someone who works here together with their first role: both happen, or neither.

    Repeating `request_key`, which becomes the id of who is added, returns the first.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no name, no such role, or the address, the password or the title is not good.
        NotFound: no such site.
        Conflict: someone has this address.
        RequestKeyReused: the key came before with somebody else.
    """
    require(actor, "practice.manage")
    if known := _hired(request_key, new):
        return known
    try:
        staff = add_staff(
            actor=actor,
            name=new.name,
            email=new.email,
            password=new.password,
            title=new.title,
            staff_id=request_key,
        )
    except Conflict:
        # Sent twice at once: the other one was faster.
        if known := _hired(request_key, new):
            return known
        raise
    if new.role:
        assign_role(actor=actor, staff_id=staff.pk, role=new.role, reach=new.reach, site_id=new.site_id)
    return staff


def _hired(staff_id: UUID, new: NewColleague) -> Staff | None:
    first = Staff.objects.filter(pk=staff_id).select_related("user").first()
    if first and (first.name, first.user.email.lower()) != (new.name.strip(), new.email.strip().lower()):
        raise RequestKeyReused("This form has added somebody else before.")
    return first


@transaction.atomic
def change_details(*, actor: Actor, staff_id: UUID, name: str, email: str, title: str = "") -> Staff:
    """
    Correct the name, the title or the e-mail address of someone who works here.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: no such person.
        Invalid: no name, or the address or the title is not good.
        Conflict: someone else has this address.
    """
    require(actor, "practice.manage")
    check_text(name=name)
    check_length(100, title=title)
    check_email(email)
    staff = _person(staff_id)
    try:
        with transaction.atomic():
            User.objects.filter(pk=staff.user_id).update(email=email.strip())
    except IntegrityError as error:
        raise Conflict(f"Somebody else has the address {email}.") from error
    staff.name, staff.title = name.strip(), title.strip()
    staff.save(update_fields=["name", "title"])
    access.record_change(actor, "practice.staff_changed", subject=str(staff_id))
    return staff


@transaction.atomic
def set_active(*, actor: Actor, staff_id: UUID, is_active: bool) -> Staff:
    """
    Let someone who has left, or is away, in no more; or let them in again, with the roles they had.

    Whoever is let in no more is so from their next click: who somebody is, is read for each. Saying
    the same again changes nothing.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: no such person.
        Conflict: nobody would be left who manages the practice, and nobody could change that.
    """
    require(actor, "practice.manage")
    take_turns()
    staff = _person(staff_id)
    if staff.is_active is is_active:
        return staff
    staff.is_active = is_active
    staff.save(update_fields=["is_active"])
    require_a_manager()
    done = "practice.staff_reactivated" if is_active else "practice.staff_deactivated"
    access.record_change(actor, done, subject=str(staff_id))
    return staff


def _person(staff_id: UUID) -> Staff:
    """A person; the system itself is nobody whom anybody lets in or out."""
    staff = Staff.objects.filter(pk=staff_id, user__kind=ActorKind.PERSON).first()
    if staff is None:
        raise NotFound("staff")
    return staff
