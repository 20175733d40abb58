"""What the practice does at its desk, as staff would: a file, plans, a glass broken, the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from willowbark.demo.script import ids as script_ids
from willowbark.demo.script.events import (
    AdoptMaster,
    ApproveMaster,
    AskForReviews,
    BreakGlass,
    Event,
    HandInFile,
    Occasion,
    SaveScenario,
    WriteMaster,
)
from willowbark.foundation import clock, ids
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.services.running import carry_out
from willowbark.interop.fhir.services.uploading import HandedIn, hand_in
from willowbark.patients.services.break_glass import break_glass, end_break_glass, look_up_exactly
from willowbark.planner.core.scenario import fields, read_scenario
from willowbark.planner.services import save_scenario
from willowbark.protocols.core.master_sections import section_of, texts_of
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.library_drafts import hand_in as hand_in_draft
from willowbark.protocols.services.library_drafts import save_line, start_draft
from willowbark.protocols.services.library_reviews import ask_for_due_reviews
from willowbark.protocols.services.library_versions import adopt_shipped, approve_version
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


def adopt(cast: Cast, actor: Actor, event: AdoptMaster) -> None:
    """Approve a text as it is shipped."""
    adopt_shipped(actor=actor, key=event.key, request_key=event.id)


def write_master(cast: Cast, actor: Actor, event: WriteMaster) -> None:
    """Open the draft, change its first target, and hand it in where there is a note."""
    number = start_draft(actor=actor, key=event.key)
    draft = one_master(actor, event.key).version(number)
    texts = texts_of(section_of("targets").fields, draft.document["targets"][0]) | dict(event.said)
    save_line(
        actor=actor,
        key=event.key,
        revision=draft.sha256,
        section="targets",
        at=0,
        texts=texts,
        request_key=event.id,
    )
    if event.note:
        hand_in_draft(actor=actor, key=event.key, note=event.note)


def approve(cast: Cast, actor: Actor, event: ApproveMaster) -> None:
    """Approve the version that waits, from today on."""
    waiting = one_master(actor, event.key).open
    if waiting is not None:
        approve_version(
            actor=actor,
            key=event.key,
            number=waiting.number,
            revision=waiting.sha256,
            request_key=event.id,
        )


def ask_for_reviews(cast: Cast, actor: Actor, event: AskForReviews) -> None:
    """Ask for the reviews of the library that are due."""
    ask_for_due_reviews(actor=actor)


PERFORM: dict[type[Event], Callable[[Cast, Actor, Any], None]] = {
    AdoptMaster: adopt,
    ApproveMaster: approve,
    AskForReviews: ask_for_reviews,
    BreakGlass: look_in,
    SaveScenario: save_plan,
    WriteMaster: write_master,
}
