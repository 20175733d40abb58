"""Products and what is in one unit of each; the files of suppliers that brought them and their prices."""

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


class PriceList(Identified):
    """
    A file of a supplier, kept whole, and what it would do or did to the catalog.

    `unreadable`: kept until somebody has it read again or puts it away. `open`: previewed in `lines`, or not
    yet since `reason` says what its columns lack. `asked`, `applied`, `undone`, `dismissed`. `lines_done`
    counts the lines that were carried out.
    """

    placement = "local"

    STATUSES = ("unreadable", "open", "asked", "applied", "undone", "dismissed")

    kind = models.CharField(max_length=6, choices=[("prices", "prices"), ("labels", "labels")])
    supplier = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    content_sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=[(status, status) for status in STATUSES])
    reason = models.CharField(max_length=500, blank=True)
    columns = models.JSONField(default=dict)
    currency = models.CharField(max_length=3, blank=True)
    headers = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    lines_done = models.IntegerField(default=0)
    request_key = models.UUIDField(unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_by = models.UUIDField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=("unreadable", "open", "asked", "applied", "undone", "dismissed")),
                name="price_list_status",
            ),
            models.CheckConstraint(condition=Q(lines_done__gte=0), name="price_list_lines_done"),
            models.CheckConstraint(
                condition=~Q(status="applied") | Q(applied_at__isnull=False), name="price_list_applied_at"
            ),
        ]
        indexes = [models.Index(fields=["-uploaded_at", "id"], name="price_lists_newest")]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.file_name}"


class SupplierColumns(Identified):
    """How the columns of a supplier's files were read when one was last applied."""

    placement = "local"

    supplier = models.CharField(max_length=100, unique=True)
    columns = models.JSONField()
    currency = models.CharField(max_length=3, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.supplier
