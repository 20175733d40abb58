"""Why a product is in a plan, or is not: the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from willowbark.protocols.core.problem import Level


class Code(StrEnum):
    """A reason that a program can tell apart."""

    SERVES = "serves"  # it gives what a target wants
    LOCKED = "locked"  # the practitioner settled how it is taken
    INCLUDED = "included"  # the practitioner asked for it
    AT_LABEL = "at_label"  # as many units as its label allows
    AT_LIMIT = "at_limit"  # one more unit would pass a limit
    AT_MOST = "at_most"  # one more unit would pass the most of a target
    AT_STOCK = "at_stock"  # one more unit would need more than there is on the shelf
    MOVED = "moved"  # not at a moment, because of a rule
    APART = "apart"  # kept apart from something else in the plan
    CAUTION = "caution"  # a caution applies
    NEEDED = "needed"  # without it, something comes out worse
    PREFERRED = "preferred"  # another plan would be as good; the order of products decides
    BANNED = "banned"  # a rule forbids it
    EXCLUDED = "excluded"  # the practitioner left it out
    NO_MOMENT = "no_moment"  # rules or choices leave no moment for it
    OVER_LIMIT = "over_limit"  # already one unit passes a limit
    OVER_MOST = "over_most"  # already one unit passes the most of a target
    NOT_IN_STOCK = "not_in_stock"  # there is not enough on the shelf for one unit a day
    NO_ROOM = "no_room"  # a bound of the day leaves room for nothing
    CLASHES = "clashes"  # it cannot be taken together with what is demanded
    WORSE = "worse"  # with it, something comes out worse
    NOT_COMPARED = "not_compared"  # what another plan would cost was not worked out


@dataclass(frozen=True, slots=True)
class Difference:
    """What a level would come to more; less than 0: less."""

    key: Level
    more: int


@dataclass(frozen=True, slots=True)
class Reason:
    """
    Why a product is in the plan or is not.

    `codes` for programs, `sentences` for people; `because` are keys of facts behind them and `rules` keys of
    the rules and demands that were met. `difference` is how the first levels that would change do so if it
    were otherwise, left out when chosen, taken when refused: in their order, the first of them for the worse.
    """

    codes: tuple[Code, ...]
    sentences: tuple[str, ...]
    rules: tuple[str, ...]
    because: tuple[str, ...]
    difference: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Reasons by product: all of the plan's, and those others that hold something a target wants."""

    chosen: Mapping[str, Reason]
    refused: Mapping[str, Reason]


@dataclass(slots=True)
class Gathered:
    """Reasons of one product while they are gathered; nothing is said twice."""

    codes: list[Code] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    difference: Mapping[Level, int] = field(default_factory=dict)

    def say(
        self, code: Code, sentence: str, *, rules: tuple[str, ...] = (), because: tuple[str, ...] = ()
    ) -> None:
        """Add a reason."""
        self.codes.append(code)
        self.sentences.append(sentence)
        self.rules += rules
        self.because += because

    def reason(self) -> Reason:
        """Return all that was said."""
        return Reason(
            codes=tuple(dict.fromkeys(self.codes)),
            sentences=tuple(dict.fromkeys(self.sentences)),
            rules=tuple(dict.fromkeys(self.rules)),
            because=tuple(dict.fromkeys(self.because)),
            difference=tuple(Difference(key, more) for key, more in self.difference.items() if more),
        )
