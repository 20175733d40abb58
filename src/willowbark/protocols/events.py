"""Facts about protocols that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: something about this patient's protocols is otherwise.
TOPIC = "protocols.changed"
# The job that checks protocols in force against what was recorded since a moment (`at`, ISO 8601).
RECHECK_SINCE = "protocols.recheck_since"


@dataclass(frozen=True, slots=True)
class ProtocolSigned:
    """A practitioner signed a protocol; what was in force before it is superseded."""

    patient_id: UUID
    protocol_id: UUID


@dataclass(frozen=True, slots=True)
class ProtocolEnded:
    """A protocol was ended, or superseded by a newer one."""

    patient_id: UUID
    protocol_id: UUID


@dataclass(frozen=True, slots=True)
class ConcernsChanged:
    """Something new speaks against a protocol in force, or does no longer."""

    patient_id: UUID
    protocol_id: UUID
