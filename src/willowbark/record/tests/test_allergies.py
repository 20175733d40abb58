"""What a user loses when these fail: calm where there is no allergy, alarm where there is one."""

from __future__ import annotations

import pytest

from willowbark.record.core.allergies import states_none_known

SNOMED = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("system", "code", "none_known"),
    [
        (SNOMED, "716186003", True),
        (SNOMED, "409137002", True),
        (SNOMED, "300913006", False),
        ("http://example.org", "716186003", False),
        ("", "", False),
    ],
    ids=["no known allergy", "no known drug allergy", "shellfish", "another system's code", "uncoded"],
)
def test_only_a_coded_statement_that_none_is_known_stands_without_alarm(system, code, none_known):
    assert states_none_known(system, code) is none_known
