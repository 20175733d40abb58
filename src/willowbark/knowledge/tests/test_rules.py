from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.knowledge.core.person import MOMENTS, Known, Person, TakenDrug
from willowbark.knowledge.core.recognising import (
    read_drug,
    recognise_allergy,
    recognise_condition,
    recognise_supplement,
)
from willowbark.knowledge.core.release import UnknownFact
from willowbark.knowledge.core.rules import WHOLE_DAY_MINUTES, Rule, rules_for
from willowbark.knowledge.selectors import release

KNOWN = release()
ENTRY = UUID(int=7)


def drug(text: str, dosage: str = "", entry: UUID = ENTRY) -> TakenDrug:
    taken, _ = read_drug(KNOWN, entry, text, dosage_text=dosage)
    assert taken is not None
    return taken


def condition(text: str, entry: UUID = ENTRY) -> Known:
    return Known(entry, text, recognise_condition(KNOWN, text))


def person(age: int | None = 45, jurisdiction: str = "US", **what) -> Person:
    return Person(age, "female", jurisdiction, **what)


def rules(somebody: Person, *keys: str) -> dict[str, Rule]:
    return {rule.fact_key: rule for rule in rules_for(KNOWN, somebody, keys)}


def cap(age: int | None, key: str, jurisdiction: str = "US", *states: str) -> Decimal | None:
    found = [
        rule.most
        for rule in rules_for(KNOWN, person(age, jurisdiction, states=frozenset(states)), [key])
        if rule.kind == "cap" and len(rule.form_keys) != 1
    ]
    return found[0] if found else None


def test_vitamin_k_is_banned_with_warfarin_and_the_chart_says_why():
    rule = rules(person(drugs=(drug("Warfarin Sodium 5 MG Oral Tablet"),)), "vitamin_k2")[
        "vitamin_k.anticoagulant_vka"
    ]

    assert (rule.kind, rule.severity, rule.chart_entries) == ("ban", "major", (ENTRY,))
    assert rule.is_verified
    assert rule.text == (
        "Do not take Vitamin K2 with Warfarin Sodium 5 MG Oral Tablet, because it is the antidote of the"
        " anticoagulant and works against it."
    )


def test_calcium_stays_four_hours_from_levothyroxine():
    rule = rules(person(drugs=(drug("Levothyroxine 75 mcg"),)), "calcium")[
        "polyvalent_cation.thyroid_hormone"
    ]

    assert (rule.kind, rule.minutes, rule.drug_moments) == ("apart_from_drug", 240, ("waking",))
    assert "at least 4 hours apart" in rule.text
    assert "usually taken on waking" in rule.text


def test_when_nobody_knows_when_the_drug_is_taken_it_is_said():
    rule = rules(person(drugs=(drug("Ciprofloxacin 500 MG Oral Tablet"),)), "zinc")[
        "polyvalent_cation.fluoroquinolone"
    ]

    assert rule.drug_moments == ()
    assert "is not known" in rule.text


def test_every_moment_of_a_drug_counts_and_drugs_of_one_class_share_a_rule():
    first, second = uuid4(), uuid4()
    taken = (
        drug("Doxycycline 100 MG", "1 capsule twice a day", first),
        drug("Minocycline 50 MG", "1 capsule at bedtime", second),
    )

    rule = rules(person(drugs=taken), "iron")["polyvalent_cation.tetracycline"]

    assert rule.drug_moments == ("breakfast", "dinner", "bedtime")
    assert rule.chart_entries == tuple(sorted((first, second)))


def test_a_misspelt_drug_is_shown_for_what_it_was_taken():
    rule = rules(person(drugs=(drug("Simvistatin 10 MG"),)), "red_yeast_rice")["monacolin.statin"]

    assert rule.kind == "ban"
    assert "Simvistatin 10 MG (read as simvastatin)" in rule.text


def test_what_is_taken_already_bans_its_opposite_and_keeps_iron_from_calcium():
    taken = recognise_supplement(KNOWN, "5-HTP", "100 mg at night", entry_id=ENTRY)
    found = rules(person(supplements=(taken,)), "st_johns_wort", "calcium")

    banned = found["serotonergic.with.serotonergic"]
    assert (banned.kind, banned.other_ingredient_key, banned.chart_entries) == ("ban", "5_htp", (ENTRY,))

    iron = drug("ferrous sulfate 325 MG Oral Tablet")
    apart = rules(person(drugs=(iron,)), "calcium")["calcium.with.iron"]
    assert (apart.kind, apart.minutes, apart.other_ingredient_key) == ("apart", 120, "iron")


def test_two_that_nobody_takes_yet_are_kept_apart_once():
    found = [
        rule
        for rule in rules_for(KNOWN, person(), ["5_htp", "same_e", "calcium", "iron"])
        if rule.kind == "apart"
    ]

    assert [(rule.ingredient_key, rule.other_ingredient_key, rule.minutes) for rule in found] == [
        ("5_htp", "same_e", WHOLE_DAY_MINUTES),
        ("calcium", "iron", 120),
    ]


def test_conditions_allergies_and_states():
    entry = uuid4()
    somebody = person(
        conditions=(condition("Normal pregnancy", entry), condition("Gout")),
        allergies=(Known(ENTRY, "Allergy to fish", recognise_allergy(KNOWN, "Allergy to fish")),),
    )
    found = rules(somebody, "black_cohosh", "epa", "niacin")

    assert found["black_cohosh.pregnancy"].kind == "ban"
    assert found["black_cohosh.pregnancy"].chart_entries == (entry,)
    assert " in pregnancy," in found["black_cohosh.pregnancy"].text
    assert found["fish_oil.fish"].kind == "caution"
    assert (found["niacin.gout"].kind, found["niacin.gout"].most) == ("cap", Decimal(500))


@pytest.mark.parametrize(
    ("age", "key", "jurisdiction", "states", "most"),
    [
        (45, "vitamin_d", "US", (), "100"),
        (0, "vitamin_d", "US", (), "25"),
        (3, "vitamin_d", "US", (), "63"),
        (8, "vitamin_d", "US", (), "75"),
        (9, "vitamin_d", "US", (), "100"),
        (45, "vitamin_d", "EU", (), "100"),
        (10, "vitamin_d", "EU", (), "50"),
        (45, "vitamin_b6", "US", (), "100"),
        (45, "vitamin_b6", "EU", (), "12"),
        (50, "calcium", "US", (), "2500"),
        (51, "calcium", "US", (), "2000"),
        (18, "calcium", "US", ("pregnancy",), "3000"),
        (30, "vitamin_a", "US", ("pregnancy",), "3000"),
        (17, "vitamin_a", "US", ("lactation",), "2800"),
        (70, "magnesium", "US", (), "350"),
        (70, "magnesium", "EU", (), "250"),
        (None, "calcium", "US", (), "2000"),
        (None, "zinc", "US", (), "40"),
        (45, "zinc", "EU", (), "25"),
        (45, "folate", "US", (), "1700"),
        (45, "selenium", "EU", (), "255"),
        (45, "iodine", "EU", (), "600"),
        (45, "copper", "US", (), "10"),
        (45, "copper", "EU", (), "5"),
        (71, "zinc", "US", (), "40"),
        (45, "coq10", "US", (), None),
        (45, "vitamin_c", "EU", (), None),
    ],
)
def test_the_limit_is_that_of_the_life_stage_and_the_place(age, key, jurisdiction, states, most):
    assert cap(age, key, jurisdiction, *states) == (None if most is None else Decimal(most))


def test_what_a_limit_counts():
    found = {
        rule.ingredient_key: rule for rule in rules_for(KNOWN, person(), ["magnesium", "zinc", "niacin"])
    }

    assert found["magnesium"].counts == "supplements"
    assert found["niacin"].counts == "supplements"
    assert found["zinc"].counts == "everything"
    assert "from supplements" in found["magnesium"].text


def test_a_limit_of_some_forms_says_which():
    found = [
        (rule.form_keys, rule.most)
        for rule in rules_for(KNOWN, person(jurisdiction="EU"), ["niacin"])
        if rule.kind == "cap"
    ]

    assert found == [(("niacinamide",), Decimal(900)), (("nicotinic_acid",), Decimal(10))]


def test_a_missing_age_is_said():
    (rule,) = rules_for(KNOWN, person(None), ["calcium"])

    assert rule.most == 2000
    assert "the age is not known" in rule.text


def test_a_limit_holds_from_and_until_its_days():
    known = dataclasses.replace(
        KNOWN,
        limits=(
            dataclasses.replace(
                _limit("eu.vitamin_b6.18y"),
                key="old",
                most=Decimal(25),
                valid_from=None,
                valid_until=date(2023, 1, 1),
            ),
            _limit("eu.vitamin_b6.18y"),
        ),
    )

    def most(on: date | None) -> list[Decimal | None]:
        return [rule.most for rule in rules_for(known, person(jurisdiction="EU"), ["vitamin_b6"], on=on)]

    assert most(date(2022, 12, 31)) == [25]
    assert most(date(2023, 1, 1)) == [12]
    assert most(None) == [12]


def _limit(key: str):
    return next(one for one in KNOWN.limits if one.key == key)


def test_an_unknown_ingredient_is_refused():
    with pytest.raises(UnknownFact):
        rules_for(KNOWN, person(), ["phlogiston"])


DRUGS = [drug(one.name) for one in list(KNOWN.drug_book.drugs.values())[::9]]
SUPPLEMENTS = [
    recognise_supplement(KNOWN, one.name, f"1 {one.unit} a day", entry_id=ENTRY)
    for one in list(KNOWN.ingredients.values())[::4]
]
people = st.builds(
    Person,
    age_years=st.none() | st.integers(0, 110),
    sex=st.sampled_from(["male", "female", "other", "unknown"]),
    jurisdiction=st.sampled_from(["US", "EU"]),
    states=st.frozensets(st.sampled_from(["pregnancy", "lactation", "surgery_planned"])),
    drugs=st.lists(st.sampled_from(DRUGS), max_size=6).map(tuple),
    supplements=st.lists(st.sampled_from(SUPPLEMENTS), max_size=4).map(tuple),
    conditions=st.lists(st.sampled_from([condition(one.name) for one in KNOWN.conditions]), max_size=4).map(
        tuple
    ),
)
ingredient_sets = st.frozensets(st.sampled_from(sorted(KNOWN.ingredients)), max_size=8)


@given(people, ingredient_sets)
@settings(max_examples=150, deadline=None)
def test_rules_are_whole(somebody, keys):
    found = rules_for(KNOWN, somebody, keys)

    assert found == rules_for(KNOWN, somebody, sorted(keys, reverse=True))
    assert len({rule.key for rule in found}) == len(found)
    for rule in found:
        assert rule.ingredient_key in keys
        assert rule.fact_key in KNOWN.facts
        assert rule.is_verified == KNOWN.is_verified(KNOWN.facts[rule.fact_key])
        assert rule.text[0].isupper() or rule.text[0].isdigit()
        assert rule.text.endswith(".")
        assert (rule.most is not None) == (rule.kind == "cap") == bool(rule.unit)
        assert (rule.minutes is not None) == (rule.kind in ("apart", "apart_from_drug"))
        assert rule.most is None or rule.most > 0
        assert rule.unit in ("", KNOWN.ingredient(rule.ingredient_key).unit)
        assert (rule.kind == "apart") <= bool(rule.other_ingredient_key)
        assert list(rule.drug_moments) == [one for one in MOMENTS if one in rule.drug_moments]


@given(people, ingredient_sets, ingredient_sets)
@settings(max_examples=100, deadline=None)
def test_asking_about_more_never_hides_a_ban(somebody, keys, more):
    def bans(asked) -> set[str]:
        return {rule.key for rule in rules_for(KNOWN, somebody, asked) if rule.kind == "ban"}

    assert bans(keys) <= bans(keys | more)


@given(people, st.sampled_from(DRUGS), ingredient_sets)
@settings(max_examples=100, deadline=None)
def test_one_drug_more_never_hides_a_rule(somebody, more, keys):
    taking = dataclasses.replace(somebody, drugs=(*somebody.drugs, more))

    before = {(rule.kind, rule.ingredient_key, rule.fact_key) for rule in rules_for(KNOWN, somebody, keys)}
    after = {(rule.kind, rule.ingredient_key, rule.fact_key) for rule in rules_for(KNOWN, taking, keys)}

    assert before <= after


def test_what_a_limit_counts_together_is_one_rule_whichever_of_it_is_asked_for():
    (rule,) = [one for one in rules_for(KNOWN, person(), ["dha", "epa"]) if one.kind == "cap"]
    (alone,) = [one for one in rules_for(KNOWN, person(), ["epa_and_dha"]) if one.kind == "cap"]

    assert (rule.most, rule.counts) == (Decimal(5000), "supplements")
    assert {key for key, _ in rule.parts} == {key for key, _ in alone.parts} == {"epa", "dha", "epa_and_dha"}
    assert rule.key == alone.key
    assert "EPA and DHA together" in rule.text


def test_the_racemic_form_of_vitamin_e_counts_twice_towards_the_limit_of_all_forms():
    parts = {one.fact_key: one.parts for one in rules_for(KNOWN, person(), ["vitamin_e"])}
    assert parts["us.vitamin_e_isomers.19y"] == (
        ("vitamin_e", ()),
        ("vitamin_e", ("dl_alpha_tocopherol",)),
    )
