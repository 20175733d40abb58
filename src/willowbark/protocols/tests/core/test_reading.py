"""Whatever the bytes are: a sound problem comes back, or a sentence that says what is wrong and where."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.protocols.core.documents import LARGEST_BYTES
from willowbark.protocols.core.plan import BadPlan
from willowbark.protocols.core.plan import parse as parse_plan
from willowbark.protocols.core.problem import BadProblem, Problem, from_document, parse
from willowbark.protocols.tests.core.invented import practice_document
from willowbark.protocols.tests.core.small import small_documents, small_problems


def document() -> dict[str, Any]:
    """Return a sound problem that has something of everything."""
    made = practice_document(1, products=6, ingredients=5, moments=3)
    key = made["products"][0]["key"]
    made["choices"] = {
        "locked": [{"product": key, "moment": made["moments"][0]["key"], "units": 1}],
        "excluded": [made["products"][1]["key"]],
        "included": [made["products"][2]["key"]],
        "in_stock_only": True,
    }
    made["bans"] = [{"key": "ban:1", "product": made["products"][3]["key"], "because": ["a"]}]
    return made


def refusal(changed: object) -> BadProblem:
    with pytest.raises(BadProblem) as refused:
        parse(json.dumps(changed).encode())
    return refused.value


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read, bad in ((parse, BadProblem), (parse_plan, BadPlan)):
        with pytest.raises(bad) as refused:
            read(data)
        assert refused.value.field.startswith("$")


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_odd_values = _json_values | st.sampled_from(
    [-1, 0, 1, 2**53 - 1, 2**53, 2**63, 10**30, 1.0, 0.5, True, "", " ", "\x00", "\ud800", "a" * 1000, [], {}]
)


@given(small_documents(), st.data())
def test_a_changed_problem_is_read_or_refused(made: dict[str, Any], data: st.DataObject) -> None:
    changed = copy.deepcopy(made)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, place = data.draw(st.sampled_from(list(places(changed))))
        if data.draw(st.booleans()):
            holder[place] = data.draw(_odd_values)
        elif isinstance(holder, dict):
            del holder[place]
        else:
            holder.append(copy.deepcopy(holder[place]))
    said = read_or_refused(json.dumps(changed).encode())
    if isinstance(said, Problem):
        assert parse(said.to_bytes()) == said
    else:
        assert str(said).startswith(said.field)
        assert len(str(said)) < 1000
        assert str(said).isprintable()


def read_or_refused(data: bytes) -> Problem | BadProblem:
    try:
        return parse(data)
    except BadProblem as refused:
        return refused


def places(value: Any) -> Any:
    """Yield every container and key or index within a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, inner in list(pairs):
        yield value, place
        yield from places(inner)


@given(small_problems)
def test_a_problem_is_read_as_it_was_written(problem: Problem) -> None:
    again = parse(problem.to_bytes())
    assert again == problem
    assert again.to_bytes() == problem.to_bytes()
    assert again.to_bytes().endswith(b"}\n")


def set_in(made: dict[str, Any], path: str, value: object) -> None:
    *holders, last = path.split(".")
    holder: Any = made
    for name in holders:
        holder = holder[int(name) if name.isdigit() else name]
    holder[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(
    ("path", "value", "where", "words"),
    [
        ("format", "willowbark.problem/2", "$.format", "is not"),
        ("days", 0, "$.days", "less than 1"),
        ("days", -3, "$.days", "less than 1"),
        ("days", True, "$.days", "not a whole number"),
        ("days", "90", "$.days", "not a whole number"),
        ("moments", [], "$.moments", "empty"),
        ("products", [], "$.products", "empty"),
        ("products.0.amounts", {}, "$.products[0].amounts", "nothing is named"),
        ("products.0.amounts", {"ingredient_00": 0}, "$.products[0].amounts.ingredient_00", "less than 1"),
        ("products.0.amounts", {"gold": 5}, "$.products[0].amounts", "no ingredient 'gold'"),
        ("products.0.moments", ["dinner", "tea"], "$.products[0].moments[1]", "no moment 'tea'"),
        ("products.0.key", "product_001", "$.products[1].key", "comes twice"),
        ("products.0.units_per_container", 0, "$.products[0].units_per_container", "less than 1"),
        ("products.0.container_cents", -1, "$.products[0].container_cents", "less than 0"),
        ("products.0.name", "", "$.products[0].name", "empty"),
        ("products.0.key", "two words", "$.products[0].key", "not of the form"),
        ("targets.0.key", "limit:ingredient_00", "", "comes twice"),
        ("targets.0.key", "day:mine", "$.targets[0].key", "kept for"),
        ("targets.0.ingredient", "gold", "$.targets[0].ingredient", "no ingredient"),
        ("targets.0.aim", 0, "$.targets[0].aim", "less than 1"),
        ("targets.0.least", 10**9, "$.targets[0].aim", "less than `least`"),
        ("targets.0.most", 1, "$.targets[0].most", "less than `aim`"),
        ("bans.0.product", "gold", "$.bans[0].product", "no product"),
        ("choices.locked.0.moment", "tea", "$.choices.locked[0].moment", "no moment"),
        ("choices.excluded", ["product_001"] * 2, "$.choices.excluded[1]", "comes twice"),
        ("levels", [], "$.levels", "empty"),
        ("levels", ["cost", "cost"], "$.levels[1]", "comes twice"),
        ("levels", ["beauty"], "$.levels[0]", "none of"),
        ("current", {"gold": 1}, "$.current", "no product"),
        ("ingredients.0.taken_a_day", 2**53 - 1, "$.ingredients[0]", "use a larger unit"),
        ("ingredients.0.taken_a_day", 2**53, "$.ingredients[0].taken_a_day", "more than"),
        ("ingredients.0.unit", "mg", "", "different units"),
        ("products.0.name", "\ud800", "$", "half of a character"),
        ("extra", 1, "$", '"extra" is not known'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(path: str, value: object, where: str, words: str) -> None:
    made = document()
    made["limits"] = [
        {
            "key": "limit:ingredient_00",
            "ingredients": ["ingredient_00", "ingredient_01"],
            "most": 10**6,
            "counts_taken": True,
            "because": [],
        }
    ]
    from_document(made)
    set_in(made, path, value)
    refused = refusal(made)
    assert words in str(refused)
    assert not where or refused.field == where
    assert refused.code == "bad_problem"


@pytest.mark.parametrize("name", list(document()))
def test_a_missing_part_is_named(name: str) -> None:
    made = document()
    del made[name]
    assert f'"{name}" is missing' in str(refusal(made))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "is not an object"),
        (b'{"days":1,"days":2}', "comes twice"),
        (b'{"days":1e3}', "not a whole number"),
        (b'{"days":NaN}', "not a whole number"),
        (b'{"days":%s}' % (b"9" * 5000), "5000 digits"),
        (b"[" * 100_000, "too deep"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b" " * (LARGEST_BYTES + 1), "larger than"),
    ],
)
def test_bytes_that_are_no_document(data: bytes, words: str) -> None:
    with pytest.raises(BadProblem, match=words):
        parse(data)


def test_sums_are_bounded_with_every_product_at_its_most() -> None:
    made = document()
    amount = (2**53 - 1) // 1000 // 6
    for each in made["products"]:
        each.update(most_units_a_day=1, amounts={"ingredient_00": amount})
    made["choices"]["locked"] = []
    made["ingredients"][0]["taken_a_day"] = 0
    from_document(made)
    made["products"][0]["most_units_a_day"] = made["products"][0]["most_units_a_moment"] = 2
    made["products"][1]["amounts"]["ingredient_00"] = amount + 1
    assert refusal(made).field == "$.ingredients[0]"


def test_money_is_bounded() -> None:
    made = document()
    made["days"] = 730
    for each in made["products"]:
        each.update(
            container_cents=10**9, units_per_container=1, most_units_a_day=1000, most_units_a_moment=1000
        )
        each["amounts"] = {"ingredient_00": 1}
    for _ in range(20):
        made["products"].append({**made["products"][0], "key": f"more_{len(made['products'])}"})
    assert "of cents" in str(refusal(made))
