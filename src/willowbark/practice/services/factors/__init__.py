"""
Second factors: an authenticator app (TOTP), passkeys, and recovery codes for when both are lost.

What proves one is django-allauth's: its table, secrets, codes and ceremonies. When, how often and by whom
is ours.

    adapter    what allauth asks of us        codes     the six digits, and the recovery codes
    passkeys   WebAuthn, both ceremonies      keeping   add, name, remove, reset
    secrets    how a secret is kept
"""

from willowbark.practice.services.factors.codes import (
    app_code_was_right,
    code_was_right,
    new_app,
    recovery_codes_once,
)
from willowbark.practice.services.factors.keeping import (
    add_app,
    add_passkey,
    make_recovery_codes,
    remove_factor,
    rename_factor,
    reset_factors,
)

__all__ = [
    "add_app",
    "add_passkey",
    "app_code_was_right",
    "code_was_right",
    "make_recovery_codes",
    "new_app",
    "recovery_codes_once",
    "remove_factor",
    "rename_factor",
    "reset_factors",
]
