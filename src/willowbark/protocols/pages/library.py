"""The library as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from willowbark.foundation.authorisation import Actor
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.described import cited
from willowbark.protocols.core.masters import Ceiling, Evidence, Library, Master, MasterTarget
from willowbark.protocols.core.wording import source_text
from willowbark.protocols.pages.rules import Cited
from willowbark.protocols.selectors.library import library, masters


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Every Master Protocol, by title."""

    id: str
    masters: tuple[Master, ...]


@dataclass(frozen=True, slots=True)
class LineOfMaster:
    """One line in words, with its evidence."""

    name: str
    layer: str
    wanted: str
    why: str
    grade: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class MasterPage:
    """One Master Protocol."""

    master: Master
    targets: tuple[LineOfMaster, ...]
    ceilings: tuple[LineOfMaster, ...]
    advice: tuple[LineOfMaster, ...]
    monitoring: tuple[LineOfMaster, ...]
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
    found, known = library(actor), release()
    master = found.master(key)

    def line(name: str, layer: str, wanted: str, why: str, evidence: Evidence) -> LineOfMaster:
        return LineOfMaster(name, layer, wanted, why, evidence.grade, _cited(known, found, evidence))

    return MasterPage(
        master=master,
        targets=tuple(
            line(_name(known, each), str(each.layer), _wanted(each), each.why, each.evidence)
            for each in master.targets
        ),
        ceilings=tuple(
            line(_name(known, each), "", f"at most {_amount(each.most, each.unit)}", each.why, each.evidence)
            for each in master.ceilings
        ),
        advice=tuple(line(each.text, each.kind, "", each.why, each.evidence) for each in master.advice),
        monitoring=tuple(
            line(each.text, "", f"after {each.after_days} days", each.next_action, each.evidence)
            for each in master.monitoring
        ),
        stop_rules=tuple(line(each.text, "", "", each.why, each.evidence) for each in master.stop_rules),
    )


def _name(known: Release, line: MasterTarget | Ceiling) -> str:
    found = known.ingredients.get(line.ingredient_key)
    return found.name if found else line.ingredient_key


def _amount(amount: Decimal, unit: str) -> str:
    return f"{amount.normalize():,f} {'mcg' if unit == 'ug' else unit.replace('_', ' ')}"


def _wanted(target: MasterTarget) -> str:
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
