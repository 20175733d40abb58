"""Open, change and set aside a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction

from willowbark.catalog.selectors import products
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.selectors import reachable, require_reach
from willowbark.protocols.core.choices import MOST_LISTED, Choices
from willowbark.protocols.models import Draft
from willowbark.protocols.selectors.drafts import COMPOSE, DraftView, view_of
from willowbark.protocols.selectors.library import in_force


class DraftClosed(Conflict):
    """The draft was signed or set aside, here or elsewhere."""

    code = "draft_closed"


class MergedPatient(Conflict):
    """The patient row was merged into another, where protocols are composed from now on."""

    code = "merged_patient"


@transaction.atomic
def open_draft(*, actor: Actor, patient_id: UUID, master_keys: Sequence[str] = ()) -> DraftView:
    """
    The patient's open draft: the one there is, or a new one with these Master Protocols.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such patient within reach.
        UnknownMaster, RetiredMaster: the library has no such Master Protocol, or no longer.
        MergedPatient: the patient was merged into another.
    """
    patient = reachable(actor, COMPOSE).filter(pk=patient_id).values_list("home_site", "linked_to").first()
    if patient is None:
        raise NotFound("patient")
    home_site, linked_to = patient
    if linked_to is not None:
        raise MergedPatient("This row was merged into another person; compose there.")
    _require_masters(master_keys)
    found = Draft.objects.filter(patient_id=patient_id, state="open").first()
    if found:
        return view_of(found)
    row = new_draft(actor, patient_id, home_site, master_keys)
    access.record_write(actor, "protocols.draft_opened", patient_id=patient_id, subject=str(row.pk))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody else opened one at the same moment: it is the patient's, so it is resumed.
        return view_of(Draft.objects.get(patient_id=patient_id, state="open"))
    return view_of(row)


def _require_masters(master_keys: Sequence[str]) -> None:
    """
    Raises:
        UnknownMaster, RetiredMaster: the library has one of them not, or no longer.
    """
    if master_keys:
        library = in_force()
        for key in master_keys:
            library.master(key)


def new_draft(actor: Actor, patient_id: UUID, home_site: UUID, master_keys: Sequence[str]) -> Draft:
    """The row of a draft that the actor opens now; not stored yet."""
    now = clock.now()
    return Draft(
        id=uuid7(),
        patient_id=patient_id,
        site_id=_shelf_of(actor, home_site),
        master_keys=sorted(set(master_keys)),
        choices=Choices().as_document(),
        state="open",
        opened_by_id=actor.user_id,
        opened_at=now,
        changed_at=now,
    )


def _shelf_of(actor: Actor, home_site: UUID) -> UUID:
    """Whose shelf counts: the patient's own site's, else one that the actor can see."""
    grants = tuple(actor.grants_of("inventory.read"))
    sites = [grant.site_id for grant in grants if grant.site_id is not None]
    if any(grant.reach is Reach.ORGANISATION for grant in grants) or home_site in sites or not sites:
        return home_site
    return min(sites)


@transaction.atomic
def change_draft(
    *,
    actor: Actor,
    patient_id: UUID,
    draft_id: UUID,
    master_keys: Sequence[str] | None = None,
    change: Callable[[Choices], Choices] | None = None,
) -> DraftView:
    """
    Choose other Master Protocols, or decide something by hand: `change` makes the new choices of the old.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such draft of a patient within reach.
        DraftClosed: it was signed or set aside.
        UnknownMaster, RetiredMaster: the library has no such Master Protocol, or no longer.
        UnknownPhase: a Master Protocol has no such phase.
        Invalid: a product that is not offered, too many products, no such alternative, or what `change`
            refuses.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = _open_row(patient_id, draft_id)
    if master_keys is not None:
        _require_masters(master_keys)
        row.master_keys = sorted(set(master_keys))
    before = view_of(row).choices
    after = _changed(actor, before, change) if change is not None else before
    row.choices = _of_masters(after.of_masters(row.master_keys), row.master_keys).as_document()
    row.changed_at = clock.now()
    row.save(update_fields=["master_keys", "choices", "changed_at"])
    access.record_write(actor, "protocols.draft_changed", patient_id=patient_id, subject=str(draft_id))
    return view_of(row)


def _changed(actor: Actor, before: Choices, change: Callable[[Choices], Choices]) -> Choices:
    after = change(before)
    new = after.products - before.products
    if new and not new <= {each.key for each in products(actor)}:
        raise Invalid("The catalog offers no such product.", field="product")
    if len(after.products) > MOST_LISTED:
        raise Invalid(f"At most {MOST_LISTED} products can be decided by hand.", field="product")
    return after


def _of_masters(choices: Choices, master_keys: Sequence[str]) -> Choices:
    """
    The choices with the phases and alternatives of these Master Protocols alone.

    Raises:
        UnknownPhase, Invalid: one has no such phase, or no such alternative.
    """
    phases = {key: value for key, value in choices.phases.items() if key in master_keys}
    instead = {
        place: value for place, value in choices.instead.items() if place.partition(".")[0] in master_keys
    }
    if not phases and not instead:
        return replace(choices, phases={}, instead={})
    library = in_force()
    for key, phase in phases.items():
        library.master(key).in_phase(phase)
    for place, value in instead.items():
        key, _, target = place.partition(".")
        others = library.master(key).instead_of(target)
        if not others or (value and value not in {each.key for each in others}):
            raise Invalid("Nothing of the kind may take its place.", field="instead")
    return replace(choices, phases=phases, instead=instead)


@transaction.atomic
def set_draft_aside(*, actor: Actor, patient_id: UUID, draft_id: UUID) -> None:
    """
    Close a draft without signing it. Doing so again changes nothing.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such draft of a patient within reach.
        DraftClosed: it was signed.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = Draft.objects.select_for_update().filter(patient_id=patient_id, pk=draft_id).first()
    if row is None:
        raise NotFound("draft")
    if row.state == "signed":
        raise DraftClosed("This draft was signed.")
    if row.state == "abandoned":
        return
    row.state, row.changed_at = "abandoned", clock.now()
    row.save(update_fields=["state", "changed_at"])
    access.record_write(actor, "protocols.draft_set_aside", patient_id=patient_id, subject=str(draft_id))


def _open_row(patient_id: UUID, draft_id: UUID) -> Draft:
    row = Draft.objects.select_for_update().filter(patient_id=patient_id, pk=draft_id).first()
    if row is None:
        raise NotFound("draft")
    if row.state != "open":
        raise DraftClosed("This draft was signed or set aside. Open the composer again.")
    return row
