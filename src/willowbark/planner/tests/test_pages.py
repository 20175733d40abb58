"""The planner's pages: an answer for every place of the controls, saved once, compared, printed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import explain
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import Effort
from willowbark.kernel.errors import Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.planner import selectors, services
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import usual
from willowbark.planner.models import SavedScenario
from willowbark.planner.pages.sliders import GROUPS, controls, moved, places
from willowbark.practice.testing import signed_in

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOME = "/planner"


@pytest.fixture(autouse=True)
def _clock():
    with clock.at(NOW):
        yield


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def scenario(**changed):
    return usual().with_values({path.replace("__", "."): value for path, value in changed.items()})


def save(practice, name="Ours", key=None, **changed):
    with acting_as(practice.owner) as actor:
        return services.save_scenario(
            actor=actor, name=name, scenario=scenario(**changed), own={}, request_key=key or uuid7()
        )


def sent(**changed):
    """Every control where it stands on the first page, but for what was changed."""
    at = controls(usual(), {})
    said = {slider.name: slider.value for _, sliders in at.groups for slider in sliders}
    said |= {one.name: one.value for one in at.typed}
    said |= {one.name: "1" for one in at.switches if one.is_on}
    said |= {"switches": "1", "hire.burnout_reported": ""}
    return {**said, **{name.replace("__", "."): value for name, value in changed.items()}}


def figures_of(client, said):
    """Where the figures of the page lead, those of the simulated weeks too."""
    page = client.get(HOME, said).content + client.get(f"{HOME}/growth", said).content
    return {unescape(one) for one in re.findall(r'href="(/planner/figures/[^"]+)"', page.decode())}


def test_a_figure_opens_as_the_controls_stand(practice):
    client = signed_in(practice.owner)
    said = {"practice.active_patients": "480", "hire.wait_list_days": "75"}
    [url] = [one for one in figures_of(client, said) if "/signal_capacity" in one]
    page = text_of(client.get(url))
    assert "480 patients are 49.9% of the target of 962" in page
    assert "Active patients: 480 patients (as the scenario says)" in page
    assert client.get(f"{HOME}/figures/nothing").status_code == 404
    assert signed_in(practice.practitioner).get(url).status_code == 404


def test_what_is_sent_again_puts_the_controls_back():
    said = sent(practice__active_patients="640", hire__wait_list_days="75", growth__to_patients="900")
    said["hire.burnout_reported"] = "false"
    del said["prerequisites.ai_composition"]
    found = moved(usual(), said)
    assert moved(usual(), places(usual(), found)) == found
    assert places(usual(), usual()) == {}


def test_controls_that_were_not_moved_leave_every_range_as_it_is():
    assert moved(usual(), sent()) == usual()


def test_a_slider_that_was_moved_is_a_single_value():
    found = moved(usual(), sent(practice__practitioners="2.5"))
    assert found.range("practice.practitioners") == point(2.5)
    assert found.given == {"practice.practitioners"}


def test_a_box_that_was_cleared_takes_the_prerequisite_away():
    said = sent()
    del said["prerequisites.ai_composition"]
    assert not moved(usual(), said).flag("prerequisites.ai_composition")


def test_every_slider_moves_a_figure_that_there_is():
    for _, scales in GROUPS:
        for scale in scales:
            found = moved(usual(), sent(**{scale.path: f"{scale.high:g}"}))
            assert found.range(scale.path) == point(scale.high)


def test_the_page_answers_with_figures_and_pictures(practice):
    page = signed_in(practice.owner).get(HOME)
    said = text_of(page)
    assert page.status_code == 200
    # 1,000 patients are more than 3 to 4 practitioners are meant to have, in the middle of that range.
    assert "Hire: late." in said
    assert "5.1 to 6.5 FTE" in said
    assert page.content.count(b"<figure") >= 5


def test_the_answer_alone_follows_a_slider(practice):
    client = signed_in(practice.owner)
    said = sent(practice__active_patients="700", practice__practitioners="3", hire__wait_list_days="70")
    said |= {
        "hire.overtime_hours_per_week": "1",
        "hire.burnout_reported": "false",
        "hire.target_panel": "270",
    }
    answer = client.get(HOME, said, headers={"HX-Request": "true", "HX-Target": "planner-answer"})
    assert b"<html" not in answer.content
    assert "Hire: due." in text_of(answer)


def test_what_cannot_be_is_said_and_answered_as_before(practice):
    answer = signed_in(practice.owner).get(HOME, sent(hire__wait_list_days="-3"))
    assert answer.status_code == 422
    assert "hire.wait_list_days is from 0 to 3,650 days, not -3" in text_of(answer)


def test_a_scenario_is_saved_once_and_opens_as_it_was(practice):
    client, key = signed_in(practice.owner), str(uuid7())
    said = sent(practice__active_patients="640") | {"name": "Next year", "request_key": key}
    first, again = client.post(f"{HOME}/save", said), client.post(f"{HOME}/save", said)
    assert first["Location"] == again["Location"] == f"{HOME}?scenario={key}"
    with acting_as(practice.owner) as actor:
        assert [one.name for one in selectors.saved_scenarios(actor)] == ["Next year"]
        _, found = selectors.saved_scenario(actor, SavedScenario.objects.get().pk)
    assert found.whole("practice.active_patients") == 640
    assert found.range("practice.practitioners") == Range(3, 4)
    assert 'value="640"' in client.get(first["Location"]).content.decode()


def test_a_key_that_saved_another_scenario_saves_nothing(practice):
    key = save(practice)
    with pytest.raises(RequestKeyReused):
        save(practice, name="Another", key=key)
    with acting_as(practice.owner):
        assert SavedScenario.objects.get().name == "Ours"


@pytest.mark.parametrize("name", ["", "  ", "x" * 121], ids=["none", "blanks", "long"])
def test_without_a_name_nothing_is_saved(practice, name):
    with pytest.raises(Invalid, match="Give it a name"):
        save(practice, name=name)
    answer = signed_in(practice.owner).post(
        f"{HOME}/save", sent() | {"name": name, "request_key": str(uuid7())}
    )
    assert answer.status_code == 422
    assert "Give it a name" in text_of(answer)
    with acting_as(practice.owner):
        assert not SavedScenario.objects.exists()


def test_what_is_put_away_is_no_longer_listed_but_still_opens(practice):
    one = save(practice)
    client = signed_in(practice.owner)
    assert client.post(f"{HOME}/scenarios/{one}/put-away")["Location"] == HOME
    with acting_as(practice.owner) as actor:
        assert selectors.saved_scenarios(actor) == ()
        assert selectors.saved_scenario(actor, one)[0].name == "Ours"


def test_putting_away_what_is_not_there(practice):
    with acting_as(practice.owner) as actor, pytest.raises(NotFound):
        services.put_away_scenario(actor=actor, scenario_id=uuid7())


def test_two_scenarios_stand_side_by_side(practice):
    here = save(practice, practice__active_patients=point(700))
    there = save(practice, name="Bigger <b>", practice__active_patients=point(1100))
    page = signed_in(practice.owner).get(f"{HOME}/compare?with={here}&with={there}")
    assert "Bigger &lt;b&gt;" in page.content.decode()
    assert "700 patients (as the scenario says)" in text_of(page)
    assert "Differs" in text_of(page)


def test_the_newest_two_are_one_click_away(practice):
    client = signed_in(practice.owner)
    first = save(practice)
    assert "Compare the newest two" not in text_of(client.get(HOME))
    second = save(practice, name="Later")
    assert f"/planner/compare?with={first}&amp;with={second}" in client.get(HOME).content.decode()


@pytest.mark.parametrize("many", [0, 3])
def test_none_and_three_cannot_be_compared(practice, many):
    asked = "&".join(f"with={save(practice)}" for _ in range(many))
    assert signed_in(practice.owner).get(f"{HOME}/compare?{asked}").status_code == 422


def test_the_paper_is_a_pdf_whatever_a_name_says(practice):
    one = save(practice, name='#panic("x") $ [', practice__active_patients=point(700))
    paper = signed_in(practice.owner).get(f"{HOME}/paper?with={one}")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")


def test_the_practices_own_figures_say_how_they_were_found(practice):
    patient = make_patient(practice)
    put_into_care(practice, patient.pk, practice.practitioner)
    make_patient(practice)
    with acting_as(practice.owner) as actor:
        found = {one.path: one for one in selectors.own_figures(actor)}
    assert found["practice.active_patients"].value == 1
    assert found["practice.practitioners"].value == 4
    assert "no week written down, counted as full time" in found["practice.practitioners"].found
    assert found["scale.sites"].value == 2
    assert found["capacity.admin_hours_per_patient_quarter"].value is None
    assert found["hire.wait_list_days"].value is None


def test_measured_time_is_taken_once_it_covers_four_weeks(practice):
    patient = make_patient(practice)
    put_into_care(practice, patient.pk, practice.practitioner)
    began = NOW - timedelta(days=45.65625)
    with acting_as(practice.practitioner) as actor:
        Effort.objects.create(
            id=uuid7(),
            user_id=actor.user_id,
            task_kind="chart",
            started_at=began,
            last_at=began + timedelta(hours=2),
            active_seconds=3600,
        )
    with acting_as(practice.owner) as actor:
        found = {one.path: one for one in selectors.own_figures(actor)}
    # An hour in half a quarter, for one patient: two hours a quarter.
    assert found["capacity.admin_hours_per_patient_quarter"].value == pytest.approx(2, abs=0.001)


def test_one_click_takes_them_onto_the_page(practice):
    put_into_care(practice, make_patient(practice).pk, practice.practitioner)
    said = text_of(signed_in(practice.owner).get(HOME, {"own": "1"}))
    assert "1 patients in the record who are in somebody's care" in said.replace("&#x27;", "'")
    assert "Where the practice's own figures come from" in said


def test_a_figure_and_an_input_open_to_what_is_behind_them(practice):
    one = save(practice, practice__active_patients=point(700))
    with acting_as(practice.owner) as actor:
        figure = explain(actor, f"plan_figure:{one}/people_needed")
        usually = explain(actor, "plan_figure:usual/panel")
        given = explain(actor, "plan_input:hire.due_at")
        for absent in ("plan_figure:usual/nothing", "plan_figure:x/panel", "plan_input:hire.nothing"):
            with pytest.raises(NotFound):
                explain(actor, absent)
    assert "Active patients: 700 patients (as the scenario says)" in [fact.text for fact in figure.facts]
    assert usually.figure_text == "262.5 to 350"
    assert given.rule_text == '"Current practitioners at 85-90% of their target patient capacity"'
    assert given.sources[0].is_verified


def test_who_does_not_lead_sees_no_plan(practice):
    with acting_as(practice.owner) as actor:
        kept = services.save_scenario(actor=actor, name="Ours", scenario=usual(), own={}, request_key=uuid7())
    with acting_as(practice.practitioner) as actor:
        for read in (selectors.saved_scenarios, selectors.own_figures):
            with pytest.raises(Forbidden):
                read(actor)
        with pytest.raises(Forbidden):
            services.put_away_scenario(actor=actor, scenario_id=kept)
        # The database refuses as well.
        assert not SavedScenario.objects.exists()
    assert signed_in(practice.practitioner).get(HOME).status_code == 404


def test_growth_is_drawn_as_fans_with_what_breaks_who_is_hired_and_what_is_asked_about(practice):
    asked = sent(**{"growth.to_patients": "1300", "growth.months": "12"})
    del asked["prerequisites.integrated_platform"]
    response = signed_in(practice.owner).get(f"{HOME}/growth", asked)
    page = text_of(response)
    assert response.status_code == 200
    assert "Growth, simulated 200 times" in page
    assert "Nine in ten" in page
    assert "Inventory breaks, around week" in page
    assert "Recruit a practitioner, around week" in page
    assert "1,300 patients by week 52 are reached in" in page
    assert response.content.decode().count('class="fan-outer" d=') == 2 * (1 + 7 + 3)


def test_growth_that_cannot_be_simulated_is_said(practice):
    response = signed_in(practice.owner).get(f"{HOME}/growth", sent(practice__active_patients="-1"))
    assert response.status_code == 422
