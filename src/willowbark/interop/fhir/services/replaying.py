"""Settle one resource that waits, as a person decides."""

from __future__ import annotations

import dataclasses
import json
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.encryption.keeping import keyring
from willowbark.interop.fhir import models
from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.layout import MOST_MENDED_BYTES, laid_out
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.models.sealed import MENDED, words_of
from willowbark.interop.fhir.services.attempts import attempt
from willowbark.interop.fhir.services.jobs import ask_to_try_again
from willowbark.interop.fhir.services.limits import bounds_of_imports
from willowbark.interop.fhir.services.quarantine import plain
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing import lock_imports
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice.selectors import system_actor

LONGEST_REASON = 300


@transaction.atomic
def ask_to_replay(*, actor: Actor, quarantined_id: UUID) -> UUID:
    """
    Have the worker try again to take in a resource that waits; returns its run.

    Raises:
        Forbidden: the actor may not run imports.
        NotFound: no such resource.
        Conflict: it is settled already.
    """
    require(actor, "import.run")
    row = _waiting(quarantined_id)
    row.replay_asked_at = clock.now()
    row.save(update_fields=["replay_asked_at"])
    access.record_change(actor, "import.replay_asked", subject=str(quarantined_id))
    ask_to_try_again(quarantined_id, actor.user_id)
    return row.run_id


def replay(
    quarantined_id: UUID,
    *,
    asked_by: UUID,
    channel: str,
    mended: bytes | None = None,
    bounds: Bounds | None = None,
) -> None:
    """
    Try to take in a resource that waits, as the system; with `mended`, in these words instead of its own.

    What came first stays kept either way.

    Raises:
        NotFound: no such resource.
        Conflict: it is settled already.
        Refused: it still cannot be taken in; it waits on, with today's reason.
    """
    actor = system_actor(channel)
    with acting_as(actor):
        row = _waiting(quarantined_id)
        actor = dataclasses.replace(actor, request_id=row.run_id)
    with acting_as(actor):
        lock_imports()
        row = _waiting(quarantined_id)
        state = RunState(row.run_id, row.source, row.run.home_site_id)
        attempt(
            actor,
            state,
            [row],
            bounds=bounds or bounds_of_imports(),
            now=clock.now(),
            settled_by=asked_by,
            mended={} if mended is None else {row.pk: mended},
        )
        if row.status == "waiting":
            models.Quarantined.objects.filter(pk=row.pk).update(tried_at=clock.now())
    if row.status == "waiting":
        raise Refused(row.reason, row.message)


@transaction.atomic
def dismiss(*, actor: Actor, quarantined_id: UUID, reason: str) -> UUID:
    """
    Decide that a resource is not wanted, for a reason; it stays kept. Returns its run.

    Raises:
        Forbidden: the actor may not run imports.
        Invalid: no reason, or one longer than 300 characters.
        NotFound: no such resource.
        Conflict: it is settled already.
    """
    require(actor, "import.run")
    told = plain(reason).strip()
    if not told or len(told) > LONGEST_REASON:
        raise Invalid("Say in at most 300 characters why it is not wanted.", field="reason")
    row = _waiting(quarantined_id)
    row.status, row.settled_at, row.settled_by_id = "dismissed", clock.now(), actor.user_id
    row.settled_reason = told
    row.save(update_fields=["status", "settled_at", "settled_by", "settled_reason"])
    access.record_change(actor, "import.dismissed", subject=str(quarantined_id))
    return row.run_id


@transaction.atomic
def take_back_dismissal(*, actor: Actor, quarantined_id: UUID) -> UUID:
    """
    Have a resource wait again that was dismissed. Returns its run.

    Raises:
        Forbidden: the actor may not run imports.
        NotFound: no such resource.
        Conflict: it is not dismissed.
    """
    require(actor, "import.run")
    row = _locked(quarantined_id)
    if row.status != "dismissed":
        raise Conflict("this resource is not dismissed")
    row.status, row.settled_at, row.settled_by_id, row.settled_reason = "waiting", None, None, ""
    row.save(update_fields=["status", "settled_at", "settled_by", "settled_reason"])
    access.record_change(actor, "import.dismissal_taken_back", subject=str(quarantined_id))
    return row.run_id


@transaction.atomic
def mend(*, actor: Actor, quarantined_id: UUID, words: str) -> UUID:
    """
    Give a resource that waits other words, and have the worker read them; what came stays. Returns its run.

    The words that came, as the page lays them out, take an earlier mending back.

    Raises:
        Forbidden: the actor may not run imports.
        Invalid: the words are no JSON object, or too long.
        NotFound: no such resource.
        Conflict: it is settled already.
        EncryptionProblem: what came cannot be opened; nothing was changed.
    """
    require(actor, "import.run")
    mended = words.replace("\r\n", "\n").encode()
    if len(mended) > MOST_MENDED_BYTES:
        raise Invalid(f"At most {MOST_MENDED_BYTES:,} bytes can be mended here.", field="words")
    _check_object(words)
    row = _waiting(quarantined_id)
    is_original = mended.strip() == laid_out(words_of(row).decode(errors="replace")).encode().strip()
    row.mended = None
    row.sealed_mended = None if is_original else MENDED.seal(keyring(), row.pk, None, mended)
    row.mended_at, row.mended_by_id = (None, None) if is_original else (clock.now(), actor.user_id)
    row.save(update_fields=["mended", "sealed_mended", "mended_at", "mended_by"])
    access.record_change(actor, "import.mended", subject=str(quarantined_id))
    return ask_to_replay(actor=actor, quarantined_id=quarantined_id)


def _check_object(words: str) -> None:
    try:
        said = json.loads(words)
    except ValueError as error:
        raise Invalid(f"This is no JSON: {error}.", field="words") from error
    except RecursionError as error:
        raise Invalid("This is no JSON: its brackets go too deep.", field="words") from error
    if not isinstance(said, dict):
        raise Invalid("A resource begins with { and ends with }.", field="words")


def _waiting(quarantined_id: UUID) -> models.Quarantined:
    """The resource, locked."""
    row = _locked(quarantined_id)
    if row.status != "waiting":
        raise Conflict("this resource is settled already")
    return row


def _locked(quarantined_id: UUID) -> models.Quarantined:
    row = (
        models.Quarantined.objects.select_related("file", "run")
        .select_for_update(of=("self",))
        .filter(pk=quarantined_id)
        .first()
    )
    if row is None:
        raise NotFound("quarantined resource")
    return row
