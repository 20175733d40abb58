"""The Master Protocol library as JSON: read and compare versions, write and approve them, migrate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.protocols.core.master_diff import changes_between
from willowbark.protocols.selectors import patients_on as on
from willowbark.protocols.selectors import versions
from willowbark.protocols.services import library_drafts, library_versions, migrating

router = Router(tags=["library"])
AUTHOR, APPROVE = library_drafts.AUTHOR, library_versions.APPROVE


class FaultOut(Schema):
    """What keeps a draft from being approved; `at` is the line of the section from 0."""

    text: str
    section: str
    at: int | None
    field: str


class VersionOut(Schema):
    """
    A version. `standing` is draft, waiting, coming, in_force, superseded or shipped (not approved yet);
    `is_in_force` says that it is what is composed. `sha256` is the revision that writing and approving name.
    """

    number: int
    standing: str
    is_in_force: bool
    sha256: str
    based_on: int | None
    note: str
    submitted_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    effective_on: date | None


class VersionTextOut(VersionOut):
    """A version with what it says: a document of the schema of Master Protocols."""

    document: dict[str, Any]
    faults: list[FaultOut]


class MasterOut(Schema):
    """A Master Protocol with its versions, the newest first."""

    key: str
    title: str
    versions: list[VersionOut]
    retired_at: datetime | None
    retire_reason: str
    reviewed_at: datetime | None
    review_due_on: date | None
    is_newer_shipped: bool


class MastersOut(Schema):
    """The library."""

    masters: list[MasterOut]


class FieldChangeOut(Schema):
    """A field that says something else."""

    label: str
    before: str
    after: str


class LineChangeOut(Schema):
    """A line that was `added`, `removed`, `changed` or `moved`; a move has its place as a field."""

    section: str
    kind: str
    name: str
    fields: list[FieldChangeOut]


class ComparedOut(Schema):
    """What is otherwise between two versions."""

    before: int
    after: int
    changes: list[LineChangeOut]


class PatientOnOut(Schema):
    """A patient within reach whose protocol in force came from a version."""

    patient_id: UUID
    patient_name: str
    protocol_id: UUID
    version: int
    phase: str
    starts_on: date
    signed_by: str


class PatientsOnOut(Schema):
    """Whose protocol in force came from which version, the oldest first; at most 500."""

    patients: list[PatientOnOut]


class BeginIn(Schema):
    """A Master Protocol to begin: a title, and which one to copy ('' for none)."""

    title: str
    copy_of: str = ""


class KeyOut(Schema):
    """A Master Protocol by its key."""

    key: str


class NumberOut(Schema):
    """A version by its number."""

    number: int


class StartIn(Schema):
    """From which version a draft begins; null for that in force."""

    number: int | None


class WriteIn(Schema):
    """The whole document of a draft, the revision that was read, and the request."""

    document: dict[str, Any]
    revision: str
    request_key: UUID


class RevisionOut(Schema):
    """The revision of a draft after it was written."""

    sha256: str


class NoteIn(Schema):
    """What is new in a version, and why."""

    note: str


class DiscardIn(Schema):
    """Which draft is dropped."""

    number: int


class ApproveIn(Schema):
    """Which revision is approved, from when on it counts (null: today), and the request."""

    revision: str
    request_key: UUID
    effective_on: date | None = None


class AdoptIn(Schema):
    """From when on what is shipped counts (null: today), and the request."""

    request_key: UUID
    effective_on: date | None = None


class DayOut(Schema):
    """From when on a version counts."""

    effective_on: date


class ReasonIn(Schema):
    """Why something is so."""

    reason: str


class AskedOut(Schema):
    """How many reviews were filed now, were filed before, and could be given to nobody."""

    filed: int
    before: int
    nobody: int


class DraftOut(Schema):
    """A patient's open draft."""

    draft_id: UUID
    master_keys: list[str]


@router.get("", response={200: MastersOut, **REFUSALS}, url_name="library")
@operation("protocols.library")
def read_library(request: HttpRequest, actor: Actor) -> MastersOut:
    """Every Master Protocol with its versions, retired ones too, by title."""
    return MastersOut(masters=[_master(each) for each in versions.every_master(actor)])


@router.post("", response={200: KeyOut, **REFUSALS}, url_name="begin_master")
@operation(AUTHOR)
def begin(request: HttpRequest, actor: Actor, said: BeginIn) -> KeyOut:
    """Begin a Master Protocol of the practice's own."""
    return KeyOut(key=library_drafts.start_master(actor=actor, title=said.title, copy_of=said.copy_of))


@router.get("/{slug:key}", response={200: MasterOut, **REFUSALS}, url_name="library_master")
@operation("protocols.library")
def read_master(request: HttpRequest, actor: Actor, key: str) -> MasterOut:
    """One Master Protocol with its versions."""
    return _master(versions.one_master(actor, key))


@router.get(
    "/{slug:key}/versions/{int:number}",
    response={200: VersionTextOut, **REFUSALS},
    url_name="library_version",
)
@operation("protocols.library")
def read_version(request: HttpRequest, actor: Actor, key: str, number: int) -> VersionTextOut:
    """One version with what it says, and what keeps a draft from being approved."""
    view = versions.one_master(actor, key).version(number)
    faults = view.faults() if view.is_open else ()
    return VersionTextOut(
        **_version(view).dict(),
        document=dict(view.document),
        faults=[
            FaultOut(text=each.text, section=each.section, at=each.at, field=each.field) for each in faults
        ],
    )


@router.get("/{slug:key}/compare", response={200: ComparedOut, **REFUSALS}, url_name="library_compare")
@operation("protocols.library")
def compare(request: HttpRequest, actor: Actor, key: str, before: int, after: int) -> ComparedOut:
    """What is otherwise between two versions, line by line."""
    view = versions.one_master(actor, key)
    old, new = view.version(before), view.version(after)
    found = changes_between(old.document, new.document, versions.name_of_ingredient)
    return ComparedOut(
        before=before,
        after=after,
        changes=[
            LineChangeOut(
                section=section.title,
                kind=line.kind,
                name=line.name,
                fields=[FieldChangeOut(label=f.label, before=f.before, after=f.after) for f in line.fields],
            )
            for section in found
            for line in section.lines
        ],
    )


@router.get("/{slug:key}/patients", response={200: PatientsOnOut, **REFUSALS}, url_name="library_patients")
@operation("protocols.read")
def patients(request: HttpRequest, actor: Actor, key: str, version: int | None = None) -> PatientsOnOut:
    """Whose protocol in force came from this Master Protocol, or from one version of it."""
    return PatientsOnOut(
        patients=[
            PatientOnOut(
                patient_id=each.patient_id,
                patient_name=each.patient_name,
                protocol_id=each.protocol_id,
                version=each.version,
                phase=each.phase,
                starts_on=each.starts_on,
                signed_by=each.signed_by_name,
            )
            for each in on.patients_on(actor, key, version=version)
        ]
    )


@router.post("/{slug:key}/reviews", response={200: AskedOut, **REFUSALS}, url_name="library_ask")
@operation("tasks.write")
def ask(request: HttpRequest, actor: Actor, key: str) -> AskedOut:
    """File a review of each protocol in force of an older version, each once."""
    asked = migrating.ask_for_reviews(actor=actor, key=key)
    return AskedOut(filed=asked.filed, before=asked.before, nobody=asked.nobody)


@router.post("/{slug:key}/draft", response={200: NumberOut, **REFUSALS}, url_name="library_start")
@operation(AUTHOR)
def start(request: HttpRequest, actor: Actor, key: str, said: StartIn) -> NumberOut:
    """Open the draft of the next version, or the one that is open."""
    return NumberOut(number=library_drafts.start_draft(actor=actor, key=key, number=said.number))


@router.post("/{slug:key}/draft/document", response={200: RevisionOut, **REFUSALS}, url_name="library_write")
@operation(AUTHOR)
def write(request: HttpRequest, actor: Actor, key: str, said: WriteIn) -> RevisionOut:
    """Write the whole document of the open draft; what it still lacks, the version says."""
    sha256 = library_drafts.write_document(
        actor=actor, key=key, revision=said.revision, document=said.document, request_key=said.request_key
    )
    return RevisionOut(sha256=sha256)


@router.post("/{slug:key}/draft/hand-in", response={200: KeyOut, **REFUSALS}, url_name="library_hand_in")
@operation(AUTHOR)
def hand_in(request: HttpRequest, actor: Actor, key: str, said: NoteIn) -> KeyOut:
    """Hand the open draft in for approval."""
    library_drafts.hand_in(actor=actor, key=key, note=said.note)
    return KeyOut(key=key)


@router.post("/{slug:key}/draft/take-back", response={200: KeyOut, **REFUSALS}, url_name="library_take_back")
@operation(AUTHOR)
def take_back(request: HttpRequest, actor: Actor, key: str) -> KeyOut:
    """Make what waits for approval a draft again."""
    library_drafts.take_back(actor=actor, key=key)
    return KeyOut(key=key)


@router.post("/{slug:key}/draft/discard", response={200: KeyOut, **REFUSALS}, url_name="library_discard")
@operation(AUTHOR)
def discard(request: HttpRequest, actor: Actor, key: str, said: DiscardIn) -> KeyOut:
    """Drop the open draft."""
    library_drafts.discard_draft(actor=actor, key=key, number=said.number)
    return KeyOut(key=key)


@router.post(
    "/{slug:key}/versions/{int:number}/approve",
    response={200: DayOut, **REFUSALS},
    url_name="library_approve",
)
@operation(APPROVE, confirmed=True)
def approve(request: HttpRequest, actor: Actor, key: str, number: int, said: ApproveIn) -> DayOut:
    """Approve the version that waits; who wrote in it does not, as long as somebody else can."""
    day = library_versions.approve_version(
        actor=actor,
        key=key,
        number=number,
        revision=said.revision,
        request_key=said.request_key,
        effective_on=said.effective_on,
    )
    return DayOut(effective_on=day)


@router.post("/{slug:key}/adopt", response={200: DayOut, **REFUSALS}, url_name="library_adopt")
@operation(APPROVE, confirmed=True)
def adopt(request: HttpRequest, actor: Actor, key: str, said: AdoptIn) -> DayOut:
    """Approve what the platform ships as it is."""
    day = library_versions.adopt_shipped(
        actor=actor, key=key, request_key=said.request_key, effective_on=said.effective_on
    )
    return DayOut(effective_on=day)


@router.post("/{slug:key}/reviewed", response={200: KeyOut, **REFUSALS}, url_name="library_reviewed")
@operation(APPROVE)
def reviewed(request: HttpRequest, actor: Actor, key: str) -> KeyOut:
    """Say that what is in force was looked at and is still right."""
    library_versions.note_review(actor=actor, key=key)
    return KeyOut(key=key)


@router.post("/{slug:key}/retire", response={200: KeyOut, **REFUSALS}, url_name="library_retire")
@operation(APPROVE, confirmed=True)
def retire(request: HttpRequest, actor: Actor, key: str, said: ReasonIn) -> KeyOut:
    """Compose nothing new with it; what was signed stays in force."""
    library_versions.retire_master(actor=actor, key=key, reason=said.reason)
    return KeyOut(key=key)


@router.post("/{slug:key}/restore", response={200: KeyOut, **REFUSALS}, url_name="library_restore")
@operation(APPROVE)
def restore(request: HttpRequest, actor: Actor, key: str) -> KeyOut:
    """Compose with it again."""
    library_versions.restore_master(actor=actor, key=key)
    return KeyOut(key=key)


@router.post(
    "/patients/{uuid:patient_id}/protocols/{uuid:protocol_id}/migrate",
    response={200: DraftOut, **REFUSALS},
    url_name="library_migrate",
)
@operation("protocols.compose")
def migrate(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> DraftOut:
    """Open the composition that takes a protocol in force to the versions in force now."""
    draft = migrating.migrate(actor=actor, patient_id=patient_id, protocol_id=protocol_id)
    return DraftOut(draft_id=draft.id, master_keys=list(draft.master_keys))


def _version(view: versions.VersionView) -> VersionOut:
    return VersionOut(
        number=view.number,
        standing=view.standing,
        is_in_force=view.is_in_force,
        sha256=view.sha256,
        based_on=view.based_on,
        note=view.note,
        submitted_at=view.submitted_at,
        approved_by=view.approved_by_name,
        approved_at=view.approved_at,
        effective_on=view.effective_on,
    )


def _master(view: versions.MasterView) -> MasterOut:
    return MasterOut(
        key=view.key,
        title=view.title,
        versions=[_version(each) for each in view.versions],
        retired_at=view.retired_at,
        retire_reason=view.retire_reason,
        reviewed_at=view.reviewed_at,
        review_due_on=view.review_due_on,
        is_newer_shipped=view.is_newer_shipped,
    )
