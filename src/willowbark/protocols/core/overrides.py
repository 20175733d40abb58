"""
What a signer decided otherwise than the Master Protocols and the composer would have, and how often.

An override is a product that was left out, added or fixed by hand. Bounds of the day and the order of what
comes first are no overrides: they are what the person can take and pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from willowbark.protocols.core.problem import Layer, Problem, Product
from willowbark.protocols.core.review import LEAST_WORDS, MOST_WORDS, NotAcknowledged
from willowbark.protocols.core.wording import moments_text

CHOSEN: Final = "chosen"
LAYERS: Final = (str(Layer.FOUNDATION), str(Layer.TARGETED), CHOSEN)
OTHER: Final = "other"
#: Why something was decided otherwise, by its code.
REASONS: Final[Mapping[str, str]] = {
    "tolerance": "Not tolerated",
    "preference": "The patient's preference",
    "response": "Known response: it worked, or did not",
    "labs": "Labs say otherwise",
    "risk": "A risk that no rule knows",
    "evidence": "Other evidence",
    "cost": "Cost",
    "supply": "Supply",
    OTHER: "Other",
}
# Per cent of the signed protocols: what share with an override is healthy; from how many it says anything.
HEALTHY: Final = (40, 60)
FEWEST_SIGNED: Final = 10


@dataclass(frozen=True, slots=True)
class Override:
    """
    One decision by hand. `kind` is 'left_out', 'added' or 'fixed'.

    `layer` is that of the targets which the product serves, 'chosen' when it serves none; `master_keys` are
    the Master Protocols that it departs from.
    """

    key: str
    kind: str
    product_key: str
    product_name: str
    layer: str
    master_keys: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as the signer says it: a code of `REASONS` and words, '' when none were needed."""

    code: str
    words: str


def overrides_of(problem: Problem, master_keys: Sequence[str]) -> tuple[Override, ...]:
    """Every decision by hand of a problem, by the product's name."""
    products = {each.key: each for each in problem.products}
    found = (
        _override(problem, products[key], kind, text, master_keys)
        for key, kind, text in _decided(problem, products)
    )
    return tuple(sorted(found, key=lambda each: (each.product_name, each.key)))


def _decided(problem: Problem, products: Mapping[str, Product]) -> Iterator[tuple[str, str, str]]:
    choices = problem.choices
    locked: dict[str, list[tuple[str, int]]] = {}
    for lock in choices.locked:
        locked.setdefault(lock.product, [])
        if lock.units:
            locked[lock.product].append((lock.moment, lock.units))
    for key in choices.excluded:
        yield key, "left_out", "left out"
    for key in choices.included:
        if key not in locked:
            yield key, "added", "added"
    for key, taken in locked.items():
        yield key, "fixed", f"fixed at {moments_text(taken, products[key].unit_name)}"


def _override(
    problem: Problem, product: Product, kind: str, text: str, master_keys: Sequence[str]
) -> Override:
    served = [each for each in problem.targets if each.ingredient in product.amounts]
    layers = {str(each.layer) for each in served}
    masters = {each.key.partition(".")[0] for each in served} & set(master_keys)
    return Override(
        key=f"override/{product.key}",
        kind=kind,
        product_key=product.key,
        product_name=product.name,
        layer=next((each for each in LAYERS if each in layers), CHOSEN),
        master_keys=tuple(sorted(masters or set(master_keys))),
        text=f"{product.name}: {text}",
    )


def needs_words(layer: str, code: str) -> bool:
    """Whether a code says too little: of the foundation, which is the same for everybody, and 'other'."""
    return code == OTHER or layer == Layer.FOUNDATION


def check_reasons(overrides: Sequence[Override], said: Mapping[str, Reason]) -> tuple[Reason, ...]:
    """
    The reason of each override, in their order.

    Raises:
        NotAcknowledged: one has no reason, too few words or too many; `field` is its key.
    """
    return tuple(_checked(each, said.get(each.key)) for each in overrides)


def _checked(override: Override, reason: Reason | None) -> Reason:
    if reason is None or reason.code not in REASONS:
        raise NotAcknowledged(f"Say why: {override.text}.", field=override.key)
    words = reason.words.strip()
    if needs_words(override.layer, reason.code) and len(words) < LEAST_WORDS:
        raise NotAcknowledged(f"Say in a few words why: {override.text}.", field=override.key)
    if len(words) > MOST_WORDS:
        raise NotAcknowledged(f"At most {MOST_WORDS} characters: {override.text}.", field=override.key)
    return Reason(reason.code, words)


def judged(signed: int, changed: int) -> str:
    """
    What a share of changed protocols says: 'few' (too few to tell), 'low' (signed as composed, perhaps
    unread), 'healthy', or 'high' (the template drifts from what is done).
    """
    if signed < FEWEST_SIGNED:
        return "few"
    low, high = HEALTHY
    if 100 * changed < low * signed:
        return "low"
    return "high" if 100 * changed > high * signed else "healthy"
