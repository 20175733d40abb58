"""What a file would do to the catalog, line by line, before anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from willowbark.catalog.core.products import Contained, NewProduct

# In this order on the page.
KINDS: Final = ("price", "new", "unreadable", "unmatched", "same")
WILL_CHANGE: Final = ("price", "new")


@dataclass(frozen=True, slots=True)
class Prices:
    """What one container costs the patient and the practice, in cents of `currency`."""

    price_cents: int
    cost_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """
    What becomes of one row.

    `kind`: 'price' changes from `before` to `after`; 'new' adds `product`; 'same' changes nothing;
    'unmatched' is of no product that the catalog knows, 'unreadable' cannot be read: `reason` says why.
    """

    row: int
    kind: str
    name: str
    reason: str = ""
    key: str = ""
    before: Prices | None = None
    after: Prices | None = None
    product: NewProduct | None = None

    def as_json(self) -> dict[str, Any]:
        """The line as it is kept."""
        return asdict(self) | {"product": None if self.product is None else _product_json(self.product)}


def line_of(said: Mapping[str, Any]) -> Line:
    """A line as it was kept."""
    prices = {name: Prices(**said[name]) if said[name] else None for name in ("before", "after")}
    return Line(**{**said, **prices, "product": _product_of(said["product"])})


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines of each kind there are, in the order of the page."""
    found = Counter(line.kind for line in lines)
    return {kind: found[kind] for kind in KINDS}


def in_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What will change first, then what needs a look, each by its row."""
    return tuple(sorted(lines, key=lambda line: (KINDS.index(line.kind), line.row)))


def _product_json(product: NewProduct) -> dict[str, Any]:
    said = asdict(product)
    said["ingredients"] = [{**one, "amount": str(one["amount"])} for one in said["ingredients"]]
    return said


def _product_of(said: Mapping[str, Any] | None) -> NewProduct | None:
    if said is None:
        return None
    lists = {name: tuple(said[name]) for name in ("moments", "allergens", "diets")}
    contained = tuple(Contained(**{**one, "amount": Decimal(one["amount"])}) for one in said["ingredients"])
    return NewProduct(**{**said, **lists, "ingredients": contained})
