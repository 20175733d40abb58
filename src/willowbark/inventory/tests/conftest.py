"""A practice for all tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

import pytest

from willowbark.catalog.testing import make_products, new_product
from willowbark.practice.testing import practice_of_module

practice, _undone = practice_of_module()


@pytest.fixture(scope="module")
def zinc(practice):
    (product,) = make_products(practice.owner, new_product("zinc", name="Zinc 15"))
    return product


@pytest.fixture(scope="module")
def algae(practice):
    (product,) = make_products(practice.owner, new_product("algae", name="Algae oil"))
    return product
