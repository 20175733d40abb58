"""One file that says the same thing twice, or two things under one id."""

from __future__ import annotations

import re
from uuid import UUID

from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.resource import Resource

_LAST_UPDATED = re.compile(rb'"meta":\{[^{}]*"lastUpdated":"([^"]{4,40})"')


class Versions:
    """What a file has said under each key so far, by digest; a fraction of a kilobyte a resource."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[bytes, bytes]] = {}

    def is_repeated(self, key: UUID, resource: Resource, *, may_differ: bool) -> bool:
        """
        Whether this was said before: word for word, or by a version that is newer.

        A newer version under the same key (a history) counts as news; with `may_differ`, so does any other.

        Raises:
            Refused: the same id with other content, and nothing says which is newer.
        """
        digest, updated = resource.digest[:12], _last_updated(resource)
        before = self._seen.get(key.int)
        if before is None:
            self._seen[key.int] = digest, updated
            return False
        if before[0] == digest:
            return True
        if before[1] and updated and before[1] != updated:
            if updated < before[1]:
                return True
            self._seen[key.int] = digest, updated
            return False
        if may_differ:
            return False
        raise Refused(
            "conflict",
            f"the id {resource.id[:128]!r} was used before in this file for another {resource.type}:"
            " nobody can tell which is right",
        )


def _last_updated(resource: Resource) -> bytes:
    """`meta.lastUpdated` as written, b'' for none. One source writes them all alike: they compare as text."""
    if b'"lastUpdated"' not in resource.canonical:
        return b""
    match = _LAST_UPDATED.search(resource.canonical)
    return match[1] if match else b""
