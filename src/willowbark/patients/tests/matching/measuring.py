"""Measure a linkage against the truth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from willowbark.foundation.testing import shared_data
from willowbark.patients.core.matching import Link, LinkResult, Person
from willowbark.patients.core.person_file import read_person_file


@dataclass(frozen=True)
class Measured:
    """Of the true pairs, how many were found; of the pairs called sure, how many are true."""

    true_pairs: int
    sure_precision: float
    sure_recall: float
    found_recall: float
    false_reviews: int


def measure(result: LinkResult, truth: Mapping[str, str]) -> Measured:
    """`truth` maps a row's key to whoever it truly is."""
    sizes = Counter(truth.values())
    true_pairs = sum(size * (size - 1) // 2 for size in sizes.values())

    def right(links: tuple[Link, ...]) -> int:
        return sum(truth[each.comparison.one.key] == truth[each.comparison.other.key] for each in links)

    sure, review = right(result.sure), right(result.review)
    return Measured(
        true_pairs=true_pairs,
        sure_precision=sure / len(result.sure) if result.sure else 1.0,
        sure_recall=sure / true_pairs if true_pairs else 1.0,
        found_recall=(sure + review) / true_pairs if true_pairs else 1.0,
        false_reviews=len(result.review) - review,
    )


def febrl(number: int, *, with_identifier: bool = True) -> tuple[list[Person], dict[str, str]]:
    """
    The people of a FEBRL file, and the truth, which is in the id they are given.

    The ids handed on are numbers in another order, so that nothing can be read out of them.
    """
    data = (shared_data() / "linkage" / f"dataset{number}.csv").read_bytes()
    read = read_person_file(data)
    assert not read.rejected
    people, truth = [], {}
    for row, person in enumerate(sorted(read.persons, key=lambda each: each.key[::-1])):
        key = f"{row:06}"
        match = re.match(r"rec-(\d+)-(org|dup-\d+)\Z", person.key)
        assert match
        truth[key] = match[1]
        people.append(replace(person, key=key, identifiers=person.identifiers if with_identifier else {}))
    return people, truth
