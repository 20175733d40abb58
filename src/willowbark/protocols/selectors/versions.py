"""The versions of a Master Protocol, shipped and the practice's own, with what a draft still lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.knowledge.selectors import release
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.core.master_checking import Fault, faults_in
from willowbark.protocols.core.master_versions import Stage, standing_of
from willowbark.protocols.core.masters import Master, UnknownMaster
from willowbark.protocols.core.reading_masters import digest_of, master_of
from willowbark.protocols.models import MasterProtocol, MasterVersion
from willowbark.protocols.selectors.library import READ, shipped, today


@dataclass(frozen=True)
class VersionView:
    """
    One version. `standing` is one of `core.master_versions.standing_of`, or 'shipped' for what the platform
    ships and the practice has not decided about; `is_in_force` says that it is what is composed.
    """

    key: str
    number: int
    standing: str
    is_in_force: bool
    document: Mapping[str, Any]
    sha256: str
    based_on: int | None
    note: str
    edited_by: tuple[UUID, ...]
    opened_by_name: str
    changed_at: datetime | None
    submitted_by_name: str
    submitted_at: datetime | None
    approved_by_name: str
    approved_at: datetime | None
    effective_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether it can still become something else."""
        return self.standing in ("draft", "waiting")

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.document["title"])

    def faults(self) -> tuple[Fault, ...]:
        """What keeps it from being approved."""
        return faults_in(self.document, release(), shipped().guidelines)

    @property
    def master(self) -> Master:
        """What it says, as a value; only of one that has no faults."""
        return master_of(self.document)


@dataclass(frozen=True)
class MasterView:
    """
    A Master Protocol of the practice with all of its versions that count, the newest first.

    `review_due_on` is None before the practice has approved anything, and after it was retired.
    `is_newer_shipped`: what the platform ships is otherwise than when any of the practice's versions began.
    """

    key: str
    title: str
    versions: tuple[VersionView, ...]
    retired_at: datetime | None
    retired_by_name: str
    retire_reason: str
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    review_due_on: date | None
    is_review_due: bool
    is_newer_shipped: bool

    @property
    def in_force(self) -> VersionView | None:
        """What is composed now."""
        return next((each for each in self.versions if each.is_in_force), None)

    @property
    def open(self) -> VersionView | None:
        """What somebody is writing, or what waits for approval."""
        return next((each for each in self.versions if each.is_open), None)

    def version(self, number: int) -> VersionView:
        """
        The version of that number.

        Raises:
            NotFound: there is none.
        """
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise NotFound("version")
        return found


@cache
def shipped_documents() -> Mapping[str, Mapping[str, Any]]:
    """Every Master Protocol as it is shipped, by key, as a document."""
    folder = files("willowbark.protocols").joinpath("data/masters")
    read = [json.loads(each.read_bytes()) for each in folder.iterdir() if each.name.endswith(".json")]
    return {each["key"]: each for each in read}


def every_master(actor: Actor) -> Sequence[MasterView]:
    """
    Every Master Protocol of the practice, retired ones too, by title. Three statements.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    found = _views(MasterProtocol.objects.all(), shipped_documents())
    return sorted(found, key=lambda each: (each.title.lower(), each.key))


def one_master(actor: Actor, key: str) -> MasterView:
    """
    One Master Protocol with its versions.

    Raises:
        Forbidden: the actor reads no protocols.
        UnknownMaster: there is none of that key.
    """
    require(actor, READ)
    document = shipped_documents().get(key)
    found = _views(MasterProtocol.objects.filter(key=key), {key: document} if document else {})
    if not found:
        raise UnknownMaster(f"no Master Protocol {key!r}")
    return found[0]


def _views(rows: Any, documents: Mapping[str, Mapping[str, Any]]) -> list[MasterView]:
    known = {row.key: row for row in rows}
    versions: dict[UUID, list[MasterVersion]] = {row.pk: [] for row in known.values()}
    for version in MasterVersion.objects.filter(master__in=list(versions)).exclude(state="discarded"):
        versions[version.master_id].append(version)
    people = {row.retired_by_id for row in known.values()}
    for own in versions.values():
        for each in own:
            people |= {each.opened_by_id, each.submitted_by_id, each.approved_by_id}
    names = names_of_users({each for each in people if each is not None})
    day = today()
    return [
        _view(key, known.get(key), versions, documents.get(key), names, day)
        for key in sorted({*known, *documents})
    ]


def _view(
    key: str,
    row: MasterProtocol | None,
    versions: Mapping[UUID, list[MasterVersion]],
    document: Mapping[str, Any] | None,
    names: Mapping[UUID, str],
    day: date,
) -> MasterView:
    own = versions[row.pk] if row else []
    stages = [Stage(each.number, each.state, each.effective_on) for each in own]
    is_retired = row is not None and row.retired_at is not None
    views = []
    for version, stage in zip(own, stages, strict=True):
        standing = standing_of(stage, stages, on=day)
        views.append(_own(key, version, standing, names, in_force=standing == "in_force" and not is_retired))
    is_own = any(each.standing in ("in_force", "superseded") for each in views)
    taken = {each.number for each in views}
    is_newer = document is not None and digest_of(document) not in {each.shipped_sha256 for each in own}
    if document is not None and document["version"] not in taken:
        views.append(_as_shipped(key, document, in_force=not is_own and not is_retired))
    views.sort(key=lambda each: -each.number)
    current = next((each for each in views if each.is_in_force), None)
    named = current or (views[0] if views else None)
    due = _due_on(row) if row and not is_retired and is_own else None
    return MasterView(
        key=key,
        title=named.title if named else key,
        versions=tuple(views),
        retired_at=row.retired_at if row else None,
        retired_by_name=names.get(row.retired_by_id, "") if row and row.retired_by_id else "",
        retire_reason=row.retire_reason if row else "",
        reviewed_at=row.reviewed_at if row else None,
        reviewed_by=row.reviewed_by_id if row else None,
        review_due_on=due,
        is_review_due=due is not None and due <= day,
        is_newer_shipped=is_own and is_newer,
    )


def _due_on(row: MasterProtocol) -> date | None:
    if row.reviewed_at is None:
        return None
    return row.reviewed_at.date() + timedelta(days=row.review_every_days)


def _own(
    key: str, row: MasterVersion, standing: str, names: Mapping[UUID, str], *, in_force: bool
) -> VersionView:
    def name(user_id: UUID | None) -> str:
        return names.get(user_id, "") if user_id else ""

    return VersionView(
        key=key,
        number=row.number,
        standing=standing,
        is_in_force=in_force,
        document=json.loads(bytes(row.content)),
        sha256=row.content_sha256,
        based_on=row.based_on,
        note=row.note,
        edited_by=tuple(map(UUID, row.edited_by)),
        opened_by_name=name(row.opened_by_id),
        changed_at=row.changed_at,
        submitted_by_name=name(row.submitted_by_id),
        submitted_at=row.submitted_at,
        approved_by_name=name(row.approved_by_id),
        approved_at=row.approved_at,
        effective_on=row.effective_on,
    )


def _as_shipped(key: str, document: Mapping[str, Any], *, in_force: bool) -> VersionView:
    return VersionView(
        key=key,
        number=document["version"],
        standing="shipped",
        is_in_force=in_force,
        document=document,
        sha256=digest_of(document),
        based_on=None,
        note="As the platform ships it: a draft for the practice's own review.",
        edited_by=(),
        opened_by_name="Willowbark",
        changed_at=None,
        submitted_by_name="",
        submitted_at=None,
        approved_by_name="",
        approved_at=None,
        effective_on=None,
    )


def name_of_ingredient(key: str) -> str:
    """What an ingredient is called; its key when the knowledge has none such."""
    known = release().ingredients.get(key)
    return known.name if known else key
