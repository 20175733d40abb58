"""What somebody is told when something changes by which one comes in as them."""

from __future__ import annotations

ADDED = "factor_added"
REMOVED = "factor_removed"
CODES_MADE = "recovery_codes_made"
CODE_USED = "recovery_code_used"
RESET = "factors_reset"

_SAYS = {
    ADDED: "A second factor was added",
    REMOVED: "A second factor was removed",
    CODES_MADE: "New recovery codes were made; those before open nothing any more",
    CODE_USED: "A recovery code was used to sign in",
    RESET: "Your second factors were reset by who looks after the practice",
}


def says(what: str, detail: str = "") -> str:
    """One notice as a sentence."""
    return f"{_SAYS[what]}: {detail}." if detail else f"{_SAYS[what]}."


def mail(*, practice: str, what: str, detail: str, when: str, name: str) -> tuple[str, str]:
    """The subject and the words of a mail; nothing in it is about anybody but its reader."""
    subject = f"{practice}: your sign-in was changed"
    return subject, (
        f"Hello {name},\n\n{says(what, detail)} That was on {when}.\n\n"
        "If it was you, there is nothing to do. If it was not, sign in now, change your password and end"
        " every other browser under Account, and tell whoever runs the practice.\n\n"
        f"{practice}\n"
    )
