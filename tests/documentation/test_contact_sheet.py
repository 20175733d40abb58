"""The contact sheet forgets no page and draws none as somebody who may not see it."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from django.template.loader import get_template

from willowbark.practice.roles import shipped_roles

from ..matrix.pages import PAGES
from .test_documentation import REPOSITORY


@pytest.fixture(scope="module")
def sheet():
    spec = importlib.util.spec_from_file_location("contact_sheet", REPOSITORY / "tools" / "contact_sheet.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_every_page_of_the_matrix_is_on_the_sheet(sheet):
    assert {stop.name for stop in sheet.STOPS} == {call.name for call in PAGES}


def test_a_page_is_drawn_as_somebody_who_may_see_it(sheet):
    named = {role["name"]: key for key, role in shipped_roles().items()}
    allowed = {call.name: call.allowed for call in PAGES}
    signed_in = [stop for stop in sheet.STOPS if stop.role]

    assert [stop.name for stop in signed_in if named[stop.role] not in allowed[stop.name]] == []


def test_a_page_is_led_to_from_one_that_is_drawn_before_it(sheet):
    names = [stop.name for stop in sheet.STOPS]

    assert [stop.name for stop in sheet.STOPS if stop.after and stop.after not in names] == []


def test_every_error_on_the_sheet_has_its_template(sheet):
    assert all(get_template(f"{name}.html") for name in sheet.ERRORS)
