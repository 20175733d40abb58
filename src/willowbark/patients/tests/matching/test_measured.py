"""What linkage achieves: on files made by others, and on invented ones that no number was fitted to."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace

import pytest

from willowbark.foundation.testing import shared_data
from willowbark.patients.core.matching import Person, link
from willowbark.patients.tests.matching.invented import OTHER_TWINS, World
from willowbark.patients.tests.matching.measuring import febrl, measure

SECONDS = 10


@pytest.mark.parametrize(
    ("number", "with_identifier", "true_pairs", "found", "questions_a_row"),
    [
        (1, True, 500, 0.99, 0.11),
        (2, True, 1934, 0.99, 0.06),
        (1, False, 500, 0.98, 0.2),
        (2, False, 1934, 0.98, 0.11),
    ],
    ids=["FEBRL 1", "FEBRL 2", "FEBRL 1 without numbers", "FEBRL 2 without numbers"],
)
def test_febrl(number, with_identifier, true_pairs, found, questions_a_row):
    people, truth = febrl(number, with_identifier=with_identifier)
    started = time.process_time()

    result = link(people)

    seconds = time.process_time() - started
    measured = measure(result, truth)
    assert measured.true_pairs == true_pairs
    assert measured.sure_precision == 1.0
    assert measured.found_recall >= found
    assert measured.sure_recall >= (0.7 if with_identifier else 0.5)
    assert result.questions <= questions_a_row * len(people)
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("with_identifier", "originals", "duplicates", "most", "errors", "found"),
    [
        (True, 600, 900, 5, 6, 0.99),
        (False, 600, 900, 5, 6, 0.97),
        (True, 600, 900, 5, 10, 0.97),
        (False, 600, 900, 5, 10, 0.92),
        (True, 1000, 1000, 1, 5, 0.99),
        (False, 1000, 1000, 1, 5, 0.98),
        (True, 1500, 15, 1, 3, 0.9),
    ],
)
@pytest.mark.parametrize("seed", [101])
def test_invented_registers(seed, with_identifier, originals, duplicates, most, errors, found):
    world = World(seed, errors=errors, with_identifier=with_identifier)
    made = world.register(originals=originals, duplicates=duplicates, most=most)

    measured = measure(link([each.person for each in made]), {each.person.key: each.truth for each in made})

    assert measured.sure_precision == 1.0
    assert measured.found_recall >= found


@pytest.mark.parametrize("with_identifier", [True, False])
def test_nobody_of_a_household_is_taken_for_another(with_identifier):
    world = World(7, with_identifier=with_identifier)
    people = [each.person for number in range(200) for each in world.household(number)]

    result = link(people)

    assert result.sure == ()
    # The model knows that they live together: most of the pairs of a household are not worth a question.
    assert result.questions <= 4 * 200


@pytest.mark.parametrize("with_identifier", [True, False])
def test_nobody_of_a_household_is_taken_for_another_among_duplicates(with_identifier):
    """Every member of a household has a spoiled second row; sure pairs must still never join two of them."""
    world = World(8, errors=3, with_identifier=with_identifier)
    made = [each for number in range(200) for each in world.household(number, twins=OTHER_TWINS)]
    rows = [each.person for each in made] + [
        world.spoil(each.person, f"{each.person.key}-2") for each in made
    ]
    truth = {row.key: row.key.removesuffix("-2") for row in rows}

    measured = measure(link(rows), truth)

    assert measured.sure_precision == 1.0
    assert measured.sure_recall >= (0.5 if with_identifier else 0.3)
    assert measured.found_recall >= 0.95


def synthea() -> list[Person]:
    people = []
    for path in sorted((shared_data() / "fhir" / "synthea_r4").glob("*.gz")):
        with gzip.open(path) as file:
            entries = json.load(file)["entry"]
        for patient in (entry["resource"] for entry in entries):
            if patient["resourceType"] != "Patient":
                continue
            (name, *_), (address, *_) = patient["name"], patient["address"]
            identifiers: dict[str, tuple[str, ...]] = {}
            for each in patient["identifier"]:
                identifiers[each["system"]] = (*identifiers.get(each["system"], ()), each["value"])
            people.append(
                Person(
                    key=patient["id"],
                    given=" ".join(name["given"]),
                    family=name["family"],
                    birth_date=patient["birthDate"],
                    sex=patient["gender"],
                    lines=tuple(address.get("line", ())),
                    city=address.get("city", ""),
                    postal_code=address.get("postalCode", ""),
                    state=address.get("state", ""),
                    phones=tuple(each["value"] for each in patient["telecom"] if each["system"] == "phone"),
                    identifiers=identifiers,
                )
            )
    return people


def test_synthea_patients_are_all_different_people():
    people = synthea()

    assert len(people) == 169
    for each in (link(people), link([replace(person, identifiers={}) for person in people])):
        assert (each.sure, each.review) == ((), ())
