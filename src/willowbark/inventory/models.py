"""Lots on the shelf of a site, every move of them, what is left, and what is recalled."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified
from willowbark.inventory.core.moves import KINDS, LEAVING, NEEDS_REASON
from willowbark.inventory.core.recalls import BY_CODE


class Lot(Identified):
    """
    Containers of one product that came with one lot number, at one site.

    In the database the key is `(site_id, id)`, and what points at a lot carries the site along: no move
    of one site can touch another's shelf.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    lot_number = models.CharField(max_length=60)
    expires_on = models.DateField()
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "product", "lot_number"], name="lot_once"),
            models.CheckConstraint(condition=~Q(lot_number=""), name="lot_has_number"),
        ]
        indexes = [models.Index(fields=["site", "product", "expires_on"], name="lots_first_expiring")]

    def __str__(self) -> str:
        return self.lot_number


class Balance(Identified):
    """
    What is left of a lot, in containers.

    Made with the lot and moved by the ledger's trigger alone, as the tables' owner: the application may
    read it and nothing else. That it is never below zero is the last word on every take.
    """

    placement = "site"
    written_by_trigger = True

    site = models.ForeignKey(
        "practice.Site", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    on_hand_containers = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "lot"], name="balance_once"),
            models.CheckConstraint(condition=Q(on_hand_containers__gte=0), name="balance_not_negative"),
        ]


class StockRequest(Identified):
    """
    A request that moved stock, so that its repetition moves nothing.

    Written before anything else of the request: a second one with the same key waits for the first, and
    then finds it. `content_sha256` tells a repetition from a key used for something else.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    request_key = models.UUIDField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    content_sha256 = models.CharField(max_length=64)
    source_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "request_key"], name="stock_request_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="stock_request_kind"),
        ]


class StockMove(Identified):
    """
    One line of the ledger: containers that came to a lot (above zero) or left it (below).

    Never changed and never deleted; a mistake is undone by a counter-move that names it. `left_containers`
    is the lot's balance after the move, filled in by the trigger.
    """

    placement = "site"

    site = models.ForeignKey(
        "practice.Site", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    request = models.ForeignKey(
        StockRequest, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    product_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    containers = models.IntegerField()
    left_containers = models.IntegerField()
    reason = models.CharField(max_length=300, blank=True)
    source_id = models.UUIDField(null=True)
    undoes_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "request", "lot"], name="stock_move_once_of_request"),
            models.UniqueConstraint(
                fields=["site", "undoes_id"],
                condition=Q(undoes_id__isnull=False),
                name="stock_move_undone_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="stock_move_kind"),
            models.CheckConstraint(condition=~Q(containers=0), name="stock_move_moves"),
            models.CheckConstraint(condition=Q(left_containers__gte=0), name="stock_move_leaves"),
            models.CheckConstraint(
                condition=Q(kind="adjust")
                | Q(kind__in=LEAVING, containers__lt=0)
                | (~Q(kind__in=LEAVING) & Q(containers__gt=0)),
                name="stock_move_direction",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=NEEDS_REASON) | ~Q(reason=""), name="stock_move_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "product_id", "-at", "-id"], name="stock_moves_of_product"),
            models.Index(fields=["site", "lot", "-at", "-id"], name="stock_moves_of_lot"),
            models.Index(
                fields=["site", "at"],
                include=["product_id", "containers"],
                condition=Q(kind__in=("dispense", "return")),
                name="stock_dispensed_lately",
            ),
        ]


class Recall(Identified):
    """
    A product that must not be given out any more, as its maker or an authority says: some lots, or all.

    `product_ids` are the versions that there were then; `lot_numbers` are [] for every lot. `source_text`
    says who recalls it and where that is written, `told_by` who told the practice, `class_code` how bad it
    is. Never changed but for `lifted_*`, when it no longer holds.
    """

    placement = "reference"

    product_key = models.CharField(max_length=80)
    product_ids = ArrayField(models.UUIDField())
    product_name = models.CharField(max_length=200)
    lot_numbers = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    reason = models.CharField(max_length=300)
    source_text = models.CharField(max_length=300)
    class_code = models.CharField(max_length=20, blank=True)
    told_by = models.CharField(max_length=200, blank=True)
    request_key = models.UUIDField(null=True, unique=True)
    recalled_at = models.DateTimeField()
    recalled_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(source_text="") & ~Q(product_ids=[]),
                name="recall_says_something",
            ),
            models.CheckConstraint(condition=Q(class_code__in=list(BY_CODE)), name="recall_class_known"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="recall_lifted_whole",
            ),
        ]
        indexes = [
            GinIndex(fields=["product_ids"], name="recalls_of_product", condition=Q(lifted_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.product_name
