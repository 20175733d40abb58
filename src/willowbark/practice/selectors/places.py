"""The practice itself, and its sites."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import Organisation, Site


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
