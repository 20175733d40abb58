"""The brief of a patient: what somebody should know who is about to see them, in the order of reading."""

from __future__ import annotations

from datetime import tzinfo

from willowbark.assistant.core import allergies, changes, programme, results, tasks, unknowns
from willowbark.assistant.core.fitting import Brief, fit
from willowbark.assistant.core.lines import DATE_WORDS, Group, Section, Source, count_words
from willowbark.assistant.core.news import Since
from willowbark.assistant.core.situation import Situation, Visit

MOST_WORDS = 300
"""Ninety seconds at 200 words a minute: `data/reading.json` says where that speed comes from."""

LONGEST_PRACTITIONER = 6
"""So many words of a practitioner's name are shown."""

_TITLES = {
    Section.ALLERGIES: "Allergies",
    Section.CHANGED: "Since the last visit",
    Section.PROGRAMME: "Program",
    Section.RESULTS: "Results that matter",
    Section.TASKS: "Open tasks",
    Section.UNKNOWN: "Not known",
}

# Where each group of lines stands in full: the kind of a list of the record, or of another business.
_LISTS = {
    Group.ALLERGY: "allergies",
    Group.VISIT: "visits",
    Group.OUT_OF_RANGE: "labs",
    Group.UNJUDGED: "labs",
    Group.IN_RANGE: "labs",
    Group.MEDICINE: "medications",
    Group.PROBLEM: "problems",
    Group.NOTE: "notes",
    Group.DONE: "timeline",
    Group.PROTOCOL: "protocols",
    Group.TAKEN: "medications",
    Group.TEAM: "team",
    Group.TASK: "tasks",
    Group.GAP: "chart",
}


def brief_of(known: Situation, zone: tzinfo, *, most_words: int = MOST_WORDS) -> Brief:
    """
    The brief of what is known, of at most `most_words` words.

    `zone` is the practice's: a visit's day is one of its calendar. The same facts make the same brief.
    """
    since = Since(known.visit, zone)
    lines = [
        *allergies.lines_of(known),
        *changes.lines_of(known, since),
        *programme.lines_of(known, since),
        *results.lines_of(known.courses, since, known.now),
        *tasks.lines_of(known),
        *unknowns.lines_of(known),
    ]
    lists = {group: Source(kind, known.chart.patient_id) for group, kind in _LISTS.items()}
    titles = _TITLES if known.visit else _TITLES | {Section.CHANGED: "What is on record"}
    return fit(lines, titles=titles, lists=lists, most_words=most_words - _words_of(known.visit))


def _words_of(visit: Visit | None) -> int:
    """The words that say which visit the brief goes back to: they are read too."""
    return DATE_WORDS + min(count_words(visit.practitioner), LONGEST_PRACTITIONER) if visit else 0
