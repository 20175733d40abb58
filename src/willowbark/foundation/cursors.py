"""A place in a list, as text for an address: the sort key and the id of a row."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from willowbark.kernel.errors import Invalid

Instant = tuple[datetime, UUID]


def write(key: datetime | str, row_id: UUID) -> str:
    """A cursor for the row with this sort key."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(f"{row_id}{text}".encode()).decode().rstrip("=")


def read_text(cursor: str) -> tuple[str, UUID] | None:
    """
    The sort key and the id; None for ''.

    Raises:
        Invalid: not a cursor of ours.
    """
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return text[36:], UUID(text[:36])
    except (ValueError, binascii.Error) as error:
        raise Invalid("That place in the list does not exist.") from error


def read_instant(cursor: str) -> Instant | None:
    """
    The instant and the id; None for ''.

    Raises:
        Invalid: not a cursor of ours.
    """
    found = read_text(cursor)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError as error:
        raise Invalid("That place in the list does not exist.") from error
    if at.tzinfo is None:
        raise Invalid("That place in the list does not exist.")
    return at, found[1]
