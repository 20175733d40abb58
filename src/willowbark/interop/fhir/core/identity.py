"""
What makes two resources the same one, however often and in whatever packaging they come.

An id that is a UUID is unique in the world: the same UUID is the same resource, whoever sends it. Any
other id ('example', '1036') is unique only within the system that gave it, so it counts together with the
name of its source: what the person who imports calls the sending system, `DEFAULT_SOURCE` when they say
nothing. Whoever imports from a second system with ids of that sort must name it; when they forget, and a
patient's id is already taken by somebody else, that patient is set aside (`other_person`) and not merged.

A resource without an id is named by the UUID of its fullUrl, else by its content.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha1
from uuid import UUID, uuid5

from willowbark.interop.fhir.core.problems import Refused

DEFAULT_SOURCE = "fhir"

_ROOT = UUID("3f1f2a4e-6b7c-5d0e-9a51-5d9c0d6b7a10")
_WORLD = uuid5(_ROOT, "urn:uuid")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SOURCE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/ -]{0,99}\Z")


def check_source(name: str) -> str:
    """
    Return the name of a source when it can be one.

    Raises:
        Refused: not 1 to 100 letters, digits, blanks or any of . _ : / -
    """
    if not _SOURCE_NAME.match(name):
        raise Refused(
            "not_fhir", f"a source is 1 to 100 letters, digits, blanks or . _ : / -, not {name[:120]!r}"
        )
    return name


@lru_cache(maxsize=64)
def _namespace(source: str) -> UUID:
    return uuid5(_ROOT, f"source:{source}")


@lru_cache(maxsize=65536)
def source_key(source: str, type_: str, id_: str) -> UUID:
    """The key of a resource for ever: `uuid5` of its namespace and `Type/id`."""
    namespace, name = (_WORLD, id_.lower()) if _UUID.match(id_) else (_namespace(source), id_)
    # What uuid.uuid5 does, in half its time: this runs twice for every resource.
    digest = sha1(namespace.bytes + f"{type_}/{name}".encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


def part_key(whole: UUID, part: str) -> UUID:
    """The key of a part that has no id of its own, such as `component[0]` of an observation."""
    return uuid5(whole, part)


def content_id(digest: bytes) -> str:
    """The id of a resource to which its source gave none: what it says."""
    return f"sha256.{digest.hex()}"
