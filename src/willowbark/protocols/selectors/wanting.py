"""What can be wanted by hand: the closed list, from the catalog, the knowledge and the practice's library."""

from __future__ import annotations

from willowbark.catalog.selectors import products
from willowbark.foundation.authorisation import Actor, require
from willowbark.knowledge.selectors import release
from willowbark.practice.selectors import organisation
from willowbark.protocols.core.wanting import Wantable, wantables
from willowbark.protocols.selectors.drafts import COMPOSE
from willowbark.protocols.selectors.library import in_force, today


def wantable(actor: Actor) -> dict[str, Wantable]:
    """
    Every ingredient that can be wanted by hand, by key.

    Raises:
        Forbidden: the actor composes no protocols.
    """
    require(actor, COMPOSE)
    practice = organisation()
    return wantables(
        release(),
        in_force(),
        {each.ingredient_key for product in products(actor) for each in product.ingredients},
        jurisdiction=practice.jurisdiction if practice else "US",
        on=today(),
    )
