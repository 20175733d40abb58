"""Saved scenarios."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.planner.core.scenario import Scenario, fields, read_scenario
from willowbark.planner.models import SavedScenario
from willowbark.practice.selectors import names_of_users


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved scenario in the list; `own` says of each figure of the practice's own how it was found."""

    id: UUID
    name: str
    saved_at: datetime
    saved_by: str
    own: Mapping[str, str]


def saved_scenarios(actor: Actor) -> tuple[Saved, ...]:
    """
    Those that were not put away, the newest first.

    Raises:
        Forbidden: the actor sees no plans.
    """
    require(actor, "planner.view")
    rows = list(SavedScenario.objects.filter(put_away_at=None).order_by("-saved_at", "-id"))
    names = names_of_users({row.saved_by_id for row in rows})
    return tuple(_shown(row, names) for row in rows)


def saved_scenario(actor: Actor, scenario_id: UUID) -> tuple[Saved, Scenario]:
    """
    One of them, those put away too: what was printed of it must stay readable.

    Raises:
        Forbidden: the actor sees no plans.
        NotFound: there is none such.
        BadScenario: it was saved when other figures were known.
    """
    require(actor, "planner.view")
    row = SavedScenario.objects.filter(pk=scenario_id).first()
    if row is None:
        raise NotFound("scenario")
    scenario = read_scenario(json.dumps({"name": row.name, **row.figures}), fields())
    return _shown(row, names_of_users({row.saved_by_id})), scenario


def _shown(row: SavedScenario, names: Mapping[UUID, str]) -> Saved:
    by = names.get(row.saved_by_id, "Somebody who has left")
    return Saved(row.pk, row.name, row.saved_at, by, row.own)
