"""Read protocols, as an actor."""

from willowbark.protocols.selectors.figures import (
    InForce,
    LineInForce,
    Needs,
    Signing,
    in_force_at,
    lines_in_force,
    needs_of,
    signing,
    signings,
)
from willowbark.protocols.selectors.library import library
from willowbark.protocols.selectors.signed import (
    LineView,
    SignedProtocolView,
    current_of,
    current_protocol,
    protocol,
    protocols,
)

__all__ = [
    "InForce",
    "LineInForce",
    "LineView",
    "Needs",
    "SignedProtocolView",
    "Signing",
    "current_of",
    "current_protocol",
    "in_force_at",
    "library",
    "lines_in_force",
    "needs_of",
    "protocol",
    "protocols",
    "signing",
    "signings",
]
