"""Why a sealed value could not be read: each with a stable `code`. None of them repeats a value or a key."""

from __future__ import annotations

from willowbark.kernel.errors import DomainError


class EncryptionProblem(DomainError):
    """Base of everything that keeps a sealed value from being read or made; nothing was changed."""

    code = "encryption_problem"


class KeysMissing(EncryptionProblem):
    """There are no keys where they should be."""

    code = "encryption_keys_missing"


class BadKeys(EncryptionProblem):
    """What should be a practice's keys cannot be read as such."""

    code = "encryption_keys_bad"


class UnknownKey(EncryptionProblem):
    """A value was sealed with a key that is not among the practice's."""

    code = "encryption_key_unknown"


class NotAuthentic(EncryptionProblem):
    """A sealed value was changed, cut, or put in another's place, or the key is not the one of this id."""

    code = "encryption_not_authentic"
