"""What a paper says of itself, so that anybody can hold it against what was signed, without a network."""

from __future__ import annotations

from datetime import UTC, datetime

PREFIX = "willowbark:protocol:1"


def proof_of(sha256: str, number: int, signed_at: datetime) -> str:
    """
    The text of the QR code: `willowbark:protocol:1:<sha256>:<number>:<day>`.

    The digest is in hexadecimal; the day is that of the signature in UTC, as the signed document writes it.
    """
    return f"{PREFIX}:{sha256}:{number}:{signed_at.astimezone(UTC).date().isoformat()}"
