"""Save a scenario under a name, and put one away."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Invalid, NotFound, RequestKeyReused
from willowbark.planner.core.scenario import Scenario
from willowbark.planner.core.scenario.reading import LONGEST_NAME
from willowbark.planner.core.scenario.writing import written
from willowbark.planner.models import SavedScenario


@transaction.atomic
def save_scenario(
    *, actor: Actor, name: str, scenario: Scenario, own: Mapping[str, str], request_key: UUID
) -> UUID:
    """
    Save a scenario, and return its id, which is `request_key`: the same again saves nothing more.

    `own` says of each figure taken from the practice how it was found.

    Raises:
        Forbidden: the actor keeps no scenarios.
        Invalid: no name, or one that is too long.
        RequestKeyReused: the key came before with another scenario.
    """
    require(actor, "planner.edit")
    called = name.strip()
    if not called or len(called) > LONGEST_NAME:
        raise Invalid(f"Give it a name of up to {LONGEST_NAME} characters.", field="name")
    figures = written(scenario)
    row, is_new = SavedScenario.objects.get_or_create(
        pk=request_key,
        defaults={
            "name": called,
            "figures": figures,
            "own": dict(own),
            "saved_by_id": actor.user_id,
            "saved_at": clock.now(),
        },
    )
    if not is_new:
        if (row.name, row.figures, row.saved_by_id) != (called, figures, actor.user_id):
            raise RequestKeyReused("This request saved another scenario before.")
        return row.pk
    access.record_change(actor, "planner.scenario_saved", subject=str(request_key))
    return row.pk


@transaction.atomic
def put_away_scenario(*, actor: Actor, scenario_id: UUID) -> None:
    """
    Put a saved scenario away; once more changes nothing.

    Raises:
        Forbidden: the actor keeps no scenarios.
        NotFound: there is no such scenario.
    """
    require(actor, "planner.edit")
    row = SavedScenario.objects.select_for_update().filter(pk=scenario_id).first()
    if row is None:
        raise NotFound("scenario")
    if row.put_away_at is None:
        SavedScenario.objects.filter(pk=scenario_id).update(put_away_at=clock.now())
        access.record_change(actor, "planner.scenario_put_away", subject=str(scenario_id))
