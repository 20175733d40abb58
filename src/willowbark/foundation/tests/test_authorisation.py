from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.authorisation import Actor, ActorKind, Grant, Reach, allows, require
from willowbark.kernel.errors import Forbidden

permissions = st.frozensets(st.sampled_from(["record.read", "record.write", "patients.read", "audit.read"]))


def actor(*held: frozenset[str]) -> Actor:
    grants = tuple(Grant(f"role{n}", each, Reach.ORGANISATION, None) for n, each in enumerate(held))
    return Actor(uuid4(), uuid4(), "Ann", ActorKind.PERSON, grants, "web", uuid4())


@given(st.lists(permissions, max_size=4), permissions)
def test_nobody_passes_who_was_not_granted_it_and_everybody_who_was(held, asked):
    someone = actor(*held)
    granted = frozenset().union(*held) & asked

    assert someone.permissions == frozenset().union(*held)
    assert allows(someone, *asked) == bool(granted)
    if granted:
        require(someone, *asked)
    else:
        with pytest.raises(Forbidden):
            require(someone, *asked)


def test_whoever_holds_no_role_may_do_nothing():
    with pytest.raises(Forbidden):
        require(actor(), "practice.read")


def test_a_check_that_names_no_permission_lets_nobody_through():
    everything = actor(frozenset({"record.read", "practice.manage"}))

    assert not allows(everything)
    with pytest.raises(Forbidden):
        require(everything)


@given(st.lists(permissions, max_size=4), st.sampled_from(["record.read", "audit.read"]))
def test_only_the_roles_that_hold_a_permission_lend_their_reach_to_it(held, asked):
    someone = actor(*held)

    assert {grant.role for grant in someone.grants_of(asked)} == {
        f"role{n}" for n, each in enumerate(held) if asked in each
    }


def test_an_actor_on_another_occasion_is_the_same_person_under_a_new_request():
    someone = actor(frozenset({"record.read"}))
    later = someone.on("worker")

    assert (later.user_id, later.grants, later.channel) == (someone.user_id, someone.grants, "worker")
    assert later.request_id != someone.request_id


def test_roles_are_named_once_and_in_a_stable_order():
    grants = tuple(Grant(code, frozenset(), Reach.SITE, uuid4()) for code in ("b", "a", "b"))

    assert Actor(uuid4(), None, "", ActorKind.AGENT, grants, "", uuid4()).roles == ("a", "b")
