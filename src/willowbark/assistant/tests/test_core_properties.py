"""What holds for every patient, however long or strange their record."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.assistant.core import allergies, changes, programme, results, tasks, unknowns
from willowbark.assistant.core.brief import MOST_WORDS, brief_of
from willowbark.assistant.core.fitting import Brief
from willowbark.assistant.core.lines import Group, Line, Section, Tier, count_words
from willowbark.assistant.core.news import Since
from willowbark.assistant.core.situation import Situation

from .known import ZONE, situations

every_situation = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def all_lines(known: Situation) -> list[Line]:
    since = Since(known.visit, ZONE)
    return [
        *allergies.lines_of(known),
        *changes.lines_of(known, since),
        *programme.lines_of(known, since),
        *results.lines_of(known.courses, since, known.now),
        *tasks.lines_of(known),
        *unknowns.lines_of(known),
    ]


def kept(brief: Brief) -> list[Line]:
    return [line for part in brief.parts for line in part.lines]


def read_aloud(brief: Brief) -> str:
    """Everything that the page says of it."""
    said = []
    for part in brief.parts:
        said.append(part.title)
        for line in part.lines:
            date = "3 May 2014" if line.at else ""
            flag = line.flag.replace("_", " ") if line.flag not in ("", "normal") else ""
            said += [line.lead, line.detail, date, flag]
        said += [more.text for more in part.remainders]
    return " ".join(said)


@every_situation
@given(situations)
def test_it_is_read_in_ninety_seconds(known):
    brief = brief_of(known, ZONE)

    assert count_words(read_aloud(brief)) == brief.words <= MOST_WORDS == 300


@every_situation
@given(situations)
def test_every_line_and_every_remainder_has_a_source_of_this_patient(known):
    brief = brief_of(known, ZONE)

    for line in kept(brief):
        assert line.source.kind
        assert line.source.id or line.source == known.chart
        assert line.lead.strip()
    for part in brief.parts:
        for more in part.remainders:
            assert more.source.kind
            assert more.source.patient_id == known.chart.patient_id


@every_situation
@given(situations)
def test_what_changed_stands_before_the_programme_and_that_before_the_rest(known):
    order = [part.section for part in brief_of(known, ZONE).parts]

    assert order == [section for section in Section if section in order]
    assert list(Section)[:2] == [Section.ALLERGIES, Section.CHANGED]


@every_situation
@given(situations)
def test_the_same_facts_make_the_same_brief(known):
    assert brief_of(known, ZONE) == brief_of(known, ZONE)


@every_situation
@given(situations, st.integers(200, 300))
def test_nothing_is_dropped_before_what_matters_less(known, most_words):
    everything = all_lines(known)
    shown = kept(brief_of(known, ZONE, most_words=most_words))
    left = list(everything)
    for line in shown:
        left.remove(line)

    assert max((line.tier for line in shown), default=Tier.VITAL) <= min(
        (line.tier for line in left), default=Tier.NORMAL
    )


@every_situation
@given(situations)
def test_no_allergy_and_nothing_critical_is_dropped_for_what_is_normal(known):
    brief = brief_of(known, ZONE)
    dropped = {more.group for part in brief.parts for more in part.remainders}
    critical = [line for line in all_lines(known) if line.flag.startswith("critical")]

    assert all(line.tier is Tier.VITAL for line in critical)
    if Group.ALLERGY in dropped or any(line not in kept(brief) for line in critical):
        assert all(line.tier is Tier.VITAL for line in kept(brief))


@every_situation
@given(situations)
def test_what_is_left_out_is_counted(known):
    brief = brief_of(known, ZONE)
    left_out = sum(more.number for part in brief.parts for more in part.remainders)

    assert len(kept(brief)) + left_out == len(all_lines(known))
