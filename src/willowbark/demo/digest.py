"""
What of a demo's database counts when two builds are compared.

Every row of every table, except what `data/left_out.json` names with a reason: what is random on purpose,
what the clock of the machine decides, and what visitors do.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from willowbark.foundation import row_digest
from willowbark.foundation.row_digest import Connection, Digest, LeftOut

__all__ = ["Digest", "digest_of", "left_out"]


@cache
def left_out() -> LeftOut:
    """The written list of what does not count."""
    text = files("willowbark.demo").joinpath("data/left_out.json").read_text(encoding="utf-8")
    listed = json.loads(text)
    columns = {}
    for name, reason in listed["columns"].items():
        table, _, column = name.partition(".")
        columns[table, column] = reason
    only = {table: rule["only"] for table, rule in listed["rows"].items()}
    return LeftOut(listed["tables"], columns, only)


def digest_of(owner: Connection) -> Digest:
    """
    The digest of the demo that the tables' owner is connected to.

    Raises:
        ValueError: the list of what does not count names something that is not there.
    """
    return row_digest.digest_of(owner, left_out())
