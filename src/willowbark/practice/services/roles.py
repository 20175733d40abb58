"""What somebody may do, and for whom."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, ActorKind, Reach, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid, NotFound
from willowbark.practice.models import RoleAssignment
from willowbark.practice.roles import role_id, shipped_roles
from willowbark.practice.services.checks import site_of_staff
from willowbark.practice.services.managers import require_a_manager, take_turns


def assign_role(
    *, actor: Actor, staff_id: UUID, role: str, reach: Reach, site_id: UUID | None = None
) -> RoleAssignment:
    """
    Give someone a role, everywhere, at a site, or for the patients in their care.

    Giving it again changes nothing but the reach.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no such role, or none of this reach, or the reach and the site do not fit.
        NotFound: no such person or site.
    """
    require(actor, "practice.manage")
    known = shipped_roles().get(role)
    if known is None or role == "system":
        raise Invalid("Choose a role.", field="role")
    if reach not in known.get("reaches", list(Reach)):
        raise Invalid(f"{known['name']}: this role is for the whole practice.", field="reach")
    if (reach is Reach.ORGANISATION) != (site_id is None):
        raise Invalid("A role is held everywhere, or at one site.", field="site_id")
    site = site_of_staff(staff_id, site_id)
    made, _ = RoleAssignment.objects.update_or_create(
        staff_id=staff_id,
        role_id=role_id(role),
        site=site,
        defaults={"reach": reach},
        create_defaults={"reach": reach, "id": uuid7()},
    )
    access.record_change(actor, "practice.role_assigned", subject=f"{staff_id} {role} {reach}")
    return made


@transaction.atomic
def take_role_away(*, actor: Actor, assignment_id: UUID) -> None:
    """
    Take a role away, from this instant.

    Raises:
        Forbidden: the actor does not manage the practice.
        NotFound: nobody holds it.
        Conflict: nobody would be left who manages the practice, and nobody could change that.
    """
    require(actor, "practice.manage")
    take_turns()
    held = RoleAssignment.objects.filter(pk=assignment_id)
    deleted, _ = held.exclude(staff__user__kind=ActorKind.SYSTEM).delete()
    if not deleted:
        raise NotFound("role assignment")
    require_a_manager()
    access.record_change(actor, "practice.role_taken_away", subject=str(assignment_id))
