"""A person, products and a shelf, for tests of what is composed of them: real knowledge, demo products."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from uuid import UUID, uuid5

from willowbark.catalog.core.products import NewProduct, ProductInfo, composition_sha256
from willowbark.catalog.core.reading import demo_products
from willowbark.knowledge.core.lab_results import Result
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.masters import Library
from willowbark.protocols.core.people import person_of
from willowbark.protocols.core.situation import Given, Situated, situate
from willowbark.protocols.selectors.library import shipped

ON = date(2026, 11, 22)
SPACE = UUID("7d7cf1e4-8f5c-4b4e-9a28-8d4c0c7f0c11")


@dataclass(frozen=True)
class Entry:
    """An entry of a record as the recognisers read it."""

    text: str
    kind: str = "drug"
    dosage_text: str = ""
    code_system: str = ""
    code: str = ""

    @property
    def id(self) -> UUID:
        return uuid5(SPACE, f"{self.kind}/{self.text}")


@dataclass(frozen=True)
class Chart:
    """What holds in a record."""

    taken: tuple[Entry, ...] = ()
    conditions: tuple[Entry, ...] = ()
    allergies: tuple[Entry, ...] = ()
    results: tuple[Result, ...] = ()
    sex: str = "female"


@cache
def known() -> Release:
    return release()


@cache
def library() -> Library:
    return shipped()


def info_of(product: NewProduct) -> ProductInfo:
    fields = {name: getattr(product, name) for name in NewProduct.__dataclass_fields__}
    return ProductInfo(
        **fields,
        id=uuid5(SPACE, product.key),
        version=1,
        composition_sha256=composition_sha256(product),
        is_active=True,
    )


@cache
def products() -> tuple[ProductInfo, ...]:
    return tuple(map(info_of, demo_products()))


@dataclass(frozen=True)
class Case:
    """One situation; `shelf` containers of each product."""

    chart: Chart = field(default_factory=Chart)
    masters: tuple[str, ...] = ("thyroid_support",)
    choices: Choices = field(default_factory=Choices)
    age_years: int | None = 50
    jurisdiction: str = "US"
    shelf: int = 100
    deceased: bool = False

    def given(self, offered: tuple[ProductInfo, ...] | None = None) -> Given:
        listed = products() if offered is None else offered
        return Given(
            person=person_of(
                known(), self.chart, jurisdiction=self.jurisdiction, age_years=self.age_years, on=ON
            ),
            products=listed,
            stock={each.id: self.shelf for each in listed},
            release=known(),
            masters=tuple(library().master(key) for key in self.masters),
            choices=self.choices,
            current={},
            on=ON,
            deceased=self.deceased,
        )

    def situated(self) -> Situated:
        return situate(self.given())
