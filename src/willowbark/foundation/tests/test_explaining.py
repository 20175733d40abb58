from __future__ import annotations

from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation import access, explaining
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach, require
from willowbark.foundation.explaining import Cited, Explanation, Fact
from willowbark.kernel.errors import Conflict, Forbidden, NotFound


def actor(*permissions: str) -> Actor:
    grants = (Grant("someone", frozenset(permissions), Reach.ORGANISATION, None),)
    return Actor(uuid4(), None, "Ann", ActorKind.PERSON, grants, "web", uuid4())


def of_stock(who, key):
    require(who, "inventory.read")
    return Explanation("3 bottles", facts=(Fact("Received 3"),)) if key == "7" else None


def of_lines(who, key):
    if key != "12/34":
        raise NotFound("line")
    return Explanation("Magnesium", children=(Explanation("Upper limit", rule_text="At most 350 mg"),))


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    monkeypatch.setattr(explaining, "_resolvers", {})
    explaining.register("stock", of_stock)
    explaining.register("line", of_lines)


def explained(who, asked) -> Explanation:
    with acting_as(who):
        return explaining.explain(who, asked)


def nothing(who, asked) -> str:
    with pytest.raises(NotFound) as caught:
        explained(who, asked)
    return str(caught.value)


def test_a_reference_leads_to_the_explanation_of_its_kind(db):
    assert explained(actor("inventory.read"), "stock:7").title == "3 bottles"
    assert explained(actor(), " line:12/34 ").reference == "line:12/34"


def test_a_key_alone_is_asked_of_every_kind(db):
    assert explained(actor("inventory.read"), "7").reference == "stock:7"
    assert explained(actor(), "12/34").reference == "line:12/34"


@pytest.mark.parametrize("asked", ["stock:8", "nothing:7", "line:7", "", "  ", "stock:", "7\0", "x" * 301])
def test_absent_and_forbidden_are_the_same_nothing(db, asked):
    absent = nothing(actor("inventory.read"), "stock:8")
    if asked.strip() and asked.isprintable() and len(asked) <= explaining.LONGEST_REFERENCE:
        assert nothing(actor(), "stock:7") == nothing(actor(), asked) == absent
    nothing(actor("inventory.read"), asked)


def test_an_explanation_that_was_given_is_logged_and_one_that_was_not_is_not(db, monkeypatch):
    logged = []
    monkeypatch.setattr(access, "record_list", lambda who, action, subject: logged.append((action, subject)))
    nothing(actor(), "7")
    explained(actor("inventory.read"), "7")

    assert logged == [("why", "stock:7")]


def test_what_is_wrong_in_a_resolver_is_not_taken_for_absent(db):
    def broken(who, key):
        raise Conflict("broken")

    explaining.register("broken", broken)
    with pytest.raises(Conflict):
        explained(actor(), "broken:1")


def test_two_businesses_cannot_explain_the_same_kind():
    explaining.register("line", of_lines)
    with pytest.raises(ValueError, match="already"):
        explaining.register("line", of_stock)
    with pytest.raises(ValueError, match="short name"):
        explaining.register("Line:x", of_lines)


def test_a_refusal_is_the_same_as_what_a_resolver_does_not_know(db):
    def refuses(who, key):
        raise Forbidden("not yours")

    explaining.register("refuses", refuses)
    assert nothing(actor(), "refuses:1") == nothing(actor(), "line:1")


@given(st.text(max_size=400))
def test_whatever_is_asked_is_answered_or_absent(asked):
    explaining._resolvers.clear()
    with pytest.raises(NotFound):
        explaining.explain(actor(), asked)


def test_an_explanation_is_plain_data():
    plain = explaining.as_plain(
        Explanation(
            "Magnesium",
            "400 mg",
            (Fact("In the chart", "/chart", "entry:1"),),
            "At most 350 mg",
            (Cited("Table", "PMID 1", False),),
            (Explanation("Part"),),
            "/line",
            "line:1",
        )
    )
    assert plain["facts"] == [{"text": "In the chart", "url": "/chart", "why": "entry:1"}]
    assert plain["sources"] == [{"title": "Table", "locator": "PMID 1", "is_verified": False}]
    assert plain["parts"][0]["title"] == "Part"
    assert (plain["figure"], plain["rule"], plain["url"]) == ("400 mg", "At most 350 mg", "/line")


def test_parts_that_contain_themselves_deeply_come_to_an_end():
    deep = Explanation("end")
    for _ in range(50):
        deep = Explanation("more", children=(deep,))
    assert str(explaining.as_plain(deep)).count("more") == explaining.DEEPEST + 1


def test_the_page_links_every_fact_and_says_what_nobody_has_seen(db):
    hostile = "<script>alert(1)</script>"
    page = Explanation(
        hostile,
        facts=(Fact(hostile, "/thing", "line:12/34"),),
        sources=(Cited("Seen", "https://doi.org/1", True), Cited("Unseen", "PMID 2", False)),
        children=(Explanation("A part", "3 mg"),),
        reference="line:1",
    )
    html = render_to_string("foundation/why.html", {"page": page}, RequestFactory().get("/"))

    assert "<script>alert" not in html
    assert 'href="/thing"' in html
    assert 'href="/why/line:12/34"' in html
    assert 'href="https://doi.org/1"' in html
    assert html.count("Not verified") == 1
    assert "A part" in html
