"""What is stored together in one transaction: portions of one large file, or of many small ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from willowbark.interop.fhir.core.counts import Outcome, Tally
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.originals import Original
from willowbark.interop.fhir.core.taking_in import Portion, SetAside, Taken

MOST_RESOURCES = 12_000
MOST_BYTES = 64_000_000
MOST_FILES = 400


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file of a run: its row, and how much of it an interrupted attempt has stored already."""

    id: UUID
    name: str
    items_done: int = 0
    original_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """
    What reading a file came to, piece by piece: a portion, or that it is known, or a `refusal` of the whole.

    `original` is None only when not even its bytes could be read.
    """

    file: FileToRead
    original: Original | None
    portion: Portion | None = None
    is_known: bool = False
    refusal: Refused | None = None

    @property
    def is_last(self) -> bool:
        """Whether the file ends here."""
        return self.portion is None or self.portion.is_last


@dataclass(slots=True)
class FileShare:
    """
    One file's share of a batch: its resources from `items_before` to `items_done`.

    `original_id` is where the file's bytes are kept, once they are.
    """

    file: FileToRead
    original: Original | None = None
    original_id: UUID | None = None
    tally: Tally = field(default_factory=Tally)
    warnings: list[str] = field(default_factory=list)
    warnings_total: int = 0
    status: str = "partial"
    refusal: Refused | None = None
    items_before: int = 0
    items_done: int = 0


MOST_WARNINGS = 50


class Batch:
    """
    Gathers until it is full.

    `rounds` are stored one after another: in each, a key comes once. The same words under a key again are
    unchanged; other words (a newer version) go into the next round.
    """

    def __init__(self) -> None:
        self.shares: list[FileShare] = []
        self.rounds: list[list[tuple[int, Taken]]] = []
        self.aside: list[tuple[int, SetAside]] = []
        self._resources = 0
        self._bytes = 0
        self._latest: dict[int, tuple[int, bytes]] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time to store."""
        return (
            self._resources >= MOST_RESOURCES or self._bytes >= MOST_BYTES or len(self.shares) >= MOST_FILES
        )

    def add(self, read: Read) -> None:
        """Take in what was read."""
        number = self._share_of(read)
        share = self.shares[number]
        if read.refusal is not None:
            share.status, share.refusal = "refused", read.refusal
        elif read.is_known:
            share.status = "known"
        elif read.portion is not None:
            self._add_portion(number, share, read.portion)

    def _share_of(self, read: Read) -> int:
        """The number of the file's share; a file's portions follow each other."""
        if not self.shares or self.shares[-1].file.id != read.file.id:
            self.shares.append(FileShare(read.file, read.original, items_before=read.file.items_done))
        return len(self.shares) - 1

    def _add_portion(self, number: int, share: FileShare, portion: Portion) -> None:
        if not share.items_done:
            share.items_before = portion.upto - portion.resources
        share.items_done = portion.upto
        share.status = "done" if portion.is_last else "partial"
        share.warnings += portion.warnings[: MOST_WARNINGS - len(share.warnings)]
        share.warnings_total += len(portion.warnings)
        self._resources += portion.resources
        self._bytes += portion.size_bytes
        self.aside += ((number, one) for one in portion.aside)
        for type_, count in portion.repeated.items():
            share.tally.add(type_, Outcome.UNCHANGED, count)
        for one in portion.taken:
            before = self._latest.get(one.key.int)
            if before is not None and before[1] == one.digest:
                share.tally.add(one.resource_type, Outcome.UNCHANGED)
                continue
            turn = 0 if before is None else before[0] + 1
            self._latest[one.key.int] = turn, one.digest
            if turn == len(self.rounds):
                self.rounds.append([])
            self.rounds[turn].append((number, one))


def as_unchanged(known: Mapping[str, Mapping[str, int]]) -> Tally:
    """What a file that was read before comes to now: everything is there, and what was set aside still is."""
    told = Tally(known)
    now = Tally()
    for type_ in told.types():
        set_aside = told.number(Outcome.QUARANTINED, Outcome.DEFERRED, type_=type_)
        now.add(type_, Outcome.QUARANTINED, set_aside)
        now.add(type_, Outcome.UNCHANGED, told.number(type_=type_) - set_aside)
    return now
