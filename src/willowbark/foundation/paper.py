"""Documents on paper, as PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typst


def pdf_of(source: bytes, content: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """
    A PDF of a typst document, dated `made_at`. The same arguments are the same bytes, with the same fonts.

    `content` reaches the document as JSON in `sys.inputs.content`: data, whatever it says, and never markup.
    """
    data = {"content": json.dumps(content)}
    made: bytes = typst.compile(source, sys_inputs=data, timestamp=int(made_at.timestamp()))
    return made
