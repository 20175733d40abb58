"""How many containers are still to be handed out, and what may be asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from willowbark.kernel.errors import Conflict, Invalid

LONGEST_NOTE = 300


class MoreThanSigned(Conflict):
    """More containers of a line would be handed out than were signed."""

    code = "more_than_signed"


class NotInForce(Conflict):
    """The protocol was ended, or superseded by a newer one: nothing of it is handed out any more."""

    code = "not_in_force"


@dataclass(frozen=True, slots=True)
class LineDue:
    """A line of a protocol: how many containers were signed, and how many of them are out."""

    line_id: UUID
    product_id: UUID
    signed_containers: int
    out_containers: int

    @property
    def due_containers(self) -> int:
        """How many may still be handed out; never below zero."""
        return max(0, self.signed_containers - self.out_containers)


def checked(asked: Mapping[UUID, int], lines: Iterable[LineDue]) -> dict[UUID, int]:
    """
    What is asked for, as line -> containers above zero, in the order of the lines' ids.

    Raises:
        Invalid: nothing is asked for, fewer than zero, or of a line that the protocol has not.
        MoreThanSigned: more of a line than is still to be handed out.
    """
    known = {line.line_id: line for line in lines}
    wanted = {line_id: asked[line_id] for line_id in sorted(asked) if asked[line_id] != 0}
    if not wanted:
        raise Invalid("Say of which product how many containers are handed out.", field="lines")
    for line_id, containers in wanted.items():
        if line_id not in known:
            raise Invalid("The protocol has no such line.", field="lines")
        if containers < 0:
            raise Invalid("Nobody hands out fewer than no containers.", field="lines")
        due = known[line_id].due_containers
        if containers > due:
            raise MoreThanSigned(
                f"{containers:,} containers were asked for, of which {due:,} are still to be handed out:"
                f" {known[line_id].signed_containers:,} were signed. Nothing was handed out."
            )
    return wanted


def checked_text(text: str, *, least: int = 0, field: str = "note") -> str:
    """
    A note or a reason, trimmed.

    Raises:
        Invalid: shorter than `least` or longer than 300 characters.
    """
    words = text.strip()
    if len(words) < least:
        raise Invalid("Say why.", field=field)
    if len(words) > LONGEST_NOTE or "\0" in words:
        raise Invalid(f"At most {LONGEST_NOTE} characters, none of them NUL.", field=field)
    return words


def digest_of(protocol_id: UUID, site_id: UUID, asked: Mapping[UUID, int], note: str) -> bytes:
    """A SHA-256 over what a request asks for: tells a repeated request from another one."""
    lines = sorted((str(line_id), containers) for line_id, containers in asked.items() if containers)
    return hashlib.sha256(repr((str(protocol_id), str(site_id), lines, note)).encode()).digest()
