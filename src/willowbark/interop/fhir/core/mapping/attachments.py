"""Content that comes inside a resource."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from willowbark.interop.fhir.core.mapping.datatypes import Attachment
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.problems import Refused


@dataclass(frozen=True, slots=True)
class Content:
    """What an attachment holds: bytes, or None when it only says where they are."""

    content_type: str
    data: bytes | None
    url: str
    title: str

    @property
    def plain_text(self) -> str | None:
        """The content as text, when it is plain text."""
        if self.data is None or self.content_type.partition(";")[0].strip().lower() != "text/plain":
            return None
        try:
            text = self.data.decode()
        except UnicodeDecodeError:
            return None
        return None if "\0" in text or not text.strip() else text


NO_CONTENT = Content("", None, "", "")


def read_attachment(attachment: Attachment | None, reading: Reading, path: str) -> Content:
    """
    Decode an attachment.

    Raises:
        Refused: not base64, or larger than the bound for one attachment.
    """
    if attachment is None:
        return NO_CONTENT
    return Content(
        reading.text(attachment.content_type, "content_type", f"{path}.contentType"),
        _decoded(attachment.data, reading, f"{path}.data"),
        reading.text(attachment.url, "url", f"{path}.url"),
        reading.text(attachment.title, "text", f"{path}.title"),
    )


def _decoded(data: str | None, reading: Reading, path: str) -> bytes | None:
    if not data:
        return None
    size, bound = len(data) // 4 * 3, reading.bounds.attachment
    if size > bound:
        raise Refused("too_large", f"{path} holds {size:,} bytes; the bound for one attachment is {bound:,}")
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("attachment", f"{path} is not base64: {error}") from error
