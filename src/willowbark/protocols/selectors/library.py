"""The Master Protocol library: what the platform ships, and what the practice made of it."""

from __future__ import annotations

import json
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.practice.selectors import organisation
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.core.reading_masters import library_of, merged, read_master
from willowbark.protocols.models import MasterProtocol, MasterVersion

READ = "protocols.library"


@cache
def shipped() -> Library:
    """
    The library as it is shipped; nobody's data, so nobody need act.

    Raises:
        BadDocument, BadLibrary: a file contradicts its schema or itself.
    """
    data = files("willowbark.protocols").joinpath("data")
    masters = sorted(
        (each for each in data.joinpath("masters").iterdir() if each.name.endswith(".json")),
        key=lambda each: each.name,
    )
    return library_of((each.read_bytes() for each in masters), data.joinpath("guidelines.json").read_bytes())


def in_force(on: date | None = None) -> Library:
    """
    The practice's library: what is shipped, with what the practice has approved in its place and without what
    it has retired. One statement; nobody's data, so nobody need act.

    `on` is the practice's day for which it is asked, today when it is not said.
    """
    day = on or today()
    newest = MasterVersion.objects.filter(
        master=OuterRef("pk"), state="approved", effective_on__lte=day
    ).order_by("-effective_on", "-number")
    rows = MasterProtocol.objects.annotate(
        content=Subquery(newest.values("content")[:1]),
        sha256=Subquery(newest.values("content_sha256")[:1]),
    ).values_list("key", "retired_at", "content", "sha256")
    own: dict[str, tuple[str, Master]] = {}
    retired: dict[str, str] = {}
    for key, retired_at, content, sha256 in rows:
        if content is not None:
            own[key] = sha256, read(bytes(content))
        if retired_at is not None:
            found = own[key][1] if key in own else shipped().masters.get(key)
            retired[key] = found.title if found else key
    return merged(shipped(), own, retired)


@lru_cache(maxsize=512)
def read(content: bytes) -> Master:
    """A Master Protocol of the bytes of an approved version."""
    return read_master(json.loads(content))


def today() -> date:
    """The practice's day."""
    practice = organisation()
    return day_in(practice.time_zone if practice else "UTC")


def day_in(time_zone: str) -> date:
    """Today by the calendar of a time zone."""
    return clock.now().astimezone(ZoneInfo(time_zone)).date()


def library(actor: Actor) -> Library:
    """
    Every Master Protocol in force, by key.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    return in_force()
