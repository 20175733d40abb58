"""Breaking the glass: why somebody may, what it never opens, how long it may last, and what a review says."""

from __future__ import annotations

from datetime import timedelta

from willowbark.kernel.errors import Invalid

REASONS = {
    "emergency": "Emergency",
    "covering": "Covering for a colleague",
    "present": "The patient is here and needs care",
    "safety": "A question of safety",
    "other": "Another reason",
}
VERDICTS = {"justified": "Justified", "not_justified": "Not justified"}
# Access for hours is for care. What changes who somebody is or who cares for them, and what carries a record
# away, stays closed: a few hours must not become for good. `willow_reaches` says the same.
NEVER_OPENED = frozenset(
    {
        "patients.write",
        "patients.match",
        "patients.review_break_glass",
        "patients.export_one",
        "practice.export",
        "record.import",
        "audit.read",
    }
)
SHORTEST_WORDS, LONGEST_WORDS = 10, 500
FEWEST_HOURS, USUAL_HOURS, MOST_HOURS = 1, 4, 24
REVIEW_WITHIN = timedelta(days=3)
SHORTEST_IDENTIFIER = 4


def checked_words(words: str, *, field: str) -> str:
    """
    Return what a person said in their own words, trimmed.

    Raises:
        Invalid: shorter than 10 characters, longer than 500, or with a NUL character.
    """
    said = words.strip()
    if len(said) < SHORTEST_WORDS:
        raise Invalid("Say it in a sentence: others will read it.", field=field)
    if len(said) > LONGEST_WORDS or "\0" in said:
        raise Invalid(f"At most {LONGEST_WORDS} characters, none of them NUL.", field=field)
    return said


def checked_hours(hours: int) -> int:
    """
    Return for how many hours access is given.

    Raises:
        Invalid: fewer than 1 hour or more than 24.
    """
    if not FEWEST_HOURS <= hours <= MOST_HOURS:
        raise Invalid(f"Between {FEWEST_HOURS} and {MOST_HOURS} hours.", field="hours")
    return hours
