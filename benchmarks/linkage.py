"""
Linkage of files: what is found, how often it is right, what a person is left to decide, and how long it
takes.

    python benchmarks/linkage.py                 FEBRL files beside the checkout, and invented registers
    python benchmarks/linkage.py --measure       how often each level of agreement is seen in FEBRL 1 and 2

`--measure` prints the numbers behind `patients/data/matching.json`: for pairs that are truly one person, and
for pairs picked at random. Bounds: nothing that is called sure is wrong; of the true pairs of FEBRL at least
99 % are sure or for a person to look at; 5,000 rows take at most 10 seconds of one core.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from practice import digest, machine

from willowbark.patients.core.matching import (
    Person,
    Profile,
    Scorer,
    default_parameters,
    frequencies_of,
    link,
    profile_of,
)
from willowbark.patients.tests.matching.invented import World
from willowbark.patients.tests.matching.measuring import febrl, measure

RANDOM_PAIRS = 100_000
SECONDS_FOR_5000 = 10.0


def main() -> None:
    if "--measure" in sys.argv[1:]:
        print(json.dumps(levels_seen(), indent=1))
        return
    held = [run(name, *made, found) for name, made, found in registers()]
    sys.exit(0 if all(held) else 1)


def registers() -> Iterable[tuple[str, tuple[list[Person], dict[str, str]], float]]:
    """Each register: its name, its people with the truth, and the share of true pairs that must be found."""
    for with_identifier, found in ((True, 0.99), (False, 0.98)):
        without = "" if with_identifier else ", no identifiers"
        for number in (1, 2):
            yield f"FEBRL {number}{without}", febrl(number, with_identifier=with_identifier), found
        for originals, duplicates, most, errors, least in (
            (2000, 3000, 5, 6, 0.97),
            (2000, 3000, 5, 10, 0.9),
            (5000, 5000, 1, 5, 0.99),
        ):
            world = World(1, errors=errors, with_identifier=with_identifier)
            made = world.register(originals=originals, duplicates=duplicates, most=most)
            name = f"invented, {originals} and {duplicates} duplicates, up to {errors} errors{without}"
            people = [each.person for each in made], {each.person.key: each.truth for each in made}
            yield name, people, least
        world = World(2, with_identifier=with_identifier)
        members = [each for number in range(600) for each in world.household(number)]
        people = [each.person for each in members], {each.person.key: each.truth for each in members}
        yield f"invented households{without}", people, 1.0


def run(name: str, people: list[Person], truth: Mapping[str, str], found: float) -> bool:
    """Link, print what came out, and say whether the bounds held."""
    started = time.process_time()
    result = link(people)
    seconds = time.process_time() - started
    measured = measure(result, truth)
    bound = SECONDS_FOR_5000 * max(len(people) / 5000, 1) ** 2
    print(
        json.dumps(
            {
                "benchmark": "linkage",
                "register": name,
                "input": digest(repr(people)),
                "rows": len(people),
                "true_pairs": measured.true_pairs,
                "sure_precision": round(measured.sure_precision, 4),
                "sure_recall": round(measured.sure_recall, 4),
                "found_recall": round(measured.found_recall, 4),
                "review_pairs": len(result.review),
                "review_pairs_false": measured.false_reviews,
                "decisions": result.questions,
                "decisions_per_row": round(result.questions / len(people), 4),
                "compared": result.compared,
                "cpu_seconds": round(seconds, 2),
                "machine": machine(),
            }
        )
    )
    return measured.sure_precision == 1.0 and measured.found_recall >= found and seconds <= bound


def levels_seen() -> dict[str, object]:
    """For each field, the share of each level among pairs of one person and among random strangers."""
    same: dict[str, Counter[str]] = defaultdict(Counter)
    strangers: dict[str, Counter[str]] = defaultdict(Counter)
    swapped: Counter[str] = Counter()
    for number in (1, 2):
        people, truth = febrl(number)
        profiles = [profile_of(person) for person in people]
        scorer = Scorer(default_parameters(), frequencies_of(profiles))
        rows: dict[str, list[Profile]] = defaultdict(list)
        for profile in profiles:
            rows[truth[profile.key]].append(profile)
        for group in rows.values():
            for one, other in combinations(group, 2):
                score = scorer.score(one, other)
                swapped.update({"pairs": 1, "names": score.names_swapped, "lines": score.lines_swapped})
                for name, weight in score.weights.items():
                    same[name][weight.level] += 1
        for one, other in random_strangers(profiles, truth, random.Random(number)):
            for name, weight in scorer.score(one, other).weights.items():
                strangers[name][weight.level] += 1
    return {
        "swapped": {name: round(swapped[name] / swapped["pairs"], 4) for name in ("names", "lines")},
        "same": {name: shares(counts) for name, counts in sorted(same.items())},
        "stranger": {name: shares(counts) for name, counts in sorted(strangers.items())},
    }


def random_strangers(
    profiles: Sequence[Profile], truth: Mapping[str, str], chance: random.Random
) -> Iterable[tuple[Profile, Profile]]:
    for _ in range(RANDOM_PAIRS):
        one, other = chance.sample(profiles, 2)
        if truth[one.key] != truth[other.key]:
            yield one, other


def shares(counts: Counter[str]) -> dict[str, float]:
    return {level: round(count / counts.total(), 6) for level, count in counts.most_common()}


if __name__ == "__main__":
    main()
