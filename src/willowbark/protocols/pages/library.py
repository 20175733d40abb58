"""The library as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from willowbark.foundation.authorisation import Actor
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.described import cited
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
from willowbark.protocols.core.wording import source_text
from willowbark.protocols.pages.rules import Cited
from willowbark.protocols.selectors.library import library, masters

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
class LibraryPage:
    """Every Master Protocol, by title."""

    id: str
    masters: tuple[Master, ...]


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
class MasterPage:
    """One Master Protocol."""

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


def library_page(actor: Actor) -> LibraryPage:
    """
    The library.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    return LibraryPage(library(actor).id, tuple(masters(actor)))


def master_page(actor: Actor, key: str) -> MasterPage:
    """
    One Master Protocol.

    Raises:
        Forbidden: the actor reads no protocols.
        UnknownMaster: there is none of that key.
    """
    found = library(actor)
    return page_of(found.master(key), found)


def page_of(master: Master, found: Library) -> MasterPage:
    """The lines of a Master Protocol in words; `found` has the documents that they cite."""
    known = release()
    phases = {each.key: each.title for each in master.phases}
    targets = {each.key: each for each in master.targets}

    def line(name: str, badge: str, wanted: str, why: str, evidence: Evidence, *only: str) -> LineOfMaster:
        within = ", ".join(phases.get(each, each) for each in only)
        return LineOfMaster(
            name, _BADGES.get(badge, ""), wanted, within, why, evidence.grade, _cited(known, found, evidence)
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


def _cited(known: Release, found: Library, evidence: Evidence) -> tuple[Cited, ...]:
    sources = []
    for key in evidence.source_keys:
        source = cited(known, found, key)
        locator = source["locator"]
        sources.append(
            Cited(
                source_text(source),
                locator,
                locator if locator.startswith("https://") else "",
                source["is_verified"],
            )
        )
    return tuple(sources)
