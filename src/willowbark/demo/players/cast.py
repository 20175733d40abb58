"""The script's people and sites as rows: who may act, and as whom."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from uuid import UUID

from willowbark.demo.script.events import SYSTEM, Occasion
from willowbark.foundation.authorisation import Actor
from willowbark.practice.selectors import actor_for, system_actor

CHANNEL = "demo"


@dataclass(slots=True)
class Cast:
    """Rows by the script's names. Filled while the practice is opened."""

    sites: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, UUID] = field(default_factory=dict)
    products: dict[str, UUID] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor_on(self, occasion: Occasion) -> Actor:
        """Who acts on an occasion, with the roles held when they first act."""
        return dataclasses.replace(self.actor(occasion.by), request_id=occasion.id)

    def actor(self, name: str) -> Actor:
        """A member of staff, or the system, as an actor of the demo."""
        if name not in self._actors:
            self._actors[name] = (
                system_actor(CHANNEL) if name == SYSTEM else actor_for(self.users[name], channel=CHANNEL)
            )
        return self._actors[name]

    def forget_roles(self) -> None:
        """Read everyone's roles again: somebody's have changed."""
        self._actors.clear()
