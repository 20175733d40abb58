"""Whether two accounts under one key may be of one person."""

from __future__ import annotations

from datetime import date

import pytest

from willowbark.patients.core.continuity import Known, may_be_same

BORN, OTHER_DAY = date(1980, 5, 17), date(1981, 6, 18)
AMY = Known("Shaw", "Amy V.", BORN, frozenset({("mrn", "1")}))


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (AMY, True),
        (Known("Baxter", "Amy", BORN), True),
        (Known("SHAW", "amy", OTHER_DAY), True),
        (Known("Shåw", "Zoe", OTHER_DAY), True),
        (Known("Nguyen", "Bao", OTHER_DAY, frozenset({("mrn", "1")})), True),
        (Known("Nguyen", "Bao", None), True),
        (Known("Nguyen", "Bao", OTHER_DAY), False),
        (Known("Nguyen", "V.", OTHER_DAY, frozenset({("mrn", "2")})), False),
        (Known("Nguyen", "Bao", BORN), True),
    ],
)
def test_anything_in_common_is_enough_and_nothing_is_not(now, same):
    assert may_be_same(AMY, now) == same
    assert may_be_same(now, AMY) == same
