"""The demo's practice: two sites, nine people, three of whom have a panel, every role. All are invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .events import AddSite, AddStaff, AssignRole, Event, Occasion, OpenPractice, SetWorkingHours
from .ids import IdMaker

NAME = "Willow Creek Integrative Medicine (demo)"
JURISDICTION = "US"
TIME_ZONE = "America/Denver"
ZONE = ZoneInfo(TIME_ZONE)
OWNER = "marguerite"
SENIOR = "henrik"
DISPENSER = "ines"

RIVERSIDE, HILLSIDE = "riverside", "hillside"
SITE_NAMES = {RIVERSIDE: "Riverside", HILLSIDE: "Hillside"}
SITE_ADDRESSES = {RIVERSIDE: "14 Alder Walk, Willow Creek", HILLSIDE: "208 Quarry Road, Upper Larkfield"}

# Days after the first site opened.
HILLSIDE_OPENS = 130

WEEKDAYS = {"Mon": 0, "Tue": 1, "Wed": 2, "Thu": 3, "Fri": 4, "Sat": 5, "Sun": 6}


@dataclass(frozen=True, slots=True)
class Shift:
    """When someone works at a site on a weekday (0 is Monday), in the site's own time."""

    site: str
    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Person:
    """
    Someone who works here.

    `joins` counts days after the practice opened. A role is held everywhere when `site` is ''. `share` says
    how many patients a practitioner takes compared with the others; 0 for who has no panel.
    """

    key: str
    name: str
    title: str
    role: str
    reach: str
    site: str
    joins: int
    shifts: tuple[Shift, ...]
    share: float = 0

    @property
    def email(self) -> str:
        """An address in a domain that is reserved for examples."""
        return f"{self.key}@willowcreek.example"


def _week(site: str, days: str, *hours: str) -> tuple[Shift, ...]:
    return tuple(
        Shift(site, WEEKDAYS[day], *(time.fromisoformat(end) for end in span.split("-")))
        for day in days.split()
        for span in hours
    )


_FULL_DAY = ("08:30-12:30", "13:15-17:00")

STAFF = (
    Person(
        OWNER,
        "Marguerite Oyelaran",
        "Owner",
        "owner",
        "organisation",
        "",
        0,
        _week(RIVERSIDE, "Mon Tue Wed Thu Fri", "09:00-16:00"),
    ),
    Person(
        SENIOR,
        "Henrik Solvang, MD",
        "Senior practitioner",
        "senior_practitioner",
        "organisation",
        "",
        0,
        (*_week(RIVERSIDE, "Mon Tue Wed", *_FULL_DAY), *_week(HILLSIDE, "Thu", *_FULL_DAY)),
        share=0.8,
    ),
    Person(
        "amara",
        "Amara Nwosu-Leclerc, ND",
        "Naturopathic doctor",
        "practitioner",
        "care",
        RIVERSIDE,
        0,
        _week(RIVERSIDE, "Mon Tue Wed Thu", *_FULL_DAY),
        share=1.0,
    ),
    Person(
        "tomasz",
        "Tomasz Wieczorkowski, DO",
        "Osteopathic physician",
        "practitioner",
        "care",
        HILLSIDE,
        HILLSIDE_OPENS,
        _week(HILLSIDE, "Mon Tue Wed Fri", *_FULL_DAY),
        share=1.2,
    ),
    Person(
        "priya",
        "Priya Raghunandan",
        "Health coach",
        "health_coach",
        "care",
        RIVERSIDE,
        20,
        _week(RIVERSIDE, "Mon Tue Wed Thu", *_FULL_DAY),
    ),
    Person(
        "jonah",
        "Jonah Feldkirch",
        "Health coach",
        "health_coach",
        "care",
        HILLSIDE,
        HILLSIDE_OPENS,
        _week(HILLSIDE, "Tue Wed Fri", *_FULL_DAY),
    ),
    Person(
        "dana",
        "Dana Whitcombe",
        "Front desk",
        "front_desk",
        "site",
        RIVERSIDE,
        0,
        _week(RIVERSIDE, "Mon Tue Wed Thu Fri", "08:00-16:30"),
    ),
    Person(
        "kofi",
        "Kofi Asante-Brandt",
        "Front desk",
        "front_desk",
        "site",
        HILLSIDE,
        HILLSIDE_OPENS,
        _week(HILLSIDE, "Mon Tue Wed Thu Fri", "08:00-16:30"),
    ),
    Person(
        DISPENSER,
        "Inês Carvalhais",
        "Dispensary lead",
        "dispensary",
        "organisation",
        "",
        10,
        (*_week(RIVERSIDE, "Mon Wed Fri", "09:00-15:00"), *_week(HILLSIDE, "Tue Thu", "09:00-15:00")),
    ),
)
BY_KEY = {person.key: person for person in STAFF}
PRACTITIONERS = tuple(person for person in STAFF if person.share)
FRONT_DESKS = {person.site: person for person in STAFF if person.role == "front_desk"}
COACHES = {person.site: person for person in STAFF if person.role == "health_coach"}


def local(day: date, at: time) -> datetime:
    """That time of day where the practice is, in UTC."""
    return datetime.combine(day, at, tzinfo=ZONE).astimezone(UTC)


def opening(seed: str, opened_on: date) -> Iterator[Occasion]:
    """Open the practice, its second site, and bring its people in as they join; in time order."""
    maker = IdMaker(f"{seed}/practice")
    found = [
        *_first_day(maker, opened_on),
        *_hillside(maker, opened_on),
        *(
            occasion
            for person in STAFF
            if person.key != OWNER
            for occasion in _joining(maker, person, opened_on)
        ),
    ]
    yield from sorted(found, key=lambda occasion: (occasion.at, occasion.id))


def _by_owner(maker: IdMaker, at: datetime, *events: Event) -> Occasion:
    return Occasion(id=maker.next(at), at=at, by=OWNER, patient_id=None, events=events)


def _first_day(maker: IdMaker, opened_on: date) -> Iterator[Occasion]:
    at = local(opened_on, time(7, 30))
    owner = BY_KEY[OWNER]
    opens = OpenPractice(
        id=maker.next(at),
        at=at,
        name=NAME,
        jurisdiction=JURISDICTION,
        time_zone=TIME_ZONE,
        site=RIVERSIDE,
        site_name=SITE_NAMES[RIVERSIDE],
        owner=OWNER,
        owner_name=owner.name,
        owner_email=owner.email,
    )
    yield _by_owner(maker, at, opens)
    yield _by_owner(
        maker, at + timedelta(minutes=1), *_hours(maker, owner, at + timedelta(minutes=1), [RIVERSIDE])
    )


def _hillside(maker: IdMaker, opened_on: date) -> Iterator[Occasion]:
    at = local(opened_on + timedelta(days=HILLSIDE_OPENS), time(7, 30))
    adds = AddSite(
        id=maker.next(at),
        at=at,
        site=HILLSIDE,
        name=SITE_NAMES[HILLSIDE],
        time_zone=TIME_ZONE,
        address=SITE_ADDRESSES[HILLSIDE],
    )
    yield _by_owner(maker, at, adds)
    at += timedelta(minutes=20)
    for person in STAFF:
        if person.joins < HILLSIDE_OPENS and any(shift.site == HILLSIDE for shift in person.shifts):
            yield _by_owner(maker, at, *_hours(maker, person, at, [HILLSIDE]))


def _joining(maker: IdMaker, person: Person, opened_on: date) -> Iterator[Occasion]:
    at = local(opened_on + timedelta(days=person.joins), time(7, 40))
    yield _by_owner(
        maker,
        at,
        AddStaff(
            id=maker.next(at),
            at=at,
            staff=person.key,
            name=person.name,
            email=person.email,
            title=person.title,
        ),
        AssignRole(
            id=maker.next(at),
            at=at,
            staff=person.key,
            role=person.role,
            reach=person.reach,
            site=person.site,
        ),
        *_hours(maker, person, at, [RIVERSIDE, HILLSIDE] if person.joins >= HILLSIDE_OPENS else [RIVERSIDE]),
    )


def _hours(maker: IdMaker, person: Person, at: datetime, sites: list[str]) -> Iterator[Event]:
    for site in sites:
        hours = tuple((s.weekday, s.starts, s.ends) for s in person.shifts if s.site == site)
        if hours:
            yield SetWorkingHours(id=maker.next(at), at=at, staff=person.key, site=site, hours=hours)
