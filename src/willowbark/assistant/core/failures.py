"""Why a language model gave no answer, in words."""

from __future__ import annotations

from typing import Final

from willowbark.kernel.errors import DomainError

#: By code; each is followed on the page by that nothing was changed.
SENTENCES: Final = {
    "unreachable": "The language model could not be reached.",
    "timeout": "The language model did not answer in time.",
    "malformed": "The language model's answer could not be read.",
    "declined": "The language model declined to answer.",
    "rate_limited": "The language model is asked too often at the moment. Try again in a few minutes.",
    "quota": "The account with the language model's provider is used up.",
    "key_refused": "The language model's provider did not accept the practice's key.",
    "rejected": "The language model's provider did not accept the request.",
    "failed": "The language model's provider had a fault of its own.",
    "not_allowed": "The language model was turned off or moved before it was asked.",
    "interrupted": "The question was interrupted.",
}


class NoAnswer(DomainError):
    """The language model gave no answer; `code` is one of `SENTENCES`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(SENTENCES[code])


class Cancelled(DomainError):
    """Nobody wants the answer any more."""

    code = "cancelled"
