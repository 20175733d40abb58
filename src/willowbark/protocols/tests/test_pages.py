from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.selectors import get_patient
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.day import MOMENT_KEYS
from willowbark.protocols.models import Composition, Draft, SignedProtocol
from willowbark.protocols.selectors.drafts import open_draft_of
from willowbark.protocols.testing import make_composition, make_protocol, sign_composition, words_for
from willowbark.record.testing import make_entry

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def client(me):
    return signed_in(me)


def url(name, *of) -> str:
    return reverse(f"protocols:{name}", args=of)


def read(client, name, *of, status: int = 200, **asked) -> str:
    answer = client.get(url(name, *of), asked)
    assert answer.status_code == status, answer.content.decode()[:800]
    return html.unescape(answer.content.decode())


def draft_of(me, patient):
    with acting_as(me) as actor:
        found = open_draft_of(actor, patient)
    assert found is not None
    return found


def send(client, me, patient, name, /, *, status: int = 200, **said: Any) -> str:
    draft = draft_of(me, patient)
    headers = {"HX-Request": "true", "HX-Target": "composer"}
    answer = client.post(url(name, patient), {"draft": str(draft.id)} | said, headers=headers)
    assert answer.status_code == status, answer.content.decode()[:800]
    return html.unescape(answer.content.decode())


def begin(client, patient) -> str:
    """Begin, as the page does by itself when it is opened."""
    headers = {"HX-Request": "true", "HX-Target": "composer"}
    answer = client.post(url("begin", patient), headers=headers)
    assert answer.status_code == 200, answer.content.decode()[:800]
    return html.unescape(answer.content.decode())


# --- library


def test_the_library_shows_every_master_protocol_and_each_its_evidence(client):
    page = read(client, "library")
    for title in ("Thyroid support", "Metabolic health", "Restorative sleep"):
        assert title in page
    page = read(client, "master", "thyroid_support")
    for words in (
        "Selenium",
        "100 mcg as the aim",
        "Evidence C",
        "Not verified",
        "TSH and free T4",
        "Iodine",
    ):
        assert words in page
    read(client, "master", "panacea", status=404)


# --- composer


def test_the_composer_of_an_empty_record_opens_and_says_what_to_do(me, patient, client):
    page = read(client, "composer", patient)
    assert 'hx-trigger="load, ' in page
    with acting_as(me) as actor:
        assert open_draft_of(actor, patient) is None, "looking opens nothing"
    page = begin(client, patient)
    assert "Choose a Master Protocol" in page
    assert "load, " not in page
    page = read(client, "composer", patient)
    assert "Choose a Master Protocol" in page
    assert 'data-task-kind="protocol_composition"' in page
    assert f'data-patient-id="{patient}"' in page
    assert draft_of(me, patient).opened_by == me.user_id


def test_protocols_that_fit_stand_first_with_why(me, patient, client):
    make_entry(me, patient, "condition", text="Insomnia")
    make_entry(me, patient, "medication", text="Metformin hydrochloride 500 MG Oral Tablet")
    make_entry(me, patient, "condition", text="Prediabetes")
    page = begin(client, patient)
    titles = re.findall(r"<b>(Thyroid support|Metabolic health|Restorative sleep)</b>", page)
    assert titles == ["Metabolic health", "Restorative sleep", "Thyroid support"]
    assert "Insomnia is on the problem list. (Insomnia)" in page


def test_after_a_choice_the_protocols_that_do_not_fit_are_folded_away(me, patient, client):
    make_entry(me, patient, "condition", text="Prediabetes")
    assert " more</summary>" not in begin(client, patient)
    page = send(client, me, patient, "choose", master=["restorative_sleep"])
    at_hand, _, folded = page.partition(" more</summary>")

    assert "<b>Restorative sleep</b>" in at_hand, "it was chosen"
    assert "<b>Metabolic health</b>" in at_hand, "it fits"
    assert "<b>Thyroid support</b>" in folded


def test_choosing_a_protocol_shows_the_plan_with_everything_about_it(me, patient, client):
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    make_entry(me, patient, "medication", text="Foobarium 3 mg")
    make_entry(me, patient, "condition", text="Hypothyroidism")
    begin(client, patient)
    first = send(client, me, patient, "choose", master=["thyroid_support", "metabolic_health"])
    # With so much to choose from, first the plan alone, which asks for the proof and the rest by itself.
    for words in ("Not proven yet", "Foundation", "Selenium", "in stock", url("prove", patient)):
        assert words in first, words
    for words in ("Proven best", "Upper limits, the closest first", "Not in the plan, and why"):
        assert words not in first, words
    page = send(client, me, patient, "prove")

    assert "<html" not in page
    assert url("prove", patient) not in page
    for words in (
        "Proven best",
        "Foundation",
        "Selenium",
        "aim reached",
        "Upper limits, the closest first",
        "Not in the plan, and why",
        "Do not take Vitamin K",
        "Not safe here",
        "Evidence ",
        "Foobarium 3 mg",
        "to consider before signing",
        "After 56 days:",
        "Review and sign",
        "in stock",
    ):
        assert words in page, words


def test_a_dosage_that_is_typed_is_kept_and_can_be_freed(me, patient, client):
    begin(client, patient)
    send(client, me, patient, "choose", master=["restorative_sleep"])
    view = make_composition(me, patient)
    key = next(each.product for each in view.plan.lines)
    units: dict[str, Any] = {f"units_{moment}": 0 for moment in MOMENT_KEYS} | {"units_bedtime": 1}
    page = send(client, me, patient, "decide", do="lock", product=key, **units)
    assert "Fixed" in page
    locked = draft_of(me, patient).choices.locked
    assert {each.moment: each.units for each in locked}["bedtime"] == 1

    assert "Fixed" not in send(client, me, patient, "decide", do="free", product=key)


def test_a_target_by_hand_is_wanted_met_and_removed(me, patient, client):
    begin(client, patient)
    send(client, me, patient, "choose", master=["restorative_sleep"])
    form = read(client, "targets", patient, draft=str(draft_of(me, patient).id))
    assert "Vitamin D, up to 100 mcg" in form

    page = send(client, me, patient, "target", ingredient="vitamin_d", least="10", aim="1,000", unit="iu")
    assert "aim 25 mcg, at least 10 mcg" not in page, "the least is in IU as well"
    assert "aim 25 mcg, at least 0.25 mcg a day" in page
    assert "Vitamin D" in page.partition("Not in the plan")[0]
    page = send(client, me, patient, "target", ingredient="vitamin_d", do="remove")
    assert "aim 25 mcg" not in page
    assert draft_of(me, patient).choices.wanted == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ingredient": "vitamin_d", "aim": "50000", "unit": "iu"}, "more than 100 mcg a day"),
        ({"ingredient": "vitamin_d", "aim": "much", "unit": "iu"}, "in numbers"),
        ({"ingredient": "vitamin_d", "aim": "", "unit": "iu"}, "in numbers"),
        ({"ingredient": "unicorn", "aim": "1", "unit": "mg"}, "Nothing of the catalog"),
    ],
    ids=["too much", "words", "nothing", "unknown"],
)
def test_a_target_that_no_row_allows_changes_nothing(me, patient, client, said, why):
    begin(client, patient)
    before = send(client, me, patient, "choose", master=["restorative_sleep"])
    assert "Targets by hand" in before
    assert why in send(client, me, patient, "target", status=422, **said)
    assert draft_of(me, patient).choices.wanted == ()


def test_products_are_found_added_left_out_and_let_in_again(me, patient, client):
    begin(client, patient)
    send(client, me, patient, "choose", master=["restorative_sleep"])
    options = read(client, "find", patient, q="creatine")
    key = re.search(r'"product": "([a-z0-9_]+)"', options)
    assert key is not None
    assert "Added" in send(client, me, patient, "decide", do="include", product=key[1])
    page = send(client, me, patient, "decide", do="exclude", product=key[1])
    assert "Left out by hand" in page
    assert "Left out by hand" not in send(client, me, patient, "decide", do="free", product=key[1])
    assert "No product of the catalog" in read(client, "find", patient, q="unobtainium")
    assert read(client, "find", patient, q="").strip() == ""


def test_what_cannot_all_hold_is_said_with_what_to_loosen(me, patient, client):
    make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    begin(client, patient)
    send(client, me, patient, "choose", master=["thyroid_support"])
    page = send(client, me, patient, "decide", do="include", product="vitamin_d3_k2")
    assert "These cannot all hold" in page
    assert "was asked for" in page
    assert "Do not take Vitamin K2" in page
    assert "Review and sign" not in page
    assert "These cannot all hold" not in send(
        client, me, patient, "decide", do="free", product="vitamin_d3_k2"
    )


def test_the_day_and_the_person_are_adjusted(me, patient, client):
    entry = make_entry(me, patient, "medication", text="Magnesium 400 mg", kind="supplement")
    drug = make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    begin(client, patient)
    send(client, me, patient, "choose", master=["metabolic_health"])
    send(
        client, me, patient, "adjust", part="day", days=30, most_units=10, most_cost="99.90", in_stock_only=1
    )
    choices = draft_of(me, patient).choices
    assert (choices.days, choices.most_units, choices.most_cost_cents, choices.in_stock_only) == (
        30,
        10,
        9990,
        True,
    )
    send(
        client,
        me,
        patient,
        "adjust",
        part="person",
        state="pregnancy",
        diet="vegan",
        replaced=str(entry),
        **dict[str, Any]({f"moment_{drug}": "bedtime"}),
    )
    choices = draft_of(me, patient).choices
    assert choices.states == ("pregnancy",)
    assert choices.diets == ("vegan",)
    assert choices.replaced == (entry,)
    assert choices.drug_moments == {drug: "bedtime"}
    assert choices.days == 30
    send(client, me, patient, "adjust", part="day", days=30, most_cost="")
    assert draft_of(me, patient).choices.most_cost_cents is None
    assert not draft_of(me, patient).choices.in_stock_only


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("adjust", {"part": "day", "days": "0"}),
        ("adjust", {"part": "day", "days": "many"}),
        ("adjust", {"part": "day", "most_cost": "1.234"}),
        ("adjust", {"part": "day", "most_cost": "NaN"}),
        ("decide", {"do": "lock", "product": "selenium_100", "units_dinner": "-1"}),
        ("decide", {"do": "lock", "product": "selenium_100"}),
        ("decide", {"do": "include", "product": "no_such_product"}),
    ],
)
def test_what_cannot_be_is_said_and_the_plan_stays(me, patient, client, name, said):
    begin(client, patient)
    before = draft_of(me, patient).choices
    page = send(client, me, patient, name, status=422, **said)
    assert "Not changed" in page
    assert draft_of(me, patient).choices == before


@pytest.mark.parametrize(("name", "said"), [("decide", {"do": "dance"}), ("adjust", {"part": "world"})])
def test_an_unknown_decision_is_refused(me, patient, client, name, said):
    begin(client, patient)
    send(client, me, patient, name, status=422, **said)


def test_without_scripts_a_change_leads_back_to_the_composer(me, patient, client):
    begin(client, patient)
    draft = draft_of(me, patient)
    answer = client.post(url("choose", patient), {"draft": str(draft.id), "master": ["restorative_sleep"]})
    assert answer.status_code == 302
    assert answer.headers["Location"] == url("composer", patient)
    assert "Proven best" in read(client, "composer", patient)


def test_what_changed_since_is_said_and_composed_again_by_the_page_itself(me, patient, client):
    make_composition(me, patient)
    assert "Something has changed since" not in read(client, "composer", patient)
    make_entry(me, patient, "medication", text="Foobarium 3 mg")
    with acting_as(me):
        before = Composition.objects.filter(patient=patient).count()
    page = read(client, "composer", patient)
    assert "Something has changed since" in page
    assert 'hx-trigger="load, ' in page
    assert "Proven best" in page
    with acting_as(me):
        assert Composition.objects.filter(patient=patient).count() == before
    page = begin(client, patient)
    assert "Something has changed since" not in page
    assert "Foobarium 3 mg" in page


def test_the_composer_of_a_merged_row_is_elsewhere(practice, me, patient, client):
    other = make_patient(practice).pk
    link(practice, patient, to=other)
    assert client.get(url("composer", patient)).status_code == 409
    assert client.post(url("begin", patient)).status_code == 409


def test_a_draft_that_was_set_aside_is_said_to_be_closed(me, patient, client):
    begin(client, patient)
    draft = draft_of(me, patient)
    answer = client.post(url("set_aside", patient), {"draft": str(draft.id)})
    assert answer.status_code == 302
    answer = client.post(url("choose", patient), {"draft": str(draft.id), "master": ["restorative_sleep"]})
    assert answer.status_code == 409
    with acting_as(me):
        assert Draft.objects.get(patient=patient).state == "abandoned"


def test_markup_in_a_record_is_shown_as_text(me, patient, client):
    for kind in ("medication", "allergy", "condition"):
        make_entry(me, patient, kind, text=HOSTILE)
    begin(client, patient)
    draft = draft_of(me, patient)
    client.post(url("choose", patient), {"draft": str(draft.id), "master": ["restorative_sleep"]})
    view = make_composition(me, patient)
    for name, of in (
        ("composer", (patient,)),
        ("review", (patient, view.id)),
        ("preview", (patient, view.id)),
    ):
        page = client.get(url(name, *of)).content.decode()
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page or name == "preview"


# --- review, preview, signature


def form_of(page: str) -> dict[str, str]:
    fields = re.findall(r'name="(ack:[^"]+|request_key|starts_on)"[^>]*?value="([^"]*)"', page)
    return dict(fields)


def test_review_preview_and_signature_lead_to_the_signed_page(me, patient, client):
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    view = make_composition(me, patient, ["thyroid_support"])
    preview = read(client, "preview", patient, view.id)
    assert "Your plan" in preview
    assert "Stop and call us" in preview
    assert 'data-task-kind="protocol_composition"' in preview
    review = read(client, "review", patient, view.id)
    assert 'data-task-kind="protocol_composition"' in review
    form = form_of(review)
    assert {key for key in form if key.startswith("ack:")} == {f"ack:{key}" for key in words_for(view)}
    form |= {key: "Considered with care" for key in form if key.startswith("ack:")}
    answers = [client.post(url("sign", patient, view.id), form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    page = html.unescape(client.get(answers[0].headers["Location"]).content.decode())

    with acting_as(me):
        (signed,) = SignedProtocol.objects.filter(patient=patient)
    for words in (
        "Protocol 1",
        "In force",
        me.name,
        signed.content_sha256,
        "Considered with care",
        "Facts and sources",
        "End this protocol",
        reverse("dispensary:dispense", args=[patient, signed.pk]),
    ):
        assert words in page, words


def test_a_signature_without_words_says_what_is_missing_and_keeps_what_was_typed(me, patient, client):
    make_entry(me, patient, "medication", text="Foobarium 3 mg")
    view = make_composition(me, patient)
    form = form_of(read(client, "review", patient, view.id))
    first, *others = [key for key in form if key.startswith("ack:")]
    form |= dict.fromkeys(others, "Typed already") | {first: ""}
    answer = client.post(url("sign", patient, view.id), form)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Not signed" in page
    assert "Typed already" in page
    assert form["request_key"] in page


def test_a_stale_composition_is_refused_by_name_on_the_page(me, patient, client):
    view = make_composition(me, patient)
    form = form_of(read(client, "review", patient, view.id))
    form |= {key: "Considered" for key in form if key.startswith("ack:")}
    make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    answer = client.post(url("sign", patient, view.id), form)
    assert answer.status_code == 422
    assert "has changed since this was composed" in html.unescape(answer.content.decode())


def test_a_protocol_is_ended_on_its_page_with_a_reason(me, patient, client):
    made = make_protocol(me, patient)
    assert client.post(url("end", patient, made.id), {"reason": " "}).status_code == 422
    assert client.post(url("end", patient, made.id), {"reason": "Rash"}).status_code == 302
    page = read(client, "protocol", patient, made.id)
    assert "No longer in force" in page
    assert "Rash" in page
    assert "End this protocol" not in page


def test_the_history_shows_every_version(me, patient, client):
    assert "No protocol yet" in read(client, "history", patient)
    make_protocol(me, patient)
    make_protocol(me, patient, ["thyroid_support"])
    page = read(client, "history", patient)
    assert "Protocol 1" in page
    assert "Superseded by protocol 2." in page
    assert "In force" in page


def test_no_page_of_a_protocol_is_without_whose_it_is(practice, me, patient, client):
    make_entry(me, patient, "allergy", text="Soy protein")
    view = make_composition(me, patient)
    preview = read(client, "preview", patient, view.id)
    made = sign_composition(me, view)
    signed, history = read(client, "protocol", patient, made.id), read(client, "history", patient)
    handed = read(signed_in(practice.dispensary), "protocol", patient, made.id)

    with acting_as(me) as actor:
        name = get_patient(actor, patient)
    for page in (preview, signed, history, handed):
        assert f"{name.given} {name.family}" in page
        assert "5 May 1970" in page or "1970-05-05" in page
    for page in (signed, history, handed):
        assert "Soy protein" in page


def test_who_reads_no_allergies_is_told_so_and_not_that_there_are_none(practice, me, patient, monkeypatch):
    made = make_protocol(me, patient)
    monkeypatch.setattr("willowbark.protocols.pages.whose.ALLERGIES", ("record.write",))
    page = read(signed_in(practice.dispensary), "protocol", patient, made.id)

    assert "Allergies are not shown" in page
    assert "No allergies recorded" not in page


def test_the_dispensary_reads_the_signed_page_without_chart_or_composer(practice, me, patient):
    made = make_protocol(me, patient)
    page = read(signed_in(practice.dispensary), "protocol", patient, made.id)
    assert "Dispense" in page
    assert url("composer", patient) not in page
    assert reverse("record:chart", args=[patient]) + '"' not in page
    assert "End this protocol" not in page


# --- elsewhere


def test_the_chart_shows_the_protocol_in_force_and_leads_to_the_composer(practice, me, patient, client):
    chart = reverse("record:chart", args=[patient])
    page = html.unescape(client.get(chart).content.decode())
    assert "No protocol in force." in page
    assert url("composer", patient) in page
    made = make_protocol(me, patient)
    page = html.unescape(client.get(chart).content.decode())
    assert made.lines[0].product_name in page
    assert url("protocol", patient, made.id) in page
    coach = html.unescape(signed_in(practice.coach).get(chart).content.decode())
    assert made.lines[0].product_name in coach
    assert url("composer", patient) not in coach


def test_the_day_sheet_names_drafts_left_open(me, patient, client):
    assert "No draft of yours is open" in html.unescape(client.get("/").content.decode())
    make_composition(me, patient)
    page = html.unescape(client.get("/").content.decode())
    assert "Drafts you left open" in page
    assert url("composer", patient) in page


def test_why_leads_from_a_line_and_a_composition_to_sources(practice, me, patient, client):
    make_entry(me, patient, "medication", text="Levothyroxine Sodium 0.075 MG Oral Tablet")
    made = make_protocol(me, patient, ["thyroid_support"])
    for asked in (
        f"line:{patient}/{made.lines[0].id}",
        str(made.lines[0].id),
        f"protocol:{patient}/{made.id}",
        f"composition:{patient}/{made.composition_id}",
    ):
        answer = client.get(reverse("foundation:why", args=[asked]))
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 200, asked
        assert made.lines[0].product_name in page
        assert "Fact Sheet" in page
        assert "proven that none is better" in page
    stranger = signed_in(practice.front_desk)
    assert (
        stranger.get(reverse("foundation:why", args=[f"line:{patient}/{made.lines[0].id}"])).status_code
        == 404
    )
    assert client.get(reverse("foundation:why", args=[f"line:{patient}/{uuid7()}"])).status_code == 404


def test_nothing_is_composed_by_looking_at_what_was_signed(me, patient, client):
    made = make_protocol(me, patient)
    with acting_as(me):
        before = Composition.objects.filter(patient=patient).count()
    read(client, "protocol", patient, made.id)
    with acting_as(me):
        assert Composition.objects.filter(patient=patient).count() == before
