"""Who is acting, and what they may do. Everything that is not granted is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden


class Reach(StrEnum):
    """Whose records a grant opens."""

    ORGANISATION = "organisation"
    SITE = "site"
    CARE = "care"


class ActorKind(StrEnum):
    """What kind of thing acts: a person, an agent that acts for one, or the system itself."""

    PERSON = "person"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held by the actor: what it permits, and over which patients."""

    role: str
    permissions: frozenset[str]
    reach: Reach
    site_id: UUID | None


@dataclass(frozen=True, slots=True)
class Actor:
    """
    A person, agent or system that acts through one channel on one occasion.

    `request_id` ties together everything that one request, job or command did.
    """

    user_id: UUID
    staff_id: UUID | None
    name: str
    kind: ActorKind
    grants: tuple[Grant, ...]
    channel: str
    request_id: UUID

    @property
    def permissions(self) -> frozenset[str]:
        """Everything that any of the actor's roles permits."""
        return frozenset[str]().union(*(grant.permissions for grant in self.grants))

    @property
    def roles(self) -> tuple[str, ...]:
        """The codes of the roles held, in a stable order."""
        return tuple(sorted({grant.role for grant in self.grants}))

    def grants_of(self, permission: str) -> Iterator[Grant]:
        """The grants that hold a permission."""
        return (grant for grant in self.grants if permission in grant.permissions)

    def on(self, channel: str) -> Actor:
        """The same actor on a new occasion, through another channel."""
        return dataclasses.replace(self, channel=channel, request_id=uuid7())


def allows(actor: Actor, *permissions: str) -> bool:
    """Whether the actor holds any of the permissions."""
    return not actor.permissions.isdisjoint(permissions)


def require(actor: Actor, *permissions: str) -> None:
    """
    Let the actor pass who holds any of the permissions.

    Raises:
        Forbidden: the actor holds none of them.
    """
    if not allows(actor, *permissions):
        raise Forbidden(f"needs {' or '.join(permissions)}")
