"""What the catalog says is something that the knowledge knows, in units that it can count with."""

from __future__ import annotations

import pytest

from willowbark.catalog.core.products import ALLERGENS
from willowbark.catalog.core.reading import demo_products
from willowbark.knowledge.core.amounts import amount_of
from willowbark.knowledge.selectors import release


@pytest.mark.parametrize("product", demo_products(), ids=lambda product: product.key)
def test_every_amount_of_every_product_can_be_counted_with(product):
    for each in product.ingredients:
        ingredient = release().ingredients[each.ingredient_key]
        amount = amount_of(ingredient, each.form_key, each.amount, each.unit)
        assert 0 < amount <= ingredient.largest


def test_every_allergen_of_a_label_is_one_that_is_looked_for_in_a_chart():
    assert set(ALLERGENS) <= {allergen.key for allergen in release().allergens}
