"""What is on the two shelves: the catalog, the first stock, a delivery every two weeks, and what runs low."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from willowbark.catalog.core.reading import demo_products

from .dice import Dice
from .events import Event, LoadCatalog, Occasion, ReceiveStock
from .ids import IdMaker
from .practice import DISPENSER, OWNER, local

# Days before the script ends.
BEGINS = 120
DELIVERY_EVERY = 14
# A site with more patients has more delivered.
PATIENTS_OF_USUAL_DELIVERY = 150
LAST_DELIVERY = 8
# How long after a delivery its lots keep, in days.
KEEPS = (240, 720)
# A lot of each of these expires soon: somebody has to look at it.
EXPIRES_SOON = ("probiotic_daily", "fish_oil_liquid", "milk_thistle_150")
SOON_DAYS = (12, 50)
# Of these nothing new has come for long; of the last one there is none at all.
RUNS_LOW = {"thyroid_cofactors": 3, "zinc_picolinate_15": 2, "evening_calm": 4, "selenium_100": 2}
OUT_OF_STOCK = ("ginkgo_120",)
_MAKERS = ("AQ", "BW", "CT", "FM", "HL", "NV")


def catalog(seed: str, today: date) -> Occasion:
    """The owner brings the catalog in."""
    maker = IdMaker(f"{seed}/catalog")
    at = local(today - timedelta(days=BEGINS), time(9, 0))
    event = LoadCatalog(id=maker.next(at), at=at)
    return Occasion(id=maker.next(at), at=at, by=OWNER, patient_id=None, events=(event,))


def stock(seed: str, site: str, today: date, patients: int) -> Iterator[Occasion]:
    """The dispensary puts the deliveries for a site with so many patients on its shelf, in time order."""
    dice = Dice(f"{seed}/shelf/{site}")
    maker = IdMaker(f"{seed}/shelf/{site}")
    products = [product.key for product in demo_products()]
    for number, day in enumerate(_delivery_days(today)):
        at = local(day, time(10, 0))
        wanted = products if number == 0 else dice.some(products, len(products) // 3)
        yield _delivery(
            maker, dice, site, at, sorted(wanted), is_first=number == 0, today=today, patients=patients
        )


def _delivery_days(today: date) -> Iterator[date]:
    day = today - timedelta(days=BEGINS - 1)
    while day <= today - timedelta(days=LAST_DELIVERY):
        yield day
        day += timedelta(days=DELIVERY_EVERY)


def _delivery(
    maker: IdMaker,
    dice: Dice,
    site: str,
    at: datetime,
    products: list[str],
    *,
    is_first: bool,
    today: date,
    patients: int,
) -> Occasion:
    events: list[Event] = []
    for key in products:
        for containers, expires_on in _lots(dice, key, at, is_first=is_first, today=today, patients=patients):
            when = at + timedelta(seconds=40 * len(events))
            number = f"{dice.pick(_MAKERS)}{dice.between(20, 26)}-{dice.between(1000, 9999)}"
            events.append(
                ReceiveStock(
                    id=maker.next(when),
                    at=when,
                    site=site,
                    product=key,
                    lot_number=number,
                    expires_on=expires_on,
                    containers=containers,
                )
            )
    return Occasion(id=maker.next(at), at=at, by=DISPENSER, patient_id=None, events=tuple(events))


def _lots(
    dice: Dice, key: str, at: datetime, *, is_first: bool, today: date, patients: int
) -> Iterator[tuple[int, date]]:
    """Containers and day of expiry of each lot of a product in one delivery."""
    expires_on = at.date() + timedelta(days=dice.between(*KEEPS))
    if key in OUT_OF_STOCK:
        return
    if key in RUNS_LOW:
        if is_first:
            yield RUNS_LOW[key], expires_on
        return
    usual = dice.between(24, 60) if is_first else dice.between(6, 18)
    yield max(usual, usual * patients // PATIENTS_OF_USUAL_DELIVERY), expires_on
    if is_first and key in EXPIRES_SOON:
        yield dice.between(2, 5), today + timedelta(days=dice.between(*SOON_DAYS))
