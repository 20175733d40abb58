"""The upper limits of the United States are those of the summary tables of the Dietary Reference Intakes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from willowbark.knowledge.selectors import release

AGES_YEARS = [Decimal(age) for age in ("0.3", "0.7", "2", "6", "11", "16", "30", "60")]

# A day at 0-6 and 7-12 months, 1-3, 4-8, 9-13, 14-18, 19-50 and 51-70 years; "-" where none could be set.
# Vitamin A is preformed; folate is folic acid, 1 ug of which is 1.7 ug DFE; copper is in ug here.
TABLE = """
vitamin_a 600 600 600 900 1700 2800 3000 3000
vitamin_c - - 400 650 1200 1800 2000 2000
vitamin_d 25 38 63 75 100 100 100 100
vitamin_e - - 200 300 600 800 1000 1000
niacin - - 10 15 20 30 35 35
vitamin_b6 - - 30 40 60 80 100 100
folate - - 300 400 600 800 1000 1000
choline - - 1000 1000 2000 3000 3500 3500
boron - - 3 6 11 17 20 20
calcium 1000 1500 2500 2500 3000 3000 2500 2000
copper - - 1000 3000 5000 8000 10000 10000
fluoride 0.7 0.9 1.3 2.2 10 10 10 10
iodine - - 200 300 600 900 1100 1100
iron 40 40 40 40 40 45 45 45
magnesium - - 65 110 350 350 350 350
manganese - - 2 3 6 9 11 11
molybdenum - - 300 600 1100 1700 2000 2000
nickel - - 0.2 0.3 0.6 1.0 1.0 1.0
phosphorus - - 3000 3000 4000 4000 4000 4000
selenium 45 60 90 150 280 400 400 400
vanadium - - - - - - 1.8 1.8
zinc 4 5 7 12 23 34 40 40
"""
IN_OUR_UNIT = {"folate": Decimal("1.7"), "copper": Decimal("0.001")}


@pytest.mark.parametrize("line", TABLE.strip().split("\n"), ids=lambda line: line.split()[0])
def test_a_limit_is_that_of_the_published_table(line):
    key, *published = line.split()
    for age, most in zip(AGES_YEARS, published, strict=True):
        held = [
            one
            for one in release().limits_of(key)
            if one.jurisdiction == "US"
            and one.ingredient_key == key
            and not one.states
            and not one.together
            and one.from_age_years <= age
            and (one.to_age_years is None or age < one.to_age_years)
        ]
        expected = set() if most == "-" else {Decimal(most) * IN_OUR_UNIT.get(key, 1)}
        if key == "vitamin_e" and expected:  # half of the racemic form is active, and counts apart
            expected |= {Decimal(most) / 2}

        assert {one.most for one in held} == expected, age
        assert all(release().is_verified(one) for one in held)
