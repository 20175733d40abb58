"""What the practice does at its desk, as staff would: a file handed in, plans kept, a glass broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from willowbark.demo.script import ids as script_ids
from willowbark.demo.script.events import BreakGlass, Event, HandInFile, Occasion, SaveScenario
from willowbark.foundation import clock, ids
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.services.running import carry_out
from willowbark.interop.fhir.services.uploading import HandedIn, hand_in
from willowbark.patients.services.break_glass import break_glass, end_break_glass, look_up_exactly
from willowbark.planner.core.scenario import fields, read_scenario
from willowbark.planner.services import save_scenario
from willowbark.record.selectors.chart import open_chart

from .cast import CHANNEL, Cast


def hand_in_file(cast: Cast, occasion: Occasion, event: HandInFile) -> None:
    """Hand a file in, and import it as the worker would: in transactions of its own, afterwards."""
    actor = cast.actor_on(occasion)
    with clock.at(event.at), ids.using(script_ids.source(event.id)):
        with acting_as(actor):
            run_id = hand_in(
                actor=actor,
                files=[HandedIn(event.name, [event.content.encode()])],
                request_key=event.id,
                source=event.source,
                home_site_id=cast.sites[event.site],
            )
        carry_out(run_id, channel=CHANNEL, read_ahead=False)


def save_plan(cast: Cast, actor: Actor, event: SaveScenario) -> None:
    """Move the planner's controls, and save."""
    scenario = read_scenario("{}", fields(), changes=dict(event.figures))
    save_scenario(actor=actor, name=event.name, scenario=scenario, own={}, request_key=event.id)


def look_in(cast: Cast, actor: Actor, event: BreakGlass) -> None:
    """Name the patient, break the glass, read the chart, and end it: at the hours of the database's clock."""
    look_up_exactly(actor=actor, family=event.family, given=event.given, birth_date=event.birth_date)
    glass_id = break_glass(
        actor=actor,
        patient_id=event.patient_id,
        reason_code=event.reason_code,
        reason=event.reason,
        request_key=event.id,
    )
    open_chart(actor, event.patient_id)
    end_break_glass(actor=actor, patient_id=event.patient_id, glass_id=glass_id)


PERFORM: dict[type[Event], Callable[[Cast, Actor, Any], None]] = {
    BreakGlass: look_in,
    SaveScenario: save_plan,
}
