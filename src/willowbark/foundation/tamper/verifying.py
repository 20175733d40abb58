"""Check the sealed logs against what they hold now, entry by entry, and name what was tampered with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from willowbark.foundation.tamper.sealing import CHAINS, Head

Connection = psycopg.Connection[tuple[Any, ...]]
TABLES = {"access": "foundation_accessentry", "history": "foundation_patienthistory"}
_DIGEST_BYTES = 32

_SEALS = """
SELECT number, after_transaction, through_transaction, entry_ids, entry_digests, previous, digest,
       willow_block_digest(previous, chain, number, after_transaction, through_transaction, entry_ids,
                           entry_digests)
FROM foundation_seal WHERE chain = %s ORDER BY number
"""
_ENTRIES = sql.SQL(
    "SELECT e.id, {digest}(e) FROM {table} e WHERE e.transaction > %s AND e.transaction <= %s"
    " ORDER BY e.transaction, e.id"
)
_ELSEWHERE = sql.SQL("SELECT transaction FROM {table} WHERE id = %s LIMIT 1")
_UNSEALED = sql.SQL("SELECT count(*) FROM {table} WHERE transaction > %s")


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One trace of tampering.

    `kind` is 'edited', 'removed', 'added', 'moved' or 'reordered' for an entry; 'seal_edited',
    'seal_removed' or 'chain_broken' for a block; 'truncated' or 'rewritten' where an anchor says otherwise.
    """

    chain: str
    kind: str
    block: int
    text: str
    entry_id: UUID | None = None


@dataclass(slots=True)
class ChainReport:
    """One chain: what was checked, what was found, and how many entries no seal covers yet."""

    chain: str
    blocks: int = 0
    entries: int = 0
    unsealed: int = 0
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify(owner: Connection, anchors: Sequence[Head], *, most_faults: int = 100) -> list[ChainReport]:
    """
    Recompute every block, as the tables' owner (who sees all rows), and compare.

    Each chain stops after `most_faults` faults; the first is the first in commit order. Entries after the
    last seal are counted, not judged: nothing says yet what they should be.
    """
    return [
        _chain(owner, chain, [one for one in anchors if one.chain == chain], most_faults) for chain in CHAINS
    ]


def _chain(owner: Connection, chain: str, anchors: Sequence[Head], most_faults: int) -> ChainReport:
    report = ChainReport(chain, anchors=len(anchors))
    digests: dict[int, str] = {}
    expected, previous, through = 1, b"", 0
    with owner.transaction(), owner.cursor(name=f"seals_{chain}") as seals:
        seals.itersize = 4
        seals.execute(_SEALS, [chain])
        for number, after, last, ids, entry_digests, said_previous, said, found in seals:
            for fault in _seal_faults(
                chain, number, expected, previous, after, through, said_previous, said, found
            ):
                report.faults.append(fault)
            report.faults += list(_entry_faults(owner, chain, number, after, last, ids, entry_digests))
            report.blocks += 1
            report.entries += len(ids)
            digests[number] = said.hex()
            expected, previous, through = number + 1, said, last
            if len(report.faults) >= most_faults:
                break
    report.faults += list(_anchor_faults(chain, anchors, digests, complete=len(report.faults) < most_faults))
    row = owner.execute(_UNSEALED.format(table=sql.Identifier(TABLES[chain])), [through]).fetchone()
    report.unsealed = int(row[0]) if row else 0
    del report.faults[most_faults:]
    return report


def _seal_faults(
    chain: str,
    number: int,
    expected: int,
    previous: bytes,
    after: int,
    through: int,
    said_previous: bytes,
    said: bytes,
    found: bytes,
) -> Iterator[Fault]:
    if number != expected:
        gap = f"block {expected}" if number == expected + 1 else f"blocks {expected} to {number - 1}"
        yield Fault(chain, "seal_removed", expected, f"{gap} of the {chain} chain were removed")
    if said != found:
        yield Fault(chain, "seal_edited", number, f"block {number} of the {chain} chain was edited")
    if number == expected and (said_previous != previous or after != through):
        yield Fault(chain, "chain_broken", number, f"block {number} does not follow the block before it")


def _entry_faults(
    owner: Connection,
    chain: str,
    number: int,
    after: int,
    last: int,
    ids: Sequence[UUID],
    entry_digests: bytes,
) -> Iterator[Fault]:
    table = sql.Identifier(TABLES[chain])
    query = _ENTRIES.format(digest=sql.Identifier(f"willow_{chain}_digest"), table=table)
    rows = owner.execute(query, [after, last]).fetchall()
    if [row[0] for row in rows] == list(ids) and b"".join(row[1] for row in rows) == entry_digests:
        return
    found = {row[0]: row[1] for row in rows}
    sealed = {
        one: entry_digests[place * _DIGEST_BYTES : (place + 1) * _DIGEST_BYTES]
        for place, one in enumerate(ids)
    }
    for one in ids:
        if one not in found:
            elsewhere = owner.execute(_ELSEWHERE.format(table=table), [one]).fetchone()
            kind, what = ("moved", "was moved to another time") if elsewhere else ("removed", "was removed")
            yield Fault(chain, kind, number, f"entry {one} {what}", one)
        elif found[one] != sealed[one]:
            yield Fault(chain, "edited", number, f"entry {one} was edited", one)
    for one in found:
        if one not in sealed:
            yield Fault(chain, "added", number, f"entry {one} was added after its block was sealed", one)
    kept = [one for one in ids if one in found]
    now = [one for one in found if one in sealed]
    for was, is_now in zip(kept, now, strict=True):
        if was != is_now:
            yield Fault(chain, "reordered", number, f"entry {was} no longer stands where it was sealed", was)
            return


def _anchor_faults(
    chain: str, anchors: Sequence[Head], digests: dict[int, str], *, complete: bool
) -> Iterator[Fault]:
    for head in anchors:
        if head.number not in digests:
            if complete:
                last = max(digests, default=0)
                text = f"block {head.number} of the {chain} chain is anchored, but it ends with block {last}"
                yield Fault(chain, "truncated", head.number, text)
                return
        elif digests[head.number] != head.digest:
            text = f"block {head.number} of the {chain} chain is not the one that was anchored"
            yield Fault(chain, "rewritten", head.number, text)
            return
