from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.catalog.core.products import DIETS
from willowbark.knowledge.core.rules import rules_for
from willowbark.protocols.core.choices import Choices, choices_of
from willowbark.protocols.core.constraints import LONGEST_KEY, key_of, rule_of
from willowbark.protocols.core.day import MOMENTS, minutes_between
from willowbark.protocols.core.described import Origin, basis_of, described
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.problem import parse
from willowbark.protocols.core.situation import NothingToCompose, situate
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.units import scale_between
from willowbark.protocols.tests.people import SPACE, Case, Chart, Entry, known, library, products

DRUGS = (
    "Warfarin Sodium 5 MG Oral Tablet",
    "Levothyroxine Sodium 0.075 MG Oral Tablet",
    "Simvistatin 10 MG",
    "Digoxin 0.125 MG Oral Tablet",
    "sertraline 50 mg",
    "Metformin hydrochloride 500 MG",
    "Furosemide 40 MG Oral Tablet",
    "Foobarium 3 mg",
)
SUPPLEMENTS = (
    ("Magnesium glycinate 200 mg", "1 capsule twice daily"),
    ("Vitamin D3 5000 IU", "1 softgel daily"),
    ("St John's wort 300 mg", "1 capsule daily"),
    ("Multivitamin", ""),
    ("Zinc 50 mg", "1 tablet daily"),
    ("Grandmother's tonic", ""),
)
CONDITIONS = ("Hypothyroidism", "Prediabetes", "Normal pregnancy", "Full-time employment (finding)")
ALLERGIES = ("Allergy to fish", "Shellfish", "Penicillin", "Allergy to stardust")

charts = st.builds(
    Chart,
    taken=st.tuples(
        st.lists(st.sampled_from(DRUGS), unique=True, max_size=4),
        st.lists(st.sampled_from(SUPPLEMENTS), unique=True, max_size=3),
    ).map(
        lambda both: (
            *(Entry(text) for text in both[0]),
            *(Entry(text, "supplement", dosage) for text, dosage in both[1]),
        )
    ),
    conditions=st.lists(st.sampled_from(CONDITIONS), unique=True, max_size=3).map(
        lambda texts: tuple(Entry(text, "condition") for text in texts)
    ),
    allergies=st.lists(st.sampled_from(ALLERGIES), unique=True, max_size=2).map(
        lambda texts: tuple(Entry(text, "allergy") for text in texts)
    ),
    sex=st.sampled_from(["female", "male", "unknown"]),
)
cases = st.builds(
    Case,
    chart=charts,
    masters=st.lists(st.sampled_from(sorted(library().masters)), unique=True, min_size=1).map(tuple),
    age_years=st.none() | st.integers(0, 100),
    jurisdiction=st.sampled_from(["US", "EU"]),
    shelf=st.integers(0, 100),
)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BY_KEY = {each.key: each for each in products()}


@few
@given(cases)
def test_every_situation_makes_a_sound_problem_that_reads_back_the_same(case):
    problem = case.situated().problem
    assert parse(problem.to_bytes()) == problem


@few
@given(case=cases, shuffled=st.randoms(use_true_random=False))
def test_the_order_in_which_things_come_changes_nothing(case, shuffled):
    given_ = case.given()
    offered, taken = list(given_.products), list(given_.person.drugs)
    shuffled.shuffle(offered)
    shuffled.shuffle(taken)
    other = replace(
        given_,
        products=offered,
        masters=tuple(reversed(given_.masters)),
        person=replace(given_.person, drugs=tuple(taken)),
    )
    assert situate(other).problem == situate(given_).problem


@few
@given(cases)
def test_nothing_of_the_patient_is_in_the_problem(case):
    text = case.situated().problem.to_bytes().decode()
    chart = case.chart
    for entry in (*chart.taken, *chart.conditions, *chart.allergies):
        assert str(entry.id) not in text
        assert entry.text not in text
    assert "entry" not in text


@few
@given(cases)
def test_amounts_are_those_of_the_labels_exactly(case):
    situated = case.situated()
    units = {each.key: each.unit for each in situated.problem.ingredients}
    candidates = {each.key: each for each in situated.candidates}
    for product in situated.problem.products:
        held: dict[str, Decimal] = {}
        for content in candidates[product.key].contents:
            held[content.ingredient_key] = held.get(content.ingredient_key, Decimal(0)) + content.amount
        for key, amount in held.items():
            scale = scale_between(units[key], known().ingredient(key).unit)
            assert scale.amount(product.amounts[key]) == amount
        counted = {key.partition(":")[0] for key in product.amounts}
        assert counted == set(held)


@few
@given(cases)
def test_every_ban_limit_and_hour_of_the_rules_is_in_the_problem(case):
    situated = case.situated()
    problem = situated.problem
    minutes = {each.key: each.minute_of_day for each in MOMENTS}
    banned = {each.product for each in problem.bans}
    never = {(each.product, each.moment) for each in problem.moment_bans}
    held = {each.key: {content.ingredient_key for content in each.contents} for each in situated.candidates}
    asked = set(chain.from_iterable(held.values()))
    limits = {each.key for each in problem.limits}
    for rule in rules_for(known(), situated.person, asked, on=case.given().on):
        holding = {key for key, keys in held.items() if rule.ingredient_key in keys}
        if rule.kind == "ban":
            assert holding <= banned, rule
        elif rule.kind == "cap":
            assert key_of(rule.key) in limits, rule
        elif rule.kind == "apart_from_drug":
            for drug in rule.drug_moments:
                for moment in MOMENTS:
                    if minutes_between(moment.minute_of_day, minutes[drug]) < (rule.minutes or 0):
                        assert {(key, moment.key) for key in holding} <= never, rule
    known_allergens = {key for each in situated.person.allergies for key in each.keys}
    for key in held:
        if known_allergens & set(BY_KEY[key].allergens):
            assert key in banned


@few
@given(cases)
def test_whatever_was_not_recognised_is_said(case):
    situated = case.situated()
    said = " ".join(each.text for each in situated.notices)
    for each in situated.person.unrecognised:
        assert each.text in said
    if case.age_years is None:
        assert "age is not known" in said


@few
@given(case=cases, more=st.integers(0, 10_000))
def test_a_fuller_shelf_than_could_be_needed_is_the_same_shelf(case, more):
    full = replace(case, shelf=10_000).situated().problem
    assert replace(case, shelf=10_000 + more).situated().problem == full


def weights(situated) -> dict[str, Weight]:
    return {each.kind: each.weight for each in situated.notices}


def test_levothyroxine_keeps_minerals_four_hours_away():
    chart = Chart(taken=(Entry("Levothyroxine Sodium 0.075 MG Oral Tablet"),))
    problem = Case(chart, masters=("metabolic_health",)).situated().problem
    never = {(each.product, each.moment) for each in problem.moment_bans}
    magnesium = [each.key for each in problem.products if "magnesium" in each.amounts]
    assert magnesium
    for key in magnesium:
        assert {(key, "waking"), (key, "breakfast")} <= never
        assert (key, "lunch") not in never


def test_when_a_drug_is_taken_can_be_said_by_hand():
    entry = Entry("Levothyroxine Sodium 0.075 MG Oral Tablet")
    case = Case(
        Chart(taken=(entry, entry)),
        masters=("metabolic_health",),
        choices=Choices(drug_moments={entry.id: "bedtime"}),
    )
    never = {(each.product, each.moment) for each in case.situated().problem.moment_bans}
    magnesium = [each.key for each in case.situated().problem.products if "magnesium" in each.amounts]
    for key in magnesium:
        assert (key, "bedtime") in never
        assert (key, "waking") not in never


def test_warfarin_bans_what_feeds_or_fights_it():
    situated = Case(
        Chart(taken=(Entry("Warfarin Sodium 5 MG Oral Tablet"),)), masters=("thyroid_support",)
    ).situated()
    held = {each.key: each.ingredient_keys for each in situated.candidates}
    banned = {each.product for each in situated.problem.bans}
    with_vitamin_k = {key for key, keys in held.items() if keys & {"vitamin_k1", "vitamin_k2"}}
    assert with_vitamin_k
    assert with_vitamin_k <= banned


def test_an_allergen_of_the_label_bans_the_product_and_says_why():
    situated = Case(
        Chart(allergies=(Entry("Allergy to fish", "allergy"),)), masters=("metabolic_health",)
    ).situated()
    fishy = {each.key for each in situated.candidates if "fish" in each.info.allergens}
    assert fishy
    assert fishy <= {each.product for each in situated.problem.bans}
    for key in fishy:
        assert "allergy" in situated.texts[f"ban/allergen/fish/{key}"]


def taken_of(problem, key: str) -> Decimal:
    one = next(each for each in problem.ingredients if each.key == key)
    return scale_between(one.unit, known().ingredient(key).unit).amount(one.taken_a_day)


MAGNESIUM = Entry("Magnesium glycinate 100 mg", "supplement", "1 capsule twice daily")


def test_what_is_taken_counts_and_what_is_replaced_does_not():
    chart = Chart(taken=(MAGNESIUM,))
    assert taken_of(Case(chart, ("metabolic_health",)).situated().problem, "magnesium") == 200

    replaced = Case(chart, ("metabolic_health",), Choices(replaced=(MAGNESIUM.id,))).situated()
    assert taken_of(replaced.problem, "magnesium") == 0
    assert "unknown_amount" not in weights(replaced)


def test_whoever_is_above_a_limit_gets_nothing_more_and_the_signer_is_asked():
    zinc = Entry("Zinc 50 mg", "supplement", "1 tablet daily")
    situated = Case(Chart(taken=(zinc,))).situated()
    limit = next(each for each in situated.problem.limits if each.ingredients == ("zinc",))
    one = next(each for each in situated.problem.ingredients if each.key == "zinc")
    assert limit.most == one.taken_a_day
    assert weights(situated)["above_limit"] is Weight.ASK


def test_what_a_limit_counts_together_is_added_up_in_one_unit():
    taken = (
        Entry("EPA 3000 mg", "supplement", "1 capsule daily"),
        Entry("DHA 2500 mg", "supplement", "1 capsule daily"),
    )
    situated = Case(Chart(taken), ("lipid_balance",)).situated()
    (limit,) = [each for each in situated.problem.limits if "epa" in each.ingredients]
    units = {each.key: each.unit for each in situated.problem.ingredients}

    assert set(limit.ingredients) == {"epa", "dha", "epa_and_dha"}
    assert len({units[key] for key in limit.ingredients}) == 1
    assert sum(taken_of(situated.problem, key) for key in limit.ingredients) == 5500
    assert limit.most == sum(
        each.taken_a_day for each in situated.problem.ingredients if each.key in limit.ingredients
    )
    assert any(
        each.kind == "above_limit" and "EPA and DHA together" in each.text for each in situated.notices
    )


def test_an_amount_that_nobody_knows_is_not_guessed_and_is_asked_about():
    situated = Case(Chart(taken=(Entry("Multivitamin", "supplement"),))).situated()
    assert taken_of(situated.problem, "zinc") == 0
    assert weights(situated)["unknown_amount"] is Weight.ASK


@pytest.mark.parametrize(
    ("case", "kind", "weight"),
    [
        (Case(age_years=None), "age", Weight.ASK),
        (Case(age_years=12), "too_young", Weight.STOP),
        (Case(deceased=True), "deceased", Weight.STOP),
        (Case(Chart(taken=(Entry("Foobarium 3 mg"),))), "not_checked", Weight.ASK),
        (Case(Chart(allergies=(Entry("Allergy to stardust", "allergy"),))), "not_checked", Weight.ASK),
        (Case(Chart(taken=(Entry("Simvistatin 10 MG"),))), "spelling", Weight.ASK),
        (
            Case(
                Chart(
                    taken=(
                        Entry("Warfarin Sodium 5 MG Oral Tablet"),
                        Entry("St John's wort 300 mg", "supplement", "1 daily"),
                    )
                )
            ),
            "taken",
            Weight.ASK,
        ),
    ],
)
def test_what_must_be_known_is_said_with_its_weight(case, kind, weight):
    assert weights(case.situated())[kind] is weight


@pytest.mark.parametrize("diet", DIETS)
def test_of_a_diet_every_product_of_the_plan_says_that_it_keeps_it(diet):
    """Somebody vegan who finds gelatin in a plan stops taking all of it."""
    case = Case(masters=("metabolic_health",), choices=Choices(diets=(diet,)))
    assert choices_of(case.choices.as_document()) == case.choices
    situated = case.situated()
    saying = {diet, "vegan"} if diet in ("vegetarian", "dairy_free") else {diet}
    others = {each.key for each in situated.candidates if not saying & set(each.info.diets)}
    assert {each.product for each in situated.problem.bans if each.key.startswith("ban/diet/")} == others
    assert all("does not say" in situated.texts[f"ban/diet/{diet}/{key}"] for key in others)
    assert not {line.product for line in solve(situated.problem).lines} & others


def test_an_allergy_to_a_drug_asks_nothing():
    situated = Case(
        Chart(allergies=(Entry("Penicillin G 375 MG/ML Injectable Solution", "allergy"),))
    ).situated()
    assert "not_checked" not in weights(situated)


def test_notices_stand_once_each_and_what_stops_stands_first():
    situated = Case(Chart(taken=(Entry("Foobarium"), Entry("Foobarium"))), age_years=3).situated()
    keys = [each.key for each in situated.notices]
    assert len(keys) == len(set(keys))
    order = [list(Weight).index(each.weight) for each in situated.notices]
    assert order == sorted(order)


def test_a_catalog_that_holds_nothing_wanted_is_refused_by_name():
    with pytest.raises(NothingToCompose):
        situate(Case().given(offered=()))
    berberine = tuple(each for each in products() if each.key.startswith("berberine"))
    with pytest.raises(NothingToCompose):
        situate(Case(masters=("restorative_sleep",)).given(offered=berberine))


def test_a_product_that_cannot_be_counted_is_left_out_and_said():
    odd = replace(
        BY_KEY["zinc_picolinate_15"] if "zinc_picolinate_15" in BY_KEY else products()[0],
        key="odd_zinc",
        name="Odd zinc",
        ingredients=tuple(
            replace(each, ingredient_key="unobtainium") for each in products()[0].ingredients[:1]
        )
        + tuple(
            each for product in products() for each in product.ingredients if each.ingredient_key == "zinc"
        )[:1],
    )
    situated = situate(Case().given(offered=(*products(), odd)))
    assert "odd_zinc" not in {each.key for each in situated.candidates}
    assert any("Odd zinc is not offered" in each.text for each in situated.notices)


def test_a_product_decided_on_by_hand_is_offered_though_nothing_wants_it():
    other = next(each for each in products() if each.key.startswith("creatine"))
    problem = Case(choices=Choices().include(other.key)).situated().problem
    assert other.key in {each.key for each in problem.products}
    assert problem.choices.included == (other.key,)


def test_a_retired_product_decided_on_by_hand_is_said_and_left():
    situated = Case(choices=Choices().include("gone_for_good")).situated()
    assert situated.problem.choices.included == ()
    assert weights(situated)["not_offered"] is Weight.TELL


@few
@given(cases)
def test_the_document_of_a_situation_is_the_same_for_the_same_situation_and_another_otherwise(case):
    given_ = case.given()
    origin = Origin(SPACE, None, library())
    situated = situate(given_)
    first, again = described(given_, situated, origin), described(case.given(), case.situated(), origin)
    assert first == again
    elsewhere = described(given_, situated, replace(origin, site_id=known_other()))
    problem = situated.problem.to_bytes()
    assert basis_of(problem, first) != basis_of(problem, elsewhere)
    for entry in case.chart.taken:
        assert str(entry.id).encode() in first


def known_other():
    return Entry("elsewhere").id


def test_keys_stay_short_and_lead_back_to_their_rule():
    long = key_of("cap", "x" * 500, "product")
    assert len(long) <= LONGEST_KEY
    assert long != key_of("cap", "x" * 500, "other")
    situated = Case(Chart(taken=(Entry("Warfarin Sodium 5 MG Oral Tablet"),))).situated()
    rules = {each.key: each for each in situated.rules}
    for ban in situated.problem.bans:
        rule = rule_of(ban.key, rules)
        assert rule is not None
        assert rule.fact_key in ban.because
    assert rule_of("nothing/of/the/kind", rules) is None
