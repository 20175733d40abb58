"""What the form of a target by hand offers."""

from __future__ import annotations

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.presentation.choices import Choice
from willowbark.protocols.core.wanting import IU, UNITS
from willowbark.protocols.core.wording import unit_text
from willowbark.protocols.selectors.wanting import wantable

WANTED_UNITS = tuple(Choice(each, unit_text(each), each == "mg") for each in (*UNITS, IU))


def wantable_choices(actor: Actor) -> tuple[Choice, ...]:
    """The ingredients that can be wanted by hand, by name, each with the most a day."""
    found = sorted(wantable(actor).values(), key=lambda each: each.name.lower())
    return tuple(Choice(each.key, f"{each.name}, up to {each.most_text}", False) for each in found)
