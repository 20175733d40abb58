"""The answer is right: no rule broken, nothing better, only one, and the same everywhere."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.protocols.core import plan as plans
from willowbark.protocols.core.checking import broken_rules, taken_of, values_of_levels
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.goals import ALTERNATIVES, aimed, levels_of
from willowbark.protocols.core.measuring import level_values
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.problem import Level, Problem, from_document, parse
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.solving.demands import demands_of, with_only
from willowbark.protocols.tests.core.invented import practice_problem
from willowbark.protocols.tests.core.small import (
    best_by_trying,
    decided_otherwise,
    small_documents,
    small_problems,
)

_unhurried = settings(deadline=None)


@_unhurried
@given(small_problems)
def test_the_answer_is_the_one_that_trying_everything_finds(problem: Problem) -> None:
    found, tried = solve(problem), best_by_trying(problem)
    if tried is None:
        assert found.status is Status.INFEASIBLE
        return
    assert found.status is Status.PROVEN
    assert broken_rules(problem, found) == ()
    assert found.levels == tried.levels
    assert found.lines == tried.lines
    assert replace(found, solver=tried.solver) == tried


@_unhurried
@given(small_problems)
def test_the_values_are_counted_alike_by_the_solver_and_the_checker(problem: Problem) -> None:
    found = solve(problem)
    if found.status is Status.PROVEN:
        assert {each.key: each.value for each in found.levels} == values_of_levels(problem, found)


@_unhurried
@given(small_problems)
def test_a_clash_is_impossible_and_nothing_in_it_can_be_spared(problem: Problem) -> None:
    found = solve(problem)
    if found.status is not Status.INFEASIBLE:
        return
    assert set(found.clash) <= set(demands_of(problem))
    assert best_by_trying(with_only(problem, frozenset(found.clash))) is None
    for spared in found.clash:
        assert best_by_trying(with_only(problem, frozenset(found.clash) - {spared})) is not None


@_unhurried
@given(small_documents(), st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_matter(document: dict[str, object], chance: random.Random) -> None:
    problem = from_document(document)
    again = parse(json.dumps(shuffled(document, chance)).encode())
    assert again == problem
    assert again.sha256 == problem.sha256


def shuffled(value: object, chance: random.Random, name: str = "") -> object:
    if isinstance(value, dict):
        pairs = list(value.items())
        chance.shuffle(pairs)
        return {key: shuffled(each, chance, key) for key, each in pairs}
    if isinstance(value, list):
        entries = [shuffled(each, chance) for each in value]
        if name != "levels":
            chance.shuffle(entries)
        return entries
    return value


@_unhurried
@given(small_problems)
def test_any_good_start_leads_to_the_same_plan(problem: Problem) -> None:
    plan = solve(problem)
    other = solve(replace(problem, levels=problem.levels[-1:]))
    moved = replace(other, problem_sha256=problem.sha256)
    assert solve(problem, start=plan).to_bytes() == plan.to_bytes()
    assert solve(problem, start=moved).to_bytes() == plan.to_bytes()


@_unhurried
@given(decided_otherwise(), st.sampled_from([0.0, 1e-5, 1e-3]))
def test_a_what_if_keeps_the_rules_at_once_and_comes_to_what_trying_everything_finds(
    problems: tuple[Problem, Problem], limit: float
) -> None:
    before, problem = problems
    start, tried = solve(before), best_by_trying(problem)
    found = solve(problem, start=start, of=before)
    hurried = solve(problem, start=start, of=before, deterministic_limit=limit)
    assert broken_rules(problem, hurried) == broken_rules(problem, found) == ()
    assert hurried == found or (hurried.status, found.status) == (Status.UNPROVEN, Status.PROVEN)
    if tried is None:
        assert found.status is Status.INFEASIBLE
        return
    assert replace(found, solver=tried.solver) == tried


@pytest.mark.parametrize("goal", [each.key for each in ALTERNATIVES])
def test_an_alternative_is_best_in_its_own_order_and_misses_no_least_amount_for_it(goal: str) -> None:
    problem = practice_problem(5, products=25, ingredients=12, scarce=False)
    choices = aimed(Choices(), goal)
    asked = replace(
        problem,
        levels=levels_of(choices),
        choices=replace(problem.choices, in_stock_only=choices.in_stock_only),
    )
    usual = solve(problem)
    plan = solve(asked, start=usual, of=problem)
    assert plan.status is Status.PROVEN
    assert broken_rules(asked, plan) == ()
    assert plan.to_bytes() == solve(asked).to_bytes()
    ours, theirs = (level_values(problem, taken_of(each)) for each in (plan, usual))
    put_first = {
        "cheapest": Level.COST,
        "fewest": Level.UNITS,
        "closest": Level.EXCESS,
        "in_stock": Level.STOCK,
    }
    if goal in put_first:
        assert ours[put_first[goal]] <= theirs[put_first[goal]]
    if goal != "in_stock":
        assert (ours[Level.FOUNDATION], ours[Level.TARGETED]) == (
            theirs[Level.FOUNDATION],
            theirs[Level.TARGETED],
        )


@_unhurried
@given(small_problems, st.sampled_from([0.0, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3]))
def test_without_time_to_prove_the_plan_still_keeps_the_rules(problem: Problem, limit: float) -> None:
    hurried = solve(problem, deterministic_limit=limit)
    assert hurried.to_bytes() == solve(problem, deterministic_limit=limit).to_bytes()
    assert broken_rules(problem, hurried) == ()
    best = solve(problem)
    if hurried.status is not Status.UNPROVEN:
        assert hurried == best
        return
    assert best.status is Status.PROVEN
    better = [each.value for each in best.levels]
    assert better <= [each.value for each in hurried.levels]
    equal = True  # a level's bound is worth something as long as those before it are as good as can be
    for said, known in zip(hurried.levels, best.levels, strict=True):
        if equal:
            assert said.bound <= known.value
        equal = equal and said.value == known.value


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_of_no_search_at_all_misses_nothing_that_a_usual_problem_need_not_miss(seed: int) -> None:
    problem = practice_problem(seed, scarce=False)
    first = solve(problem, deterministic_limit=0)
    assert first.status is Status.UNPROVEN
    assert broken_rules(problem, first) == ()
    assert {each.key: each.value for each in first.levels[:3]} == {
        Level.FOUNDATION: 0,
        Level.TARGETED: 0,
        Level.AIMS: 0,
    }


def test_a_plan_of_no_search_begins_with_the_one_before_where_that_is_better() -> None:
    problem = practice_problem(0)
    best = solve(problem)
    first = solve(problem, start=best, deterministic_limit=0)
    assert (first.status, first.lines) == (Status.UNPROVEN, best.lines)
    assert {each.bound for each in first.levels} == {0}


@_unhurried
@given(small_problems)
def test_a_plan_is_read_as_it_was_written(problem: Problem) -> None:
    plan = solve(problem)
    assert plans.parse(plan.to_bytes()) == plan


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_another_process_answers_to_the_byte(seed: str) -> None:
    problem = practice_problem(2, products=25, ingredients=12)
    script = (
        "import sys; from willowbark.protocols.core.problem import parse;"
        "from willowbark.protocols.core.solving import solve;"
        "sys.stdout.buffer.write(solve(parse(sys.stdin.buffer.read())).to_bytes())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", script],
        input=problem.to_bytes(),
        capture_output=True,
        check=True,
        env=environment,
    )
    assert said.stdout == solve(problem).to_bytes()


@pytest.mark.parametrize("level", list(Level))
def test_a_single_level_leaves_many_ties_and_one_answer(level: Level) -> None:
    problem = replace(practice_problem(2, products=30, ingredients=12, scarce=False), levels=(level,))
    plan = solve(problem)
    assert plan.status is Status.PROVEN
    assert broken_rules(problem, plan) == ()
    start = replace(solve(replace(problem, levels=tuple(Level))), problem_sha256=problem.sha256)
    assert solve(problem, start=replace(start, levels=plan.levels)).to_bytes() == plan.to_bytes()


@pytest.mark.parametrize("seed", range(3))
def test_a_problem_of_a_practices_size_is_proven_and_keeps_the_rules(seed: int) -> None:
    problem = practice_problem(seed, products=30, ingredients=15)
    plan = solve(problem)
    assert plan.status is Status.PROVEN
    assert broken_rules(problem, plan) == ()
