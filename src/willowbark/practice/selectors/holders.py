"""Who may do something at a site, for what has to be somebody's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
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


@dataclass(frozen=True, slots=True)
class Granted:
    """
    A role that lets somebody, or the system itself, do some of the things asked about.

    `site_id` is None, and `site_name` '', where the role is held everywhere.
    """

    staff_id: UUID
    user_id: UUID
    name: str
    title: str
    role_name: str
    reach: Reach
    site_id: UUID | None
    site_name: str
    permissions: frozenset[str]


def granted(actor: Actor, *permissions: str) -> list[Granted]:
    """
    Every role in force that holds any of the permissions, by the names of its holders, with those it holds.

    One statement; whoever has left is left out.

    Raises:
        Forbidden: the actor may not read the practice.
    """
    require(actor, "practice.read")
    rows = (
        RoleAssignment.objects.filter(
            staff__is_active=True, staff__user__is_active=True, role__permissions__permission__in=permissions
        )
        .annotate(held=ArrayAgg("role__permissions__permission"))
        .order_by("staff__name", "staff_id", "role__name", "id")
        .values_list(
            "staff_id",
            "staff__user_id",
            "staff__name",
            "staff__title",
            "role__name",
            "reach",
            "site_id",
            "site__name",
            "held",
        )
    )
    return [Granted(*row[:5], Reach(row[5]), row[6], row[7] or "", frozenset(row[8])) for row in rows]
