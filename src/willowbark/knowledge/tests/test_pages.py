"""The pages and the call of the knowledge: an ingredient with its facts, and a list that is checked."""

from __future__ import annotations

import html
import json
import re

from django.urls import reverse

from willowbark.practice.testing import signed_in

LIST, CHECK = "knowledge:ingredients", "knowledge:check"


def said(answer, status=200):
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def test_an_ingredient_is_found_by_name_synonym_or_form(practice):
    browser = signed_in(practice.coach)

    def found(words):
        return re.findall(
            r'class="table__link" href="[^"]*">([^<]*)<', said(browser.get(reverse(LIST), {"q": words}))
        )

    assert found("turmeric") == ["Curcumin"]
    assert "Magnesium" in found("bisglycinate")
    assert found("<script>") == []
    assert len(found("")) > 300


def test_an_ingredient_says_what_is_known_who_says_so_and_when_that_was_reviewed(practice):
    page = said(signed_in(practice.coach).get(reverse("knowledge:ingredient", args=["biotin"])))

    assert "before a test of Troponin" in page
    assert "FDA" in page
    assert "Not verified" in page
    assert "/why/fact" in page
    own = said(signed_in(practice.coach).get(reverse("knowledge:ingredient", args=["5_htp"])))
    assert "Do not take 5-HTP with monoamine oxidase inhibitors" in own
    run_low = said(signed_in(practice.coach).get(reverse("knowledge:ingredient", args=["vitamin_b12"])))
    assert "Vitamin B12 may run low with biguanides" in run_low
    assert (
        signed_in(practice.coach).get(reverse("knowledge:ingredient", args=["phlogiston"])).status_code == 404
    )


def test_a_list_is_checked_and_what_was_not_is_said(practice):
    browser = signed_in(practice.coach)
    answer = browser.post(
        reverse(CHECK),
        {
            "drugs": "Warfarin 5 MG\r\n\r\nZzyzxomab",
            "supplements": "Ginkgo",
            "conditions": "pregnancy",
            "age": "34",
        },
    )
    page = said(answer)

    assert "Ginkgo + Warfarin 5 MG" in page
    assert "Do not take together" in page
    assert "Not checked: Zzyzxomab" in page
    assert page.index("Ginkgo + Warfarin 5 MG") < page.index("Read as")


def test_what_cannot_be_checked_is_said_and_keeps_what_was_typed(practice):
    browser = signed_in(practice.coach)

    assert "Name at least one" in said(browser.post(reverse(CHECK), {}), 422)
    kept = said(browser.post(reverse(CHECK), {"drugs": "Warfarin", "age": "-4"}), 422)
    assert "whole years" in kept
    assert "Warfarin" in kept


def test_the_call_answers_as_the_command_does(practice):
    browser = signed_in(practice.coach)
    answer = browser.post(
        reverse("api-0.1.0:knowledge_check"),
        json.dumps({"drugs": ["SSRIs"], "supplements": ["5-HTP"], "lab_tests": ["5-HIAA"]}),
        content_type="application/json",
    )
    content = json.loads(said(answer))

    assert content["not_checked"] == []
    assert [one["severity"] for one in content["findings"]][:2] == ["major", "major"]
    assert {"SSRIs", "5-HTP"} in [set(one["between"]) for one in content["findings"]]
    refused = browser.post(reverse("api-0.1.0:knowledge_check"), "{}", content_type="application/json")
    assert json.loads(refused.content)["code"] == "nothing_asked"
