"""What a language model proposed and a person took: where a part of a draft came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MASTER: Final = "master"
TARGET: Final = "target"


@dataclass(frozen=True, slots=True, order=True)
class Proposed:
    """
    A Master Protocol or a target by hand (`what`, `key`) that the model proposed and `taken_by` took.

    `quote` are the words of the practitioner's text that it rests on; `asking_id` is where text and answer
    are kept, `taken_by_id` the user.
    """

    what: str
    key: str
    model: str
    quote: str
    taken_by: str
    taken_by_id: str
    asking_id: str

    @property
    def said(self) -> str:
        """Who proposed and who took it, to go on after its name."""
        return f"proposed by the model {self.model} from “{self.quote}”, taken by {self.taken_by}"
