"""Read protocols, as an actor."""

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
    "LineView",
    "SignedProtocolView",
    "current_of",
    "current_protocol",
    "library",
    "protocol",
    "protocols",
]
