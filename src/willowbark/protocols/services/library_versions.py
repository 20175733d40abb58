"""What a senior practitioner decides about the library: approve, adopt, look again, retire, restore."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, Invalid, RequestKeyReused
from willowbark.practice.selectors import granted
from willowbark.protocols.core.canonical import sorted_bytes
from willowbark.protocols.core.master_versions import approved_document, checked_day
from willowbark.protocols.core.reading_masters import digest_of, read_master
from willowbark.protocols.models import MasterProtocol, MasterVersion
from willowbark.protocols.selectors.library import today
from willowbark.protocols.selectors.versions import shipped_documents
from willowbark.protocols.services.library_drafts import DraftChanged, NoDraft, locked_master
from willowbark.protocols.services.library_reviews import approval_is_decided, review_is_made

APPROVE = "protocols.approve"
LONGEST_REASON = 300


class AlreadyApproved(Conflict):
    """Somebody has approved this version already. Nothing was changed."""

    code = "already_approved"


class OwnWork(Conflict):
    """Who wrote in a version does not approve it, as long as somebody else can."""

    code = "own_work"


@transaction.atomic
def approve_version(
    *,
    actor: Actor,
    key: str,
    number: int,
    revision: str,
    request_key: UUID,
    effective_on: date | None = None,
) -> date:
    """
    Approve the version that waits; returns the day from which on it counts, today when none is asked.

    `revision` is the SHA-256 of what was read. From that day on it is what is composed; what was signed stays
    as it is. Repeating the request changes nothing.

    Raises:
        Forbidden: the actor approves no Master Protocols.
        NotFound: there is no such Master Protocol.
        AlreadyApproved: somebody else was faster.
        RequestKeyReused: the request approved it for another day before.
        NoDraft: no such version waits for approval.
        OwnWork: the actor wrote in it, and somebody else can approve it.
        DraftChanged: it does not say any more what was read.
        Invalid: a day before today, more than a year ahead, or before that of the version before.
    """
    require(actor, APPROVE)
    master = locked_master(key)
    row = MasterVersion.objects.exclude(state="discarded").filter(master=master, number=number).first()
    if row is not None and row.state == "approved":
        return _approved_before(row, request_key, effective_on)
    if row is None or row.state != "waiting":
        raise NoDraft("No such version waits for approval.")
    if row.content_sha256 != revision:
        raise DraftChanged("It has changed since you read it. Look at it again.")
    _require_another(actor, row)
    day = _day(master, effective_on)
    content = sorted_bytes(approved_document(json.loads(bytes(row.content)), number=number, on=today()))
    read_master(json.loads(content))
    row.content, row.content_sha256 = content, hashlib.sha256(content).hexdigest()
    _approve(actor, master, row, request_key, day)
    return day


@transaction.atomic
def adopt_shipped(*, actor: Actor, key: str, request_key: UUID, effective_on: date | None = None) -> date:
    """
    Approve what the platform ships as it is; returns the day from which on it counts.

    It keeps its number. Repeating the request changes nothing.

    Raises:
        Forbidden: the actor approves no Master Protocols.
        NotFound: nothing of that key is shipped.
        AlreadyApproved: it was approved before, or the practice has a version of that number.
        Invalid: a day that cannot be.
    """
    require(actor, APPROVE)
    master = locked_master(key, may_add=True)
    document = shipped_documents().get(key)
    if document is None:
        raise NoDraft("The platform ships no such Master Protocol.")
    number = document["version"]
    taken = MasterVersion.objects.exclude(state="discarded").filter(master=master, number=number).first()
    if taken is not None and taken.state == "approved":
        return _approved_before(taken, request_key, effective_on)
    if taken is not None:
        raise AlreadyApproved("The practice has a version of that number. Write the next one from it.")
    day, now, content = _day(master, effective_on), clock.now(), sorted_bytes(document)
    row = MasterVersion.objects.create(
        id=uuid7(),
        master=master,
        number=number,
        content=content,
        content_sha256=hashlib.sha256(content).hexdigest(),
        state="draft",
        shipped_sha256=digest_of(document),
        note="As the platform ships it.",
        edited_by=[],
        opened_by_id=actor.user_id,
        opened_at=now,
        changed_at=now,
        saved_by_request=request_key,
    )
    _approve(actor, master, row, request_key, day)
    return day


@transaction.atomic
def note_review(*, actor: Actor, key: str) -> None:
    """
    Say that what is in force was looked at and is still right: it is due again in a quarter of a year.

    Raises:
        Forbidden: the actor approves no Master Protocols.
        NotFound: there is no such Master Protocol.
        NoDraft: nothing of it was ever approved.
    """
    require(actor, APPROVE)
    row = locked_master(key)
    if not MasterVersion.objects.filter(master=row, state="approved").exists():
        raise NoDraft("Approve a version first.")
    row.reviewed_at, row.reviewed_by_id = clock.now(), actor.user_id
    row.save(update_fields=["reviewed_at", "reviewed_by"])
    review_is_made(actor=actor, key=key)
    access.record_change(actor, "protocols.master_reviewed", subject=key)


@transaction.atomic
def retire_master(*, actor: Actor, key: str, reason: str) -> None:
    """
    Compose nothing new with a Master Protocol. What was signed stays in force. Again changes nothing.

    Raises:
        Forbidden: the actor approves no Master Protocols.
        NotFound: there is no such Master Protocol.
        Invalid: no reason, or one of more than 300 characters.
    """
    require(actor, APPROVE)
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise Invalid(f"Say why, in at most {LONGEST_REASON} characters.", field="reason")
    row = locked_master(key, may_add=True)
    if row.retired_at is not None:
        return
    row.retired_at, row.retired_by_id, row.retire_reason = clock.now(), actor.user_id, words
    row.save(update_fields=["retired_at", "retired_by", "retire_reason"])
    review_is_made(actor=actor, key=key)
    access.record_change(actor, "protocols.master_retired", subject=key)


@transaction.atomic
def restore_master(*, actor: Actor, key: str) -> None:
    """
    Compose with a retired Master Protocol again. One that was not retired stays as it is.

    Raises:
        Forbidden: the actor approves no Master Protocols.
        NotFound: there is no such Master Protocol.
    """
    require(actor, APPROVE)
    row = locked_master(key)
    if row.retired_at is None:
        return
    row.retired_at, row.retired_by_id, row.retire_reason = None, None, ""
    row.save(update_fields=["retired_at", "retired_by", "retire_reason"])
    access.record_change(actor, "protocols.master_restored", subject=key)


def _approve(
    actor: Actor, master: MasterProtocol, row: MasterVersion, request_key: UUID, effective_on: date
) -> None:
    now = clock.now()
    row.state, row.approved_by_id, row.approved_at = "approved", actor.user_id, now
    row.approved_by_request, row.effective_on, row.changed_at = request_key, effective_on, now
    row.save(
        update_fields=[
            "content",
            "content_sha256",
            "state",
            "approved_by",
            "approved_at",
            "approved_by_request",
            "effective_on",
            "changed_at",
        ]
    )
    master.reviewed_at, master.reviewed_by_id = now, actor.user_id
    master.save(update_fields=["reviewed_at", "reviewed_by"])
    review_is_made(actor=actor, key=master.key)
    approval_is_decided(actor=actor, version_id=row.pk)
    access.record_change(actor, "protocols.master_approved", subject=f"{master.key} v{row.number}")


def _approved_before(row: MasterVersion, request_key: UUID, asked: date | None) -> date:
    if row.approved_by_request != request_key or row.effective_on is None:
        raise AlreadyApproved(f"Version {row.number} was approved already.")
    if asked not in (None, row.effective_on):
        raise RequestKeyReused(f"It was approved already, from {row.effective_on:%Y-%m-%d} on.")
    return row.effective_on


def _day(master: MasterProtocol, asked: date | None) -> date:
    last = MasterVersion.objects.filter(master=master, state="approved").aggregate(day=Max("effective_on"))
    return checked_day(asked, today=today(), not_before=last["day"])


def _require_another(actor: Actor, row: MasterVersion) -> None:
    """
    Raises:
        OwnWork: the actor wrote in the version, and somebody else who did not could approve it.
    """
    wrote = {UUID(each) for each in row.edited_by} | {row.submitted_by_id}
    if actor.user_id not in wrote:
        return
    if any(each.user_id not in wrote for each in granted(actor, APPROVE)):
        raise OwnWork("You wrote in this version. Somebody else has to approve it.")
