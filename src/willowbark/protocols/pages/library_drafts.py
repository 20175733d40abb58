"""The editor of a Master Protocol: every section with its lines, one line as a form, and what is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.presentation.choices import Choice
from willowbark.kernel.errors import NotFound
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.master_checking import Fault
from willowbark.protocols.core.master_diff import SectionChange, changes_between, name_of
from willowbark.protocols.core.master_sections import (
    CHOICE,
    DAY,
    HEAD,
    LONG,
    SECTIONS,
    Field,
    Section,
    section_of,
    text_of,
    texts_of,
)
from willowbark.protocols.core.own_sources import SECTION as OWN_SOURCES
from willowbark.protocols.core.own_sources import STAMPS
from willowbark.protocols.selectors.library import library, shipped
from willowbark.protocols.selectors.patients_on import PatientOn, patients_on
from willowbark.protocols.selectors.versions import (
    MasterView,
    VersionView,
    name_of_ingredient,
    one_master,
)
from willowbark.protocols.services.library_drafts import AUTHOR, NoDraft

_NONE = "none"
# What tells lines apart, and what heads them by its name.
_NOT_SAID = ("key", "ingredient_key")
_STAMPED = {"added_by": "Added by", "added_on": "on"}


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of a form with what stands in it; `options` where one chooses, `suggestions` to pick from."""

    field: Field
    value: str
    error: str
    options: tuple[Choice, ...]
    suggestions: str

    @property
    def is_day(self) -> bool:
        """Whether it takes a day."""
        return self.field.kind == DAY

    @property
    def is_long(self) -> bool:
        """Whether it takes more than one line."""
        return self.field.kind == LONG


@dataclass(frozen=True, slots=True)
class LineShown:
    """
    A line of a section in few words, with what is wrong with it; `is_moved` when it was moved just now.
    """

    at: int
    name: str
    says: tuple[str, ...]
    faults: tuple[str, ...]
    may_go_up: bool
    may_go_down: bool
    is_moved: bool


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section with its lines, and what is wrong with it as a whole."""

    section: Section
    lines: tuple[LineShown, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditorPage:
    """The open draft as it is written."""

    view: MasterView
    version: VersionView
    head: tuple[FieldShown, ...]
    head_faults: tuple[str, ...]
    sections: tuple[SectionShown, ...]
    faults: tuple[Fault, ...]
    changes: tuple[SectionChange, ...]

    @property
    def can_change(self) -> bool:
        """Whether it can be written in: not while it waits for approval."""
        return self.version.standing == "draft"


@dataclass(frozen=True, slots=True)
class LinePage:
    """One line of a section as a form; `at` is None for a new one."""

    view: MasterView
    version: VersionView
    section: Section
    at: int | None
    fields: tuple[FieldShown, ...]
    error_text: str
    ingredients: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What is otherwise between two versions, and who is on the older one."""

    view: MasterView
    before: VersionView
    after: VersionView
    changes: tuple[SectionChange, ...]
    choices_before: tuple[Choice, ...]
    choices_after: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PatientsOnPage:
    """Whose protocol in force came from which version."""

    view: MasterView
    current: int | None
    older: tuple[PatientOn, ...]
    newest: tuple[PatientOn, ...]
    versions: tuple[Choice, ...]
    may_ask: bool
    may_compose: bool


@dataclass(frozen=True, slots=True)
class NewMasterPage:
    """A Master Protocol to begin; `masters` are those whose text it may begin with."""

    title: str
    error_text: str
    masters: tuple[Choice, ...]


def new_master_page(actor: Actor, *, title: str, copy_of: str, error_text: str) -> NewMasterPage:
    """
    The form that begins a Master Protocol.

    Raises:
        Forbidden: the actor writes no Master Protocols.
    """
    require(actor, AUTHOR)
    masters = sorted(library(actor).masters.values(), key=lambda each: each.title)
    choices = tuple(Choice(each.key, each.title, each.key == copy_of) for each in masters)
    return NewMasterPage(title, error_text, choices)


def editor_page(
    actor: Actor,
    key: str,
    *,
    texts: Mapping[str, str] | None = None,
    error_text: str = "",
    field: str = "",
    moved: tuple[str, int] | None = None,
) -> EditorPage:
    """
    The open draft of a Master Protocol; `moved` is the line (section, place) that was moved just now.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        UnknownMaster: there is none of that key.
        NoDraft: none is open.
    """
    require(actor, AUTHOR)
    view, version = _open(actor, key)
    faults = version.faults()
    basis = next((each for each in view.versions if each.number == version.based_on), None)
    shown = texts if texts is not None else texts_of(HEAD, version.document)
    return EditorPage(
        view=view,
        version=version,
        head=tuple(
            _field(each, shown.get(each.name, ""), error_text if each.name == field else "") for each in HEAD
        ),
        head_faults=tuple(each.text for each in faults if not each.section),
        sections=tuple(_section(each, version, faults, moved) for each in SECTIONS.values()),
        faults=faults,
        changes=changes_between(basis.document, version.document, name_of_ingredient) if basis else (),
    )


def line_page(
    actor: Actor,
    key: str,
    section: str,
    at: int | None,
    *,
    texts: Mapping[str, str] | None = None,
    error_text: str = "",
    field: str = "",
) -> LinePage:
    """
    One line of the open draft as a form.

    Raises:
        Forbidden: the actor writes no Master Protocols.
        UnknownMaster, NoSection, NotFound: there is no such Master Protocol, section or line.
        NoDraft: none is open.
    """
    require(actor, AUTHOR)
    view, version = _open(actor, key)
    asked = section_of(section)
    lines = version.document.get(section, [])
    if at is not None and not 0 <= at < len(lines):
        raise NotFound("line")
    shown = texts if texts is not None else texts_of(asked.fields, lines[at] if at is not None else {})
    known = {each.name for each in asked.fields}
    return LinePage(
        view=view,
        version=version,
        section=asked,
        at=at,
        fields=tuple(
            _field(
                _for_document(each, version),
                shown.get(each.name, ""),
                error_text if each.name == field else "",
            )
            for each in asked.fields
        ),
        error_text="" if field in known else error_text,
        ingredients=tuple(sorted((key, each.name) for key, each in release().ingredients.items()))
        if "ingredient_key" in known
        else (),
        sources=_sources(version) if "source_keys" in known else (),
    )


def compare_page(actor: Actor, key: str, before: int, after: int) -> ComparePage:
    """
    Two versions of a Master Protocol beside each other.

    Raises:
        Forbidden: the actor reads no protocols.
        UnknownMaster, NotFound: there is no such Master Protocol or version.
    """
    view = one_master(actor, key)
    old, new = view.version(before), view.version(after)
    return ComparePage(
        view=view,
        before=old,
        after=new,
        changes=changes_between(old.document, new.document, name_of_ingredient),
        choices_before=_versions(view, before),
        choices_after=_versions(view, after),
    )


def patients_page(actor: Actor, key: str, version: int | None) -> PatientsOnPage:
    """
    Whose protocol in force came from which version; those of older versions first.

    Raises:
        Forbidden: the actor reads no protocols.
        UnknownMaster: there is none of that key.
    """
    view = one_master(actor, key)
    current = view.in_force.number if view.in_force else None
    found: Sequence[PatientOn] = patients_on(actor, key, version=version)
    return PatientsOnPage(
        view=view,
        current=current,
        older=tuple(each for each in found if each.version != current),
        newest=tuple(each for each in found if each.version == current),
        versions=_versions(view, version or 0),
        may_ask=allows(actor, "tasks.write") and current is not None,
        may_compose=allows(actor, "protocols.compose") and current is not None,
    )


def _open(actor: Actor, key: str) -> tuple[MasterView, VersionView]:
    view = one_master(actor, key)
    if view.open is None:
        raise NoDraft("No draft of this Master Protocol is open.")
    return view, view.open


def _versions(view: MasterView, chosen: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(each.number), f"Version {each.number}", each.number == chosen) for each in view.versions
    )


def _section(
    section: Section, version: VersionView, faults: Sequence[Fault], moved: tuple[str, int] | None
) -> SectionShown:
    lines = version.document.get(section.key, [])
    mine = [each for each in faults if each.section == section.key]
    sources = dict(_sources(version))
    return SectionShown(
        section=section,
        lines=tuple(
            LineShown(
                at=at,
                name=(name := name_of(section, line, name_of_ingredient)),
                says=(
                    *_said(section, line, name, sources),
                    *(f"{_STAMPED[stamp]} {line[stamp]}" for stamp in STAMPS if stamp in line),
                ),
                faults=tuple(each.text for each in mine if each.at == at),
                may_go_up=at > 0,
                may_go_down=at < len(lines) - 1,
                is_moved=moved == (section.key, at),
            )
            for at, line in enumerate(lines)
        ),
        faults=tuple(each.text for each in mine if each.at is None),
    )


def _said(section: Section, line: Mapping[str, Any], name: str, sources: Mapping[str, str]) -> Iterator[str]:
    """What the fields of a line say beside its name, each as people read it."""
    for field in section.fields:
        text = text_of(line.get(field.name))
        if text in ("", name) or field.name in _NOT_SAID:
            continue
        if field.name == "source_keys":
            text = "; ".join(sources.get(key, key) for key in line[field.name])
        elif field.kind == CHOICE:
            text = _word(text)
        yield f"{field.label}: {text}"


def _for_document(field: Field, version: VersionView) -> Field:
    """A field with the keys of this draft that it may name."""
    if field.name == "instead_of":
        keys = tuple(str(each["key"]) for each in version.document["targets"])
        return replace(field, kind=CHOICE, hint="", options=keys) if keys else field
    if field.name == "phases":
        keys = tuple(str(each["key"]) for each in version.document["phases"])
        return replace(field, hint=f"Of {', '.join(keys)}; none is all of them.") if keys else field
    return field


def _sources(version: VersionView) -> tuple[tuple[str, str], ...]:
    """The keys of all sources that a line may cite, with what they are; the practice's own first."""
    own = [
        (str(each["key"]), f"{each['title']} (the practice's own, not verified by Willowbark)")
        for each in version.document.get(OWN_SOURCES, ())
    ]
    known = {key: each.title for key, each in release().sources.items()}
    known |= {key: each.title for key, each in shipped().guidelines.items()}
    return (*sorted(own), *sorted(known.items()))


def _field(field: Field, value: str, error: str) -> FieldShown:
    options: tuple[Choice, ...] = ()
    if field.kind == CHOICE:
        options = tuple(Choice(each, _word(each), each == value) for each in field.options)
    return FieldShown(field, value, error, options, "ingredients" if field.name == "ingredient_key" else "")


def _word(code: str) -> str:
    """A code of a choice as people read it."""
    if code == "ug":
        return "mcg"
    return code if len(code) == 1 or code in ("mg", "g") else (code.replace("_", " ").capitalize() or _NONE)
