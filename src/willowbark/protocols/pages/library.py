"""The library as its pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from willowbark.foundation.authorisation import Actor, allows
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.described import cited
from willowbark.protocols.core.master_checking import Fault
from willowbark.protocols.core.masters import (
    Alternative,
    Ceiling,
    Evidence,
    Library,
    Master,
    MasterTarget,
    Monitoring,
    Trigger,
)
from willowbark.protocols.core.own_sources import OwnSource
from willowbark.protocols.core.wording import source_text
from willowbark.protocols.pages.rules import Cited
from willowbark.protocols.selectors.library import library, today
from willowbark.protocols.selectors.patients_on import counted
from willowbark.protocols.selectors.versions import MasterView, VersionView, every_master, one_master

_BADGES = {
    "foundation": "Foundation",
    "targeted": "Targeted",
    "nutrition": "Nutrition",
    "movement": "Movement",
    "sleep": "Sleep",
    "mind_body": "Mind and body",
    "lifestyle": "Lifestyle",
}


@dataclass(frozen=True, slots=True)
class MasterCard:
    """A Master Protocol in the list; `on_older` is how many protocols in force came from older versions."""

    view: MasterView
    master: Master | None
    on_current: int
    on_older: int


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Every Master Protocol: those that ask for something first, those retired apart."""

    id: str
    cards: tuple[MasterCard, ...]
    retired: tuple[MasterCard, ...]
    waiting: int
    reviews_due: int
    may_author: bool


@dataclass(frozen=True, slots=True)
class LineOfMaster:
    """One line in words, with its evidence; `within` names the phases that it is for, '' all of them."""

    name: str
    badge: str
    wanted: str
    within: str
    why: str
    grade: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """
    One version of a Master Protocol, and all that can be done with it.

    `page` are its lines, None of a draft that has `faults`. `on` is how many protocols in force within reach
    came from each version.
    """

    view: MasterView
    version: VersionView
    page: MasterPage | None
    faults: tuple[Fault, ...]
    on: Mapping[int, int]
    on_older: int
    compare_with: int | None
    may_author: bool
    may_approve: bool
    may_read: bool
    first_day: date

    @property
    def rows(self) -> tuple[tuple[VersionView, int], ...]:
        """Every version with how many protocols in force came from it, the newest first."""
        return tuple((each, self.on.get(each.number, 0)) for each in self.view.versions)


@dataclass(frozen=True, slots=True)
class MasterPage:
    """The lines of one version of a Master Protocol."""

    master: Master
    triggers: tuple[LineOfMaster, ...]
    phases: tuple[LineOfMaster, ...]
    targets: tuple[LineOfMaster, ...]
    alternatives: tuple[LineOfMaster, ...]
    ceilings: tuple[LineOfMaster, ...]
    advice: tuple[LineOfMaster, ...]
    monitoring: tuple[LineOfMaster, ...]
    referrals: tuple[LineOfMaster, ...]
    outcomes: tuple[LineOfMaster, ...]
    stop_rules: tuple[LineOfMaster, ...]
    own_sources: tuple[OwnSource, ...]


def library_page(actor: Actor) -> LibraryPage:
    """
    The library.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    found = library(actor)
    on = counted(actor) if allows(actor, "protocols.read") else {}
    cards = [_card(view, on.get(view.key, {})) for view in every_master(actor)]
    kept = sorted((each for each in cards if each.view.retired_at is None), key=_asking_first)
    return LibraryPage(
        id=found.id,
        cards=tuple(kept),
        retired=tuple(each for each in cards if each.view.retired_at is not None),
        waiting=sum(each.view.open is not None and each.view.open.standing == "waiting" for each in kept),
        reviews_due=sum(each.view.is_review_due for each in kept),
        may_author=allows(actor, "protocols.author"),
    )


def _asking_first(card: MasterCard) -> tuple[bool, bool, bool, str]:
    view = card.view
    waits = view.open is not None and view.open.standing == "waiting"
    return (not waits, not view.is_review_due, not card.on_older, view.title.lower())


def _card(view: MasterView, on: Mapping[int, int]) -> MasterCard:
    current = view.in_force
    return MasterCard(
        view=view,
        master=current.master if current else None,
        on_current=on.get(current.number, 0) if current else 0,
        on_older=sum(many for number, many in on.items() if current and number != current.number),
    )


def master_page(actor: Actor, key: str, number: int | None = None) -> VersionPage:
    """
    One Master Protocol: the version in force, or the one of that number.

    Raises:
        Forbidden: the actor reads no protocols.
        UnknownMaster, NotFound: there is none of that key or number.
    """
    view = one_master(actor, key)
    version = view.version(number) if number is not None else (view.in_force or view.versions[0])
    faults = version.faults() if version.is_open else ()
    on = counted(actor).get(key, {}) if allows(actor, "protocols.read") else {}
    return VersionPage(
        view=view,
        version=version,
        page=None if faults else page_of(version.master, library(actor)),
        faults=faults,
        on=on,
        on_older=sum(many for other, many in on.items() if view.in_force and other != view.in_force.number),
        compare_with=_before(view, version),
        may_author=allows(actor, "protocols.author"),
        may_approve=allows(actor, "protocols.approve"),
        may_read=allows(actor, "protocols.read"),
        first_day=today(),
    )


def _before(view: MasterView, version: VersionView) -> int | None:
    """With which version one compares another: what it was drafted from, else the one before it."""
    numbers = {each.number for each in view.versions}
    if version.based_on in numbers:
        return version.based_on
    return max((each for each in numbers if each < version.number), default=None)


def page_of(master: Master, found: Library) -> MasterPage:
    """The lines of a Master Protocol in words; `found` has the documents that they cite."""
    known = release()
    phases = {each.key: each.title for each in master.phases}
    targets = {each.key: each for each in master.targets}

    def line(name: str, badge: str, wanted: str, why: str, evidence: Evidence, *only: str) -> LineOfMaster:
        within = ", ".join(phases.get(each, each) for each in only)
        return LineOfMaster(
            name,
            _BADGES.get(badge, ""),
            wanted,
            within,
            why,
            evidence.grade,
            _cited(known, found, master, evidence),
        )

    return MasterPage(
        master=master,
        triggers=tuple(line(each.text, "", _looked_for(each), "", each.evidence) for each in master.triggers),
        phases=tuple(
            line(each.title, "", f"about {each.days} days", each.text, each.evidence)
            for each in master.phases
        ),
        targets=tuple(
            line(_name(known, each), str(each.layer), _wanted(each), each.why, each.evidence, *each.phases)
            for each in master.targets
        ),
        alternatives=tuple(
            line(
                f"{_name(known, each)} in the place of {_name(known, targets[each.instead_of])}",
                "",
                _wanted(each),
                each.why,
                each.evidence,
            )
            for each in master.alternatives
        ),
        ceilings=tuple(
            line(_name(known, each), "", f"at most {_amount(each.most, each.unit)}", each.why, each.evidence)
            for each in master.ceilings
        ),
        advice=tuple(
            line(each.text, each.kind, "", each.why, each.evidence, *each.phases) for each in master.advice
        ),
        monitoring=tuple(
            line(each.text, "", _when(each), each.next_action, each.evidence) for each in master.monitoring
        ),
        referrals=tuple(line(each.to, "", each.text, each.why, each.evidence) for each in master.referrals),
        outcomes=tuple(
            line(each.text, "", f"after {each.after_days} days", each.goal, each.evidence)
            for each in master.outcomes
        ),
        stop_rules=tuple(line(each.text, "", "", each.why, each.evidence) for each in master.stop_rules),
        own_sources=master.own_sources,
    )


def _when(line: Monitoring) -> str:
    again = "" if line.every_days is None else f", then every {line.every_days} days"
    return f"after {line.after_days} days{again}"


def _looked_for(trigger: Trigger) -> str:
    if trigger.pattern is None:
        return ""
    measure = trigger.pattern.measure
    return ", ".join((*(f"LOINC {each}" for each in measure.codes), *(f"“{each}”" for each in measure.names)))


def _name(known: Release, line: MasterTarget | Alternative | Ceiling) -> str:
    found = known.ingredients.get(line.ingredient_key)
    return found.name if found else line.ingredient_key


def _amount(amount: Decimal, unit: str) -> str:
    return f"{amount.normalize():,f} {'mcg' if unit == 'ug' else unit.replace('_', ' ')}"


def _wanted(target: MasterTarget | Alternative) -> str:
    text = f"{_amount(target.least, target.unit)} at least, {_amount(target.aim, target.unit)} as the aim"
    return text if target.most is None else f"{text}, {_amount(target.most, target.unit)} at most"


def _cited(known: Release, found: Library, master: Master, evidence: Evidence) -> tuple[Cited, ...]:
    sources = []
    for key in evidence.source_keys:
        source = cited(known, found, key, master.own)
        locator = source["locator"]
        sources.append(
            Cited(
                source_text(source),
                locator,
                locator if locator.startswith("https://") and not source.get("own") else "",
                source["is_verified"],
            )
        )
    return tuple(sources)
