"""At which sites somebody holds a permission: the first wall of what the database tests again."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from willowbark.foundation.authorisation import Actor, Reach


def at_sites(actor: Actor, permission: str) -> Q:
    """The rows of the sites where the actor holds the permission; of all, where it is held everywhere."""
    grants = tuple(actor.grants_of(permission))
    if any(grant.reach is Reach.ORGANISATION for grant in grants):
        # Not an empty Q, which Django leaves out of whatever it is joined to by "or".
        return Q(site_id__isnull=False)
    sites: set[UUID] = {grant.site_id for grant in grants if grant.site_id is not None}
    return Q(site_id__in=sites)
