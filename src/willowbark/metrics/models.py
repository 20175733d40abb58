"""Days of figures, and the facts that they are made of; both at a site."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified


class MetricPiece(Identified):
    """
    One fact as it counts in one metric: what a figure is made of.

    `source_id` is the signed protocol or the dispensing of that patient, `amount` is in the metric's unit.
    In the database the key is `(site_id, id)`.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    metric = models.CharField(max_length=40)
    practitioner = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    patient_id = models.UUIDField()
    source_id = models.UUIDField()
    began_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "metric", "patient_id", "source_id"], name="metric_piece_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="metric_piece_not_negative"),
        ]
        indexes = [
            models.Index(fields=["site", "metric", "day", "practitioner"], name="metric_pieces_of_day"),
            models.Index(
                fields=["patient_id", "practitioner", "at"],
                name="metric_pieces_over_a_span",
                condition=Q(began_at__isnull=False),
            ),
        ]


class MetricDay(Identified):
    """
    One day of one metric at one site: of one practitioner, or with none named of all together.

    `count` facts add up to `total`, in the metric's unit.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    metric = models.CharField(max_length=40)
    practitioner = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    day = models.DateField()
    count = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "metric", "day", "practitioner"], name="metric_day_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(count__gte=0, total__gte=0), name="metric_day_not_negative"),
        ]
