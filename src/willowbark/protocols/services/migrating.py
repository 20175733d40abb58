"""From an older version of a Master Protocol to the one in force: ask for reviews, migrate one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import connection, transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.inventory.selectors import site_day
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients.selectors import require_reach, rows_of_persons
from willowbark.practice.selectors import holders
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.masters import Library
from willowbark.protocols.models import Composition, Draft, SignedProtocol
from willowbark.protocols.selectors.drafts import COMPOSE, DraftView, view_of
from willowbark.protocols.selectors.library import in_force
from willowbark.protocols.selectors.patients_on import PatientOn, patients_on
from willowbark.protocols.services.drafts import open_draft
from willowbark.worklist.selectors import filed_before, may_own
from willowbark.worklist.services import file_task

REVIEW_WITHIN = timedelta(days=28)
KIND = "master_review"
# A review has a key made of the protocol and the version that it is asked for, so none is filed twice.
_TASKS = UUID("3c4d0b52-8f6a-4a53-9f5e-2b8f7f1f6d11")


class OnVersionInForce(Conflict):
    """The protocol came from the versions that are in force now."""

    code = "on_version_in_force"


class NobodyOnOlder(Conflict):
    """Nobody within reach is on an older version."""

    code = "nobody_on_older"


class DraftIsOpen(Conflict):
    """Somebody composes something else for the patient."""

    code = "draft_is_open"


class NotInForce(Conflict):
    """The protocol has ended."""

    code = "not_in_force"


@dataclass(frozen=True, slots=True)
class Asked:
    """How many reviews were filed, were filed before, and could be given to nobody."""

    filed: int
    before: int
    nobody: int


@transaction.atomic
def ask_for_reviews(*, actor: Actor, key: str) -> Asked:
    """
    File a review of each protocol in force, within reach, of an older version of a Master Protocol.

    It is a task of who signed it, else of the first who signs there, due within 28 days. Asking again files
    none twice: of two who ask at once, one waits for the other.

    Raises:
        Forbidden: the actor reads no protocols, or files no tasks.
        UnknownMaster, RetiredMaster: there is none of that key in force.
        NobodyOnOlder: nobody is to be asked about.
    """
    require(actor, "tasks.write")
    master = in_force().master(key)
    take_turns(key)
    filed = before = nobody = 0
    older = [each for each in patients_on(actor, key, most=None) if each.version != master.version]
    if not older:
        raise NobodyOnOlder("Nobody within your reach is on an older version.")
    for each in older:
        owner = _owner(actor, each)
        if owner is None:
            nobody += 1
        elif _file(actor, each, owner, key, master.title, master.version):
            filed += 1
        else:
            before += 1
    access.record_change(actor, "protocols.master_reviews_asked", subject=f"{key} v{master.version}")
    return Asked(filed, before, nobody)


def take_turns(key: str) -> None:
    """Wait for whoever asks for reviews of the same Master Protocol, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{KIND}/{key}"])


def _owner(actor: Actor, on: PatientOn) -> UUID | None:
    asked = (on.signed_by, *holders(actor, on.site_id, "protocols.sign", "tasks.write"))
    return next((each for each in asked if may_own(each, on.patient_id)), None)


def _file(actor: Actor, on: PatientOn, owner: UUID, key: str, title: str, version: int) -> bool:
    """Whether a task was filed now; one that was filed before stays as it became."""
    request_key = uuid5(_TASKS, f"{on.protocol_id}/{key}/{version}")
    if filed_before(on.patient_id, request_key):
        return False
    file_task(
        actor=actor,
        patient_id=on.patient_id,
        title=f"Review: {title} is at version {version}"[:200],
        kind=KIND,
        detail=f"Protocol {on.protocol_number} came from version {on.version}.",
        owner_id=owner,
        due_on=site_day(on.site_id) + REVIEW_WITHIN,
        next_action="Compare the versions, then compose with the new one or say why not.",
        source_kind="protocol",
        source_id=on.protocol_id,
        request_key=request_key,
    )
    return True


@transaction.atomic
def migrate(*, actor: Actor, patient_id: UUID, protocol_id: UUID) -> DraftView:
    """
    Open the composition that takes a protocol in force to the versions of its Master Protocols in force now.

    The draft keeps what was decided by hand: locks, products, the day, phases and alternatives, as far as the
    new versions still have them. What was retired since is left out. Nothing is signed: that comes after, as
    always. Doing so again resumes the draft.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such protocol of a patient within reach.
        NotInForce: it has ended.
        OnVersionInForce: nothing is newer.
        RetiredMaster: all of its Master Protocols were retired.
        DraftIsOpen: a draft of other Master Protocols is open for the patient.
    """
    require_reach(actor, patient_id, COMPOSE)
    rows = rows_of_persons([patient_id])
    signed = SignedProtocol.objects.filter(patient__in=list(rows), pk=protocol_id).first()
    if signed is None:
        raise NotFound("protocol")
    if signed.ended_at is not None:
        raise NotInForce("This protocol has ended. Migrate the one in force.")
    library = in_force()
    if all(
        each["key"] in library.masters and library.masters[each["key"]].version == each["version"]
        for each in signed.masters
    ):
        raise OnVersionInForce("It came from the versions that are in force now.")
    keys = [each["key"] for each in signed.masters if each["key"] in library.masters]
    if not keys:
        library.master(signed.masters[0]["key"])
    composed = Composition.objects.only("draft_id").get(
        patient_id=signed.patient_id, pk=signed.composition_id
    )
    before = view_of(Draft.objects.get(patient_id=signed.patient_id, pk=composed.draft_id)).choices
    # Of somebody whose rows were merged since it was signed, the one that stands for them composes.
    patient_id = rows[patient_id]
    draft = open_draft(actor=actor, patient_id=patient_id, master_keys=keys)
    if set(draft.master_keys) != set(keys):
        raise DraftIsOpen("A draft of this patient is open. Sign it or set it aside first.")
    row = Draft.objects.select_for_update().get(patient_id=patient_id, pk=draft.id)
    if row.opened_at == row.changed_at and view_of(row).choices == Choices():
        row.choices = kept(before, library).as_document()
        row.changed_at = clock.now()
        row.save(update_fields=["choices", "changed_at"])
    access.record_write(actor, "protocols.migrated", patient_id=patient_id, subject=str(protocol_id))
    return view_of(row)


def kept(choices: Choices, library: Library) -> Choices:
    """The choices without phases and alternatives that the library's versions have no longer."""
    phases = {
        key: phase
        for key, phase in choices.phases.items()
        if key in library.masters and phase in {each.key for each in library.masters[key].phases}
    }
    instead = {}
    for place, other in choices.instead.items():
        key, _, target = place.partition(".")
        if key not in library.masters:
            continue
        others = library.masters[key].instead_of(target)
        if others and (not other or other in {each.key for each in others}):
            instead[place] = other
    return replace(choices, phases=phases, instead=instead)
