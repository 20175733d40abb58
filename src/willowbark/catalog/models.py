"""Products, and what is in one unit of each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from willowbark.catalog.core.products import FOODS, FORMS, UNITS
from willowbark.foundation.compartment import Identified
from willowbark.foundation.fields import NumericField


class Product(Identified):
    """
    One version of what can be dispensed.

    What it is made of never changes: signed protocols and lots on the shelf point at this row. A new
    composition is a new row with the next `version`; at most one version of a key is active.
    """

    placement = "reference"

    key = models.CharField(max_length=80)
    version = models.IntegerField(default=1)
    name = models.CharField(max_length=200)
    brand = models.CharField(max_length=100)
    form = models.CharField(max_length=20, choices=[(form, form) for form in FORMS])
    unit_name = models.CharField(max_length=30)
    units_per_container = models.IntegerField()
    most_units_a_day = models.IntegerField(null=True, blank=True)
    most_units_a_moment = models.IntegerField(null=True, blank=True)
    moments = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    food = models.CharField(max_length=10, choices=[(food, food) for food in FOODS], blank=True)
    allergens = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    diets = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    ingredient_count = models.IntegerField()
    composition_sha256 = models.CharField(max_length=64)
    container_price_cents = models.BigIntegerField()
    container_cost_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    gtin = models.CharField(max_length=14, blank=True)
    source = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    retire_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="product_version_once"),
            models.UniqueConstraint(fields=["key"], condition=Q(is_active=True), name="product_one_active"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]+(_[a-z0-9]+)*$"), name="product_key"),
            models.CheckConstraint(condition=Q(version__gte=1), name="product_version_from_one"),
            models.CheckConstraint(condition=Q(form__in=FORMS), name="product_form"),
            models.CheckConstraint(condition=Q(food__in=("", *FOODS)), name="product_food"),
            models.CheckConstraint(condition=Q(units_per_container__gt=0), name="product_holds_units"),
            models.CheckConstraint(
                condition=Q(most_units_a_day__isnull=True) | Q(most_units_a_day__gt=0),
                name="product_units_a_day",
            ),
            models.CheckConstraint(
                condition=Q(most_units_a_moment__isnull=True) | Q(most_units_a_moment__gt=0),
                name="product_units_a_moment",
            ),
            models.CheckConstraint(condition=Q(ingredient_count__gt=0), name="product_holds_something"),
            models.CheckConstraint(
                condition=Q(container_price_cents__gte=0, container_cost_cents__gte=0),
                name="product_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, retired_at__isnull=True)
                | Q(is_active=False, retired_at__isnull=False),
                name="product_active_or_retired",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="products_by_name"),
            GinIndex(fields=["allergens"], name="products_by_allergen"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.brand})"


class ProductIngredient(Identified):
    """How much of one ingredient one unit of a product holds. Written with its product, never after."""

    placement = "reference"

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="ingredients")
    position = models.IntegerField()
    ingredient_key = models.CharField(max_length=60)
    form_key = models.CharField(max_length=60, blank=True)
    amount = NumericField()
    unit = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="product_ingredient_position_once"),
            models.UniqueConstraint(
                fields=["product", "ingredient_key", "form_key"], name="product_ingredient_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="product_ingredient_amount"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="product_ingredient_unit"),
            models.CheckConstraint(condition=Q(position__gte=0), name="product_ingredient_position"),
        ]
        indexes = [models.Index(fields=["ingredient_key", "product"], name="products_by_ingredient")]
