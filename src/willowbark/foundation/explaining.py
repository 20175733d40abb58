"""
Why: from a line, an alert or a figure to the facts, the rule and the sources behind it.

Whatever can be asked about has a reference, `kind:key`. The business that knows a kind registers a
resolver for it in its `apps.py`; it reads as the actor, so what is not theirs to see is not explained
either. An explanation is plain data: the page, the command and a machine all show the same.

A key alone, without its kind, is asked of every kind that takes it, in order of their names.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Forbidden, NotFound

LONGEST_REFERENCE = 300
DEEPEST = 4
_KIND = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One thing that an explanation stands on, in a sentence.

    Attributes:
        url: the thing itself, '' when it has no page.
        why: the reference of its own explanation, '' when it has none.
    """

    text: str
    url: str = ""
    why: str = ""

    @property
    def why_url(self) -> str:
        """Where its own explanation stands, '' when it has none."""
        return why_url(self.why) if self.why else ""


@dataclass(frozen=True, slots=True)
class Cited:
    """
    A source, as it is cited. `locator` is a PMID, a DOI, an address or a place in a document.

    `is_verified` is False when nobody has seen that record or document with their own eyes.
    """

    title: str
    locator: str
    is_verified: bool

    @property
    def url(self) -> str:
        """Where the source can be read, '' when the locator is no address on the web."""
        return self.locator if self.locator.startswith("https://") else ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    Why something is as it is.

    Attributes:
        title: what is explained ("Magnesium, 2 capsules at dinner").
        figure_text: the figure with its unit, '' when it is none.
        facts: what it stands on, the most important first.
        rule_text: the rule that made the figure out of the facts, in words; '' when there is none.
        sources: who says so.
        children: explanations of its parts, where they belong on the same page.
        url: the page of the thing itself, '' when it has none.
        reference: what was asked; filled in by `explain`.
    """

    title: str
    figure_text: str = ""
    facts: tuple[Fact, ...] = ()
    rule_text: str = ""
    sources: tuple[Cited, ...] = ()
    children: tuple[Explanation, ...] = ()
    url: str = ""
    reference: str = ""

    @property
    def why_url(self) -> str:
        """Where this explanation stands by itself, '' when it is a part of another."""
        return why_url(self.reference) if self.reference else ""


Resolver = Callable[[Actor, str], Explanation | None]
_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """
    Have `resolver(actor, key)` explain what `kind:key` refers to.

    It reads as the actor, through selectors that log what they read. None, `NotFound` and `Forbidden` all
    mean: nothing that this actor can be told. A key that it cannot read is not its own: None.

    Raises:
        ValueError: the kind is no short name, or another resolver has it.
    """
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is not a short name of small letters")
    if _resolvers.setdefault(kind, resolver) is not resolver:
        raise ValueError(f"{kind} is explained by another already")


def kinds() -> tuple[str, ...]:
    """What can be explained, by name."""
    return tuple(sorted(_resolvers))


def reference(kind: str, *keys: object) -> str:
    """The reference of a thing: `reference("line", patient_id, line_id)` is `line:PATIENT/LINE`."""
    return f"{kind}:{'/'.join(str(key) for key in keys)}"


def why_url(of: str) -> str:
    """The address of an explanation."""
    return reverse("foundation:why", args=[of])


def explain(actor: Actor, asked: str) -> Explanation:
    """
    The explanation of `kind:key`, or of a key alone, as this actor may have it; logged.

    Raises:
        NotFound: there is no such thing, nobody explains it, or it is not the actor's to see.
    """
    asked = asked.strip()
    if not asked or len(asked) > LONGEST_REFERENCE or not asked.isprintable():
        raise NotFound("not a reference")
    for kind, key in _candidates(asked):
        found = _resolved(actor, kind, key)
        if found is not None:
            access.record_list(actor, "why", subject=f"{kind}:{key}")
            return _named(found, f"{kind}:{key}")
    raise NotFound("nothing to explain")


def _candidates(asked: str) -> Sequence[tuple[str, str]]:
    kind, colon, key = asked.partition(":")
    if colon and kind in _resolvers:
        return [(kind, key)]
    # A key may hold a colon of its own.
    return [(kind, asked) for kind in kinds()]


def _resolved(actor: Actor, kind: str, key: str) -> Explanation | None:
    try:
        return _resolvers[kind](actor, key)
    except (Forbidden, NotFound):
        # To this actor it is not there; what every kind refuses is answered, and logged, as absent.
        return None


def _named(explanation: Explanation, of: str) -> Explanation:
    return dataclasses.replace(explanation, reference=of)


def as_plain(explanation: Explanation, *, depth: int = DEEPEST) -> dict[str, Any]:
    """An explanation as JSON has it; parts of parts down to `depth`."""
    return {
        "reference": explanation.reference,
        "title": explanation.title,
        "figure": explanation.figure_text,
        "facts": [{"text": fact.text, "url": fact.url, "why": fact.why} for fact in explanation.facts],
        "rule": explanation.rule_text,
        "sources": [
            {"title": each.title, "locator": each.locator, "is_verified": each.is_verified}
            for each in explanation.sources
        ],
        "parts": [as_plain(part, depth=depth - 1) for part in explanation.children] if depth else [],
        "url": explanation.url,
    }
