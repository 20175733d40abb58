"""Play the script as the people in it would: each occasion in one transaction, through public services."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any

from willowbark.demo.script import ids as script_ids
from willowbark.demo.script.events import (
    AddEntry,
    AddSite,
    AddStaff,
    AssignRole,
    BeginCare,
    EndCare,
    Event,
    GiveConsent,
    HandInFile,
    MatchPatients,
    Occasion,
    OpenPractice,
    ReceiveEntry,
    ReceivePatient,
    RegisterPatient,
    SetWorkingHours,
    VoidEntry,
    WithdrawConsent,
)
from willowbark.foundation import access, clock, ids
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.patients.services.bulk import BulkPatient, store_patients
from willowbark.patients.services.care import begin_care, end_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.services.matching import match_newcomers_in_bulk
from willowbark.patients.services.registration import register_patient
from willowbark.practice.services import (
    add_site,
    add_staff,
    assign_role,
    open_practice,
    set_working_hours,
)
from willowbark.record.services.adding import add_entry
from willowbark.record.services.bulk import BulkEntry, store_entries
from willowbark.record.services.voiding import void_entry

from . import alarms, office, programmes
from .cast import Cast
from .new_patient import new_patient


def play(cast: Cast, occasions: Iterable[Occasion], *, done: Callable[[], None] = lambda: None) -> None:
    """Play occasions in their order; `done` is called after each. Sites and staff are added to the cast."""
    for occasion in occasions:
        first = occasion.events[0]
        if isinstance(first, OpenPractice):
            _open(cast, first)
        elif isinstance(first, HandInFile):
            office.hand_in_file(cast, occasion, first)
        else:
            _play_one(cast, occasion)
        done()


def _play_one(cast: Cast, occasion: Occasion) -> None:
    actor = cast.actor_on(occasion)
    with acting_as(actor):
        received: list[ReceiveEntry] = []
        for event in occasion.events:
            if isinstance(event, ReceiveEntry):
                received.append(event)
                continue
            with clock.at(event.at), ids.using(script_ids.source(event.id)):
                _PERFORM[type(event)](cast, actor, event)
        if received:
            receive_entries(actor, received)


def _open(cast: Cast, event: OpenPractice) -> None:
    """The one thing that nobody can be asked to act in. The owner's password is known to nobody."""
    with clock.at(event.at), ids.using(script_ids.source(event.id)):
        opened = open_practice(
            name=event.name,
            jurisdiction=event.jurisdiction,
            time_zone=event.time_zone,
            site_name=event.site_name,
            owner_name=event.owner_name,
            owner_email=event.owner_email,
            owner_password=secrets.token_urlsafe(32),
            is_demo=True,
        )
    cast.sites[event.site] = opened.site_id
    cast.users[event.owner] = opened.owner.user_id
    if opened.owner.staff_id is not None:
        cast.staff[event.owner] = opened.owner.staff_id


def _add_site(cast: Cast, actor: Actor, event: AddSite) -> None:
    site = add_site(actor=actor, name=event.name, time_zone=event.time_zone, address=event.address)
    cast.sites[event.site] = site.pk


def _add_staff(cast: Cast, actor: Actor, event: AddStaff) -> None:
    person = add_staff(actor=actor, name=event.name, email=event.email, password=None, title=event.title)
    cast.users[event.staff], cast.staff[event.staff] = person.user_id, person.pk


def _assign_role(cast: Cast, actor: Actor, event: AssignRole) -> None:
    site_id = cast.sites[event.site] if event.site else None
    assign_role(
        actor=actor,
        staff_id=cast.staff[event.staff],
        role=event.role,
        reach=Reach(event.reach),
        site_id=site_id,
    )
    cast.forget_roles()


def _set_hours(cast: Cast, actor: Actor, event: SetWorkingHours) -> None:
    set_working_hours(
        actor=actor,
        staff_id=cast.staff[event.staff],
        site_id=cast.sites[event.site],
        hours=list(event.hours),
    )


def _register(cast: Cast, actor: Actor, event: RegisterPatient) -> None:
    register_patient(actor=actor, new=new_patient(event, cast.sites[event.site]), request_key=event.id)


def _receive_patient(cast: Cast, actor: Actor, event: ReceivePatient) -> None:
    receive_patient(actor, event, cast)


def receive_patient(actor: Actor, event: ReceivePatient, cast: Cast) -> None:
    """Take somebody over from another system, or what it has to say anew."""
    stored = store_patients(
        actor=actor,
        patients=[BulkPatient(details=event.details)],
        home_site_id=cast.sites[event.site],
    )
    for one in stored:
        access.record_write(actor, "patients.received", patient_id=one.patient_id)


def receive_entries(actor: Actor, events: list[ReceiveEntry]) -> None:
    """Take entries of one patient over from another system."""
    access.record_write(actor, "record.received", patient_id=events[0].patient_id)
    store_entries(
        actor=actor,
        entries=[
            BulkEntry(patient_id=event.patient_id, entry=event.entry, id=event.id, recorded_at=event.at)
            for event in events
        ],
    )


def _begin_care(cast: Cast, actor: Actor, event: BeginCare) -> None:
    begin_care(actor=actor, patient_id=event.patient_id, staff_id=cast.staff[event.staff], kind=event.kind)


def _end_care(cast: Cast, actor: Actor, event: EndCare) -> None:
    end_care(actor=actor, patient_id=event.patient_id, staff_id=cast.staff[event.staff])


def _give_consent(cast: Cast, actor: Actor, event: GiveConsent) -> None:
    give_consent(actor=actor, patient_id=event.patient_id, scope=event.scope, wording=event.wording)


def _withdraw_consent(cast: Cast, actor: Actor, event: WithdrawConsent) -> None:
    withdraw_consent(actor=actor, patient_id=event.patient_id, scope=event.scope)


def _add_entry(cast: Cast, actor: Actor, event: AddEntry) -> None:
    add_entry(actor=actor, patient_id=event.patient_id, entry=event.entry, request_key=event.id)


def _void(cast: Cast, actor: Actor, event: VoidEntry) -> None:
    void_entry(
        actor=actor,
        patient_id=event.patient_id,
        kind=event.kind,
        entry_id=event.entry_id,
        reason=event.reason,
    )


def _match(cast: Cast, actor: Actor, event: MatchPatients) -> None:
    match_newcomers_in_bulk(actor=actor, patient_ids=event.patient_ids)


_PERFORM: dict[type[Event], Callable[[Cast, Actor, Any], None]] = {
    AddSite: _add_site,
    AddStaff: _add_staff,
    AssignRole: _assign_role,
    SetWorkingHours: _set_hours,
    RegisterPatient: _register,
    ReceivePatient: _receive_patient,
    BeginCare: _begin_care,
    EndCare: _end_care,
    GiveConsent: _give_consent,
    WithdrawConsent: _withdraw_consent,
    AddEntry: _add_entry,
    VoidEntry: _void,
    MatchPatients: _match,
    **alarms.PERFORM,
    **office.PERFORM,
    **programmes.PERFORM,
}
