from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import RequestFactory

from willowbark.foundation import navigation, panels
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach
from willowbark.foundation.navigation import Area
from willowbark.foundation.panels import Panel

PATIENT = UUID(int=7)


def actor(*permissions: str) -> Actor:
    grants = (Grant("someone", frozenset(permissions), Reach.ORGANISATION, None),)
    return Actor(uuid4(), None, "Ann", ActorKind.PERSON, grants, "web", uuid4())


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(navigation, "_areas", {})
    monkeypatch.setattr(navigation, "_patient_pages", {})


def render(request, who, patient_id) -> str:
    return f"{who.name} {patient_id}"


def panel(key, *permissions, slot="chart", order=0, how=render) -> Panel:
    made = Panel(slot, key, key.title(), order, permissions, how)
    panels.register(made)
    return made


def shown(slot, who) -> list[str]:
    request = RequestFactory().get("/")
    return [each.key for each in panels.rendered(slot, request, who, PATIENT)]


def test_a_page_shows_each_business_where_it_asked_to_stand():
    for key, order in (("late", 9), ("b", 1), ("a", 1)):
        panel(key, "record.read", order=order)

    assert shown("chart", actor("record.read")) == ["a", "b", "late"]
    assert shown("day", actor("record.read")) == []


def test_a_panel_is_drawn_with_who_looks_and_at_whom():
    panel("vitals", "record.read")
    (drawn,) = panels.rendered("chart", RequestFactory().get("/"), actor("record.read"), PATIENT)

    assert (drawn.key, drawn.title, drawn.html) == ("vitals", "Vitals", f"Ann {PATIENT}")


def test_whoever_may_not_see_a_panel_does_not_even_have_it_drawn():
    def forbidden(request, who, patient_id) -> str:
        raise AssertionError("it was drawn")

    panel("secret", "audit.read", how=forbidden)
    panel("nobodys", how=forbidden)

    assert shown("chart", actor("record.read")) == []


def test_registering_twice_is_harmless_and_a_second_panel_of_one_name_is_named():
    panel("vitals", "record.read")
    panel("vitals", "record.read")
    panel("vitals", "record.read", slot="day")
    with pytest.raises(ValueError, match="vitals"):
        panel("vitals", "record.read", how=lambda *_: "another")

    assert shown("chart", actor("record.read")) == ["vitals"]


def test_the_navigation_shows_what_one_may_open_in_order():
    for key, order, permission in (
        ("stock", 5, "stock.read"),
        ("day", 0, "practice.read"),
        ("list", 5, "patients.read"),
    ):
        navigation.offer(Area(key, key.title(), f"{key}:home", key, order, (permission,)))

    assert [area.key for area in navigation.areas(actor("practice.read", "stock.read"))] == ["day", "stock"]
    assert navigation.areas(actor()) == []


def test_a_chart_leads_to_the_pages_that_somebody_may_open_in_order():
    for key, order, permission in (
        ("late", 9, "record.read"),
        ("b", 1, "record.read"),
        ("a", 1, "tasks.read"),
    ):
        navigation.offer_of_patient(
            navigation.PatientPage(key, key.title(), f"{key}:page", "note", order, (permission,))
        )

    assert [page.key for page in navigation.patient_pages({"record.read"})] == ["b", "late"]
    assert [page.key for page in navigation.patient_pages({"record.read", "tasks.read"})] == [
        "a",
        "b",
        "late",
    ]
    assert navigation.patient_pages(frozenset()) == []
