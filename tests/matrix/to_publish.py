"""Drafts, versions and retired Master Protocols, for every address of the library."""

from __future__ import annotations

from contextlib import suppress

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PracticeForTests
from willowbark.protocols.selectors.versions import VersionView, one_master
from willowbark.protocols.services.library_drafts import (
    NoDraft,
    discard_draft,
    hand_in,
    start_draft,
    take_back,
)
from willowbark.protocols.services.library_versions import restore_master, retire_master
from willowbark.protocols.testing import publish

LINE = {
    "kind": "lifestyle",
    "text": "Sleep long, nothing secret.",
    "phases": "",
    "why": "It is so.",
    "grade": "D",
    "source_keys": "nccih_herbs",
}


class ToPublish:
    """
    Version 2 of lipid balance is in force; everything else is put as a call needs it, by the practitioner and
    a senior practitioner.
    """

    published = "lipid_balance"

    def __init__(self, practice: PracticeForTests) -> None:
        self._author, self._senior = practice.practitioner, practice.senior
        publish(self._author, self._senior, self.published, aim="11")

    def draft(self, key: str) -> VersionView:
        """The open draft, which can be written in."""
        with acting_as(self._author) as author:
            start_draft(actor=author, key=key)
            take_back(actor=author, key=key)
            found = one_master(author, key).open
        assert found
        return found

    def waiting(self, key: str) -> VersionView:
        """The open draft, which waits for approval."""
        with acting_as(self._author) as author:
            start_draft(actor=author, key=key)
            hand_in(actor=author, key=key, note="Nothing secret")
            found = one_master(author, key).open
        assert found
        return found

    def nothing_open(self, key: str) -> None:
        """No draft is open."""
        with acting_as(self._author) as author:
            found = one_master(author, key).open
            if found:
                with suppress(NoDraft):
                    discard_draft(actor=author, key=key, number=found.number)

    def retired(self, key: str, *, is_retired: bool) -> None:
        """The Master Protocol is retired, or is not."""
        with acting_as(self._senior) as senior:
            if is_retired:
                retire_master(actor=senior, key=key, reason="Nothing secret")
            elif one_master(senior, key).retired_at is not None:
                restore_master(actor=senior, key=key)

    def line(self, key: str) -> dict[str, str]:
        """A form that writes one more line into the open draft."""
        return LINE | {"revision": self.draft(key).sha256, "request_key": str(uuid7())}
