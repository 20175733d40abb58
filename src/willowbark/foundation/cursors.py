"""A place in a list, as text for an address: the sort key and the id of a row."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from willowbark.kernel.errors import Invalid

# What has no date stands after everything that has one, by its id alone.
Instant = tuple[datetime | None, UUID]


def write(key: datetime | str | None, row_id: UUID) -> str:
    """A cursor for the row with this sort key."""
    text = key.isoformat() if isinstance(key, datetime) else key or ""
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
        key, row_id = text[36:], UUID(text[:36])
    except (ValueError, binascii.Error) as error:
        raise Invalid("That place in the list does not exist.") from error
    if "\0" in key:
        raise Invalid("That place in the list does not exist.")
    return key, row_id


def read_instant(cursor: str) -> Instant | None:
    """
    The instant in UTC (None: among what has no date) and the id; None for ''.

    Raises:
        Invalid: not a cursor of ours.
    """
    found = read_text(cursor)
    if found is None:
        return None
    key, row_id = found
    if not key:
        return None, row_id
    try:
        at = datetime.fromisoformat(key)
        if at.tzinfo is not None:
            return at.astimezone(UTC), row_id
    except (ValueError, OverflowError) as error:
        raise Invalid("That place in the list does not exist.") from error
    raise Invalid("That place in the list does not exist.")
