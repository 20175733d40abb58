"""
Signing in and out, confirming it, changing one's password, and finding out who makes a request.

    who         who makes a request; who has no second factor though everybody needs one
    entering    the door: password, code, passkey, one click in a demo; and out
    confirming  saying once more who one is
    changing    one's own password
    guesses     how often anything of it may be guessed
"""

from willowbark.practice.sign_in.changing import change_password, second_factor_added
from willowbark.practice.sign_in.confirming import (
    ask_to_confirm_by_passkey,
    confirm_by_code,
    confirm_by_passkey,
    confirm_by_password,
    confirm_in_demo,
)
from willowbark.practice.sign_in.entering import (
    SECOND_FACTOR_GIVEN,
    SESSION_MARK,
    SESSION_USER,
    HalfwayIn,
    SignInRefused,
    ask_for_passkey,
    demo_sign_in,
    halfway_in,
    sign_in,
    sign_in_with_code,
    sign_in_with_passkey,
    sign_out,
)
from willowbark.practice.sign_in.who import ActorOfRequest

__all__ = [
    "SECOND_FACTOR_GIVEN",
    "SESSION_MARK",
    "SESSION_USER",
    "ActorOfRequest",
    "HalfwayIn",
    "SignInRefused",
    "ask_for_passkey",
    "ask_to_confirm_by_passkey",
    "change_password",
    "confirm_by_code",
    "confirm_by_passkey",
    "confirm_by_password",
    "confirm_in_demo",
    "demo_sign_in",
    "halfway_in",
    "second_factor_added",
    "sign_in",
    "sign_in_with_code",
    "sign_in_with_passkey",
    "sign_out",
]
