"""Write the next version of a Master Protocol: open a draft, change it by lines, hand it in, drop it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.canonical import sorted_bytes
from willowbark.protocols.core.master_checking import faults_in
from willowbark.protocols.core.master_sections import (
    HEAD,
    SECTIONS,
    head_of,
    line_faults,
    line_of,
    section_of,
    text_of,
)
from willowbark.protocols.core.master_versions import OWN, blank, checked_note, key_of_title
from willowbark.protocols.core.masters import RetiredMaster
from willowbark.protocols.core.own_sources import SECTION as OWN_SOURCES
from willowbark.protocols.core.own_sources import STAMPS, stamped
from willowbark.protocols.core.reading_masters import digest_of
from willowbark.protocols.models import MasterProtocol, MasterVersion
from willowbark.protocols.selectors.library import shipped, today
from willowbark.protocols.selectors.versions import MasterView, one_master, shipped_documents
from willowbark.protocols.services.library_reviews import approval_is_decided, ask_for_approval

AUTHOR = "protocols.author"
MOST_LINES = 60
LARGEST_BYTES = 256 * 1024


class MasterExists(Invalid):
    """The library has a Master Protocol of that key already."""

    code = "master_exists"


class NoDraft(Conflict):
    """No draft of this Master Protocol is open, or it waits for approval and stays as it is until then."""

    code = "no_draft"


class DraftChanged(Conflict):
    """Somebody has changed the draft since it was read. Nothing was changed."""

    code = "draft_changed"


class NotReady(Invalid):
    """The draft has faults; `field` is where the first is."""

    code = "master_not_ready"


@transaction.atomic
def start_draft(*, actor: Actor, key: str, number: int | None = None) -> int:
    """
    Open the draft of the next version; returns its number. One that is open already is resumed.

    It begins with what the version `number` says, that in force when none is named.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        UnknownMaster, NotFound: there is none of that key, or no such version.
        RetiredMaster: it was retired.
    """
    require(actor, AUTHOR)
    view = one_master(actor, key)
    row = locked_master(key, may_add=True)
    if row.retired_at is not None:
        raise RetiredMaster(f"{view.title} was retired. Take it up again first.")
    found = MasterVersion.objects.filter(master=row, state__in=("draft", "waiting")).first()
    if found is not None:
        return found.number
    basis = view.version(number) if number is not None else (view.in_force or view.versions[0])
    made = _new_version(actor, row, {**basis.document, "status": OWN}, _next_number(row, view), basis.number)
    access.record_change(actor, "protocols.master_draft_opened", subject=f"{key} v{made.number}")
    return made.number


@transaction.atomic
def start_master(*, actor: Actor, title: str, copy_of: str = "") -> str:
    """
    Begin a Master Protocol of the practice's own; returns its key, made of the title.

    It begins with nothing, or with what another one (`copy_of`) says.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        Invalid: a title of less than three letters or more than 200.
        MasterExists: there is one of that key.
        UnknownMaster: there is none to copy.
    """
    require(actor, AUTHOR)
    words = title.strip()
    if len(words) > 200:
        raise Invalid("At most 200 characters.", field="title")
    key = key_of_title(words)
    document = blank(key, words)
    if copy_of:
        other = one_master(actor, copy_of)
        document = {
            **(other.in_force or other.versions[0]).document,
            "key": key,
            "title": words,
            "status": OWN,
        }
    if key in shipped_documents() or MasterProtocol.objects.filter(key=key).exists():
        raise MasterExists("The library has one of that name already.", field="title")
    try:
        with transaction.atomic():
            row = MasterProtocol.objects.create(key=key, added_at=clock.now())
    except IntegrityError as error:
        raise MasterExists("The library has one of that name already.", field="title") from error
    _new_version(actor, row, document, 1, None)
    access.record_change(actor, "protocols.master_begun", subject=key)
    return key


def change_head(*, actor: Actor, key: str, revision: str, texts: Mapping[str, str], request_key: UUID) -> str:
    """
    Change title, summary and age of the open draft, as `change_draft_of_master` does.

    Raises:
        Invalid: a field does not say what it must; `field` names it.
    """
    head = head_of(texts)
    return change_draft_of_master(
        actor=actor,
        key=key,
        revision=revision,
        request_key=_request(request_key, head),
        change=lambda before: before | head,
    )


def save_line(
    *,
    actor: Actor,
    key: str,
    revision: str,
    section: str,
    at: int | None,
    texts: Mapping[str, str],
    request_key: UUID,
) -> str:
    """
    Write one line of a section of the open draft: that at place `at` from 0, a new one at the end when None.

    Raises:
        NoSection, NotFound: there is no such section or line.
        Invalid: a field does not say what it must; `field` names it.
    """
    asked = section_of(section)
    stamps = {"added_by": actor.name, "added_on": today().isoformat()} if section == OWN_SOURCES else None
    line = line_of(asked, texts, stamps)
    _check_reviewed([line])

    def change(before: dict[str, Any]) -> dict[str, Any]:
        lines = list(before.get(section, ()))
        if at is None:
            if len(lines) >= MOST_LINES:
                raise Invalid(f"At most {MOST_LINES} lines in a section.", field="")
            lines.append(line)
        else:
            old = lines[_place(lines, at)]
            lines[at] = line | {name: old[name] for name in STAMPS if name in old}
        return {**before, section: lines}

    return change_draft_of_master(
        actor=actor,
        key=key,
        revision=revision,
        request_key=_request(request_key, section, at, line),
        change=change,
    )


def remove_line(*, actor: Actor, key: str, revision: str, section: str, at: int, request_key: UUID) -> str:
    """
    Take one line out of a section of the open draft.

    Raises:
        NoSection, NotFound: there is no such section or line.
    """
    section_of(section)

    def change(before: dict[str, Any]) -> dict[str, Any]:
        lines = list(before.get(section, ()))
        del lines[_place(lines, at)]
        return {**before, section: lines}

    return change_draft_of_master(
        actor=actor,
        key=key,
        revision=revision,
        request_key=_request(request_key, section, at),
        change=change,
    )


def move_line(
    *, actor: Actor, key: str, revision: str, section: str, at: int, by: int, request_key: UUID
) -> str:
    """
    Move one line of a section of the open draft one place up (`by` -1) or down (1).

    Phases follow each other in this order, alternatives are thought of in it, and advice is read in it.

    Raises:
        NoSection, NotFound: there is no such section or line.
        Invalid: another `by`, or the line is the first or the last already.
    """
    section_of(section)
    if by not in (-1, 1):
        raise Invalid("A line moves one place up or down.", field="by")

    def change(before: dict[str, Any]) -> dict[str, Any]:
        lines = list(before.get(section, ()))
        line = lines.pop(_place(lines, at))
        if not 0 <= at + by <= len(lines):
            raise Invalid(f"It is the {'first' if by < 0 else 'last'} line already.", field="by")
        lines.insert(at + by, line)
        return {**before, section: lines}

    return change_draft_of_master(
        actor=actor,
        key=key,
        revision=revision,
        request_key=_request(request_key, section, at, by),
        change=change,
    )


def write_document(
    *, actor: Actor, key: str, revision: str, document: Mapping[str, Any], request_key: UUID
) -> str:
    """
    Write all that the open draft says, as `change_draft_of_master` does. It need not be finished.

    Raises:
        Invalid: a section is no list of lines, or a line is not of the schema; `field` names it.
    """
    known = {each.name for each in HEAD}
    document = {OWN_SOURCES: [], **json.loads(json.dumps(document, default=str))}
    for name in sorted(set(document) - {*known, *SECTIONS, "key", "version", "status", "reviewed_on"}):
        raise Invalid(f"A Master Protocol has no {name[:60]}.", field=name[:60])
    for name in SECTIONS:
        lines = document.get(name)
        if not isinstance(lines, list) or len(lines) > MOST_LINES:
            raise Invalid(f"{name}: a list of at most {MOST_LINES} lines.", field=name)
        if name == OWN_SOURCES:
            lines = _stamped(lines, (), actor)
        for at, line in enumerate(lines):
            for error in line_faults(name, line):
                raise Invalid(f"{name}, line {at + 1}: {error}.", field=name)
    _check_reviewed(document[OWN_SOURCES])
    texts = {name: text_of(document.get(name)) for name in known}
    written = {**head_of(texts), **{name: document[name] for name in SECTIONS}}
    return change_draft_of_master(
        actor=actor,
        key=key,
        revision=revision,
        request_key=_request(request_key, written),
        change=lambda it: (
            it | written | {OWN_SOURCES: _stamped(written[OWN_SOURCES], it.get(OWN_SOURCES, ()), actor)}
        ),
    )


def _check_reviewed(lines: Sequence[Mapping[str, Any]]) -> None:
    """
    Raises:
        Invalid: a source of the practice's own was reviewed on no day, or on one that is still to come.
    """
    for each in lines:
        try:
            if "reviewed_on" not in each or date.fromisoformat(each["reviewed_on"]) <= today():
                continue
        except ValueError:
            pass
        raise Invalid("Reviewed on: a day up to today.", field="reviewed_on")


def _stamped(lines: Any, before: Sequence[Mapping[str, Any]], actor: Actor) -> Any:
    """Own sources with who added each, whatever was written there; the schema refuses what is none."""
    if not all(isinstance(each, dict) and isinstance(each.get("key"), str) for each in lines):
        return lines
    return stamped(lines, before, by=actor.name, on=today())


def _request(request_key: UUID, *said: object) -> UUID:
    """A request by its key and what it says: other words from a page that was gone back to are another."""
    return uuid5(request_key, json.dumps(said, sort_keys=True, default=str))


@transaction.atomic
def change_draft_of_master(
    *,
    actor: Actor,
    key: str,
    revision: str,
    request_key: UUID,
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> str:
    """
    Change what the open draft says; returns its new revision, the SHA-256 of it.

    `revision` is that of what was read; the same request again changes nothing.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        NoDraft: none is open.
        DraftChanged: somebody else has changed it since.
        Invalid: it is larger than 256 KB, or what `change` refuses.
    """
    require(actor, AUTHOR)
    row = open_version(key, "draft")
    if row.saved_by_request == request_key:
        return row.content_sha256
    if row.content_sha256 != revision:
        raise DraftChanged("Somebody has changed this draft since you read it. Look at it again.")
    after = change(json.loads(bytes(row.content)))
    content = sorted_bytes({**after, "key": key, "version": row.number, "status": OWN})
    if len(content) > LARGEST_BYTES:
        raise Invalid("A Master Protocol of at most 256 KB.", field="")
    row.content, row.content_sha256 = content, hashlib.sha256(content).hexdigest()
    row.edited_by = sorted({*row.edited_by, str(actor.user_id)})
    row.changed_at, row.saved_by_request = clock.now(), request_key
    row.save(update_fields=["content", "content_sha256", "edited_by", "changed_at", "saved_by_request"])
    access.record_change(actor, "protocols.master_draft_changed", subject=f"{key} v{row.number}")
    return row.content_sha256


@transaction.atomic
def hand_in(*, actor: Actor, key: str, note: str) -> None:
    """
    Hand the open draft in for approval, with what is new and why. Handing it in again changes nothing.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        NoDraft: none is open.
        Invalid: no note, or one of more than 500 characters.
        NotReady: it has faults, or says what the version that it was drafted from says.
    """
    require(actor, AUTHOR)
    words = checked_note(note)
    row = open_version(key, "draft", "waiting")
    if row.state == "waiting":
        return
    document = json.loads(bytes(row.content))
    for fault in faults_in(document, release(), shipped().guidelines):
        raise NotReady(fault.text, field=fault.section)
    now = clock.now()
    row.state, row.note, row.submitted_by_id, row.submitted_at, row.changed_at = (
        "waiting",
        words,
        actor.user_id,
        now,
        now,
    )
    row.save(update_fields=["state", "note", "submitted_by", "submitted_at", "changed_at"])
    wrote = {UUID(each) for each in row.edited_by} | {actor.user_id}
    ask_for_approval(
        actor=actor,
        key=key,
        title=document["title"],
        number=row.number,
        version_id=row.pk,
        wrote=wrote,
    )
    access.record_change(actor, "protocols.master_handed_in", subject=f"{key} v{row.number}")


@transaction.atomic
def take_back(*, actor: Actor, key: str) -> None:
    """
    Make a draft that waits for approval one that can be changed. Doing so again changes nothing.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        NoDraft: none is open.
    """
    require(actor, AUTHOR)
    row = open_version(key, "draft", "waiting")
    if row.state == "draft":
        return
    row.state, row.submitted_by_id, row.submitted_at, row.changed_at = "draft", None, None, clock.now()
    row.save(update_fields=["state", "submitted_by", "submitted_at", "changed_at"])
    approval_is_decided(actor=actor, version_id=row.pk)
    access.record_change(actor, "protocols.master_taken_back", subject=f"{key} v{row.number}")


@transaction.atomic
def discard_draft(*, actor: Actor, key: str, number: int) -> None:
    """
    Drop a draft. Its number may come again. Dropping it again changes nothing.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        NoDraft: no draft of that number was ever opened, or it was approved.
    """
    require(actor, AUTHOR)
    row = locked_master(key)
    found = MasterVersion.objects.filter(master=row, number=number)
    version = found.filter(state__in=("draft", "waiting")).first()
    if version is None:
        if found.filter(state="discarded").exists():
            return
        raise NoDraft("There is no such draft.")
    version.state, version.changed_at = "discarded", clock.now()
    version.save(update_fields=["state", "changed_at"])
    approval_is_decided(actor=actor, version_id=version.pk)
    access.record_change(actor, "protocols.master_draft_discarded", subject=f"{key} v{number}")


def locked_master(key: str, *, may_add: bool = False) -> MasterProtocol:
    """
    The row of a Master Protocol, held until the transaction ends: whoever decides about it takes turns.

    With `may_add`, that of a shipped one of which nothing was decided yet is made.

    Raises:
        NotFound: there is none.
    """
    if may_add and key in shipped_documents():
        row = MasterProtocol(id=uuid7(), key=key, added_at=clock.now())
        MasterProtocol.objects.bulk_create([row], ignore_conflicts=True)
    found = MasterProtocol.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise NotFound("Master Protocol")
    return found


def open_version(key: str, *states: str) -> MasterVersion:
    """
    The open draft of a Master Protocol, held until the transaction ends.

    Raises:
        NoDraft: none is in one of these states.
    """
    master = MasterProtocol.objects.select_for_update().filter(key=key).first()
    found = (
        MasterVersion.objects.select_for_update()
        .filter(master=master, state__in=("draft", "waiting"))
        .first()
        if master
        else None
    )
    if found is None:
        raise NoDraft("No draft of this Master Protocol is open.")
    if found.state not in states:
        waits = found.state == "waiting"
        raise NoDraft("It waits for approval. Take it back to change it." if waits else "Hand it in first.")
    return found


def _new_version(
    actor: Actor, row: MasterProtocol, document: Mapping[str, Any], number: int, based_on: int | None
) -> MasterVersion:
    content = sorted_bytes({**document, "version": number})
    now, shipped_now = clock.now(), shipped_documents().get(row.key)
    return MasterVersion.objects.create(
        master=row,
        number=number,
        content=content,
        content_sha256=hashlib.sha256(content).hexdigest(),
        state="draft",
        based_on=based_on,
        shipped_sha256=digest_of(shipped_now) if shipped_now else "",
        edited_by=[],
        opened_by_id=actor.user_id,
        opened_at=now,
        changed_at=now,
        saved_by_request=uuid7(),
    )


def _next_number(row: MasterProtocol, view: MasterView) -> int:
    kept = (
        MasterVersion.objects.filter(master=row).exclude(state="discarded").values_list("number", flat=True)
    )
    return max([0, *kept, *(each.number for each in view.versions)]) + 1


def _place(lines: list[Any], at: int) -> int:
    if not 0 <= at < len(lines):
        raise NotFound("line")
    return at
