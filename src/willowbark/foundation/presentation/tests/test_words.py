from __future__ import annotations

import pytest

from willowbark.foundation.presentation import words


def test_code_systems_have_the_names_people_know():
    assert words.code_system_text("http://loinc.org") == "LOINC"
    assert words.code_system_text("https://example.org/codes/local/") == "local"
    assert words.code_system_text("") == ""


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("active", "info"),
        ("completed", "good"),
        ("Entered-In-Error", "bad"),
        ("on-hold", "warn"),
        ("odd", ""),
    ],
)
def test_statuses_have_tones_and_every_tone_an_icon(status, tone):
    assert words.status_tone(status) == tone
    assert words.tone_icon(tone)


def test_ordinary_statuses_say_nothing_new():
    assert not words.is_telling("completed")
    assert not words.is_telling("")
    assert words.is_telling("stopped")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Chronic sinusitis (disorder)", "Chronic sinusitis"),
        ("Iron (substance) test (procedure)", "Iron (substance) test"),
        ("Vitamin D (25-OH)", "Vitamin D (25-OH)"),
        ("", ""),
    ],
)
def test_semantic_tags_are_not_part_of_a_name(text, name):
    assert words.plain_name(text) == name


def test_codes_read_as_phrases():
    assert words.phrase("in-progress") == "In progress"
    assert words.phrase("kept_beside") == "Kept beside"
    assert words.kind_text("condition") == "Problem"
    assert words.kind_text("family-history") == "Family history"
