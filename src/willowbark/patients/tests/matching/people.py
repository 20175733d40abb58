"""Arbitrary people for property tests: drawn from few values, so that agreement is common."""

from __future__ import annotations

from hypothesis import strategies as st

from willowbark.patients.core.matching import Frequencies, Person, Scorer, default_parameters

GIVEN = [
    "",
    "Anna",
    "Hanna",
    "Anne",
    "William",
    "Bill",
    "J",
    "James",
    "Smith",
    "Mary Ann",
    "Baby Girl",
    "Øyvind",
]
FAMILY = [
    "",
    "Smith",
    "Smyth",
    "Smith-Jones",
    "O'Brien",
    "Obrien",
    "Nguyen",
    "Anna",
    "Featherstonehaugh",
    "Lee Jr",
]
DATES = [
    "",
    "1961",
    "1961-07",
    "1961-07-14",
    "1961-14-07",
    "1961-07-15",
    "1991-07-14",
    "1961-08-14",
    "2001-02-03",
]
LINES = ["", "12 Acacia Street", "Acacia St", "acaciastreet", "The Willows", "7 Elm Road"]
SSN = ["", "321549876", "321549867", "777001234"]

persons = st.builds(
    Person,
    key=st.just(""),
    given=st.sampled_from(GIVEN) | st.text(max_size=6),
    family=st.sampled_from(FAMILY) | st.text(max_size=6),
    birth_date=st.sampled_from(DATES),
    sex=st.sampled_from(["", "male", "female", "other"]),
    house_number=st.sampled_from(["", "12", "7"]),
    lines=st.tuples(st.sampled_from(LINES), st.sampled_from(LINES)),
    city=st.sampled_from(["", "Glenwood", "Glenwod", "Ashfield"]),
    postal_code=st.sampled_from(["", "2211", "2212", "3000", "02211"]),
    state=st.sampled_from(["", "NSW", "VIC"]),
    phones=st.sampled_from([(), ("02 9555 1234",), ("+61 2 9555 1234", "0400 111 222"), ("0400 333 444",)]),
    emails=st.sampled_from([(), ("a@example.org",), ("B@example.org", "A@EXAMPLE.org")]),
    identifiers=st.builds(
        lambda ssn, mrn: {"national": (ssn,), "mrn": (mrn,)},
        st.sampled_from(SSN),
        st.sampled_from(["", "A1001", "A1002"]),
    ),
)


def scorer(rows: int = 5000, **counts: dict[str, int]) -> Scorer:
    """A scorer for a population of `rows`, in which values are as common as `counts` says."""
    return Scorer(default_parameters(), Frequencies(rows, counts))
