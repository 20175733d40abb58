"""The places where patients are seen."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, RequestKeyReused
from willowbark.practice.models import Site
from willowbark.practice.services.checks import check_length, check_text, check_time_zone


def add_site(
    *, actor: Actor, name: str, time_zone: str, address: str = "", request_key: UUID | None = None
) -> Site:
    """
    Open another site. Repeating `request_key`, which becomes its id, returns the first.

    Raises:
        Forbidden: the actor does not manage the practice.
        Invalid: no name, or no such time zone, or an address that is too long.
        Conflict: a site has this name.
        RequestKeyReused: the key came before with another site.
    """
    require(actor, "practice.manage")
    check_text(name=name)
    check_length(300, address=address)
    check_time_zone(time_zone)
    said = (name.strip(), time_zone, address.strip())
    site_id = request_key or uuid7()
    if known := _known(site_id, said):
        return known
    try:
        with transaction.atomic():
            site = Site.objects.create(
                id=site_id, name=said[0], time_zone=time_zone, address=said[2], opened_at=clock.now()
            )
    except IntegrityError as error:
        # Sent twice at once: the other one was faster.
        if known := _known(site_id, said):
            return known
        raise Conflict(f"There is a site called {name} already.") from error
    access.record_change(actor, "practice.site_added", subject=str(site.pk))
    return site


def _known(site_id: UUID, said: tuple[str, str, str]) -> Site | None:
    first = Site.objects.filter(pk=site_id).first()
    if first and (first.name, first.time_zone, first.address) != said:
        raise RequestKeyReused("This form has added another site before.")
    return first
