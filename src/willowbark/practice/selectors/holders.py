"""Who may do something at a site, for what has to be somebody's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from willowbark.foundation.authorisation import Actor, ActorKind, Reach, require
from willowbark.practice.models import RoleAssignment, RolePermission, Staff


def holders(actor: Actor, site_id: UUID, *permissions: str) -> tuple[UUID, ...]:
    """
    The users who hold every one of the permissions at this site, by name; whoever has left, left out.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    people = Staff.objects.filter(is_active=True, user__is_active=True, user__kind=ActorKind.PERSON)
    here = Q(reach=Reach.ORGANISATION) | Q(site_id=site_id)
    for permission in permissions:
        roles = RolePermission.objects.filter(permission=permission).values("role")
        people = people.filter(
            Exists(RoleAssignment.objects.filter(here, staff=OuterRef("pk"), role__in=roles))
        )
    return tuple(people.order_by("name", "id").values_list("user_id", flat=True))
