"""What the shelf covers of what was signed, and the alerts that somebody has to answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.command_center.core.alerts import KINDS, STATES
from willowbark.foundation.compartment import Identified


class Cover(Identified):
    """
    A product on the shelf of a site, beside what signed protocols still need of it; all in containers.

    `needed_containers` are needed by the end of `through_on`, `outstanding_containers` are signed for and
    not handed out yet. In the database the key is `(site_id, id)`.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    product_id = models.UUIDField()
    on_hand_containers = models.IntegerField()
    needed_containers = models.IntegerField()
    outstanding_containers = models.IntegerField()
    protocols = models.IntegerField()
    through_on = models.DateField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "product_id"], name="cover_once"),
            models.CheckConstraint(
                condition=Q(
                    on_hand_containers__gte=0,
                    needed_containers__gte=0,
                    outstanding_containers__gte=models.F("needed_containers"),
                    protocols__gte=0,
                ),
                name="cover_adds_up",
            ),
        ]


class Alert(Identified):
    """
    Something at a site that is beyond its threshold, whose it is to act on, by when, and how.

    `subject_key` is what it is about: a product or a person. `figure` and `threshold` are what was found
    when it was opened, `latest_figure` and `latest_threshold` what was found last, in `unit`. `about` is
    the person whose figure it is, where it is one's. `cleared_at` is when the figure was back within.
    """

    placement = "site"

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    subject_key = models.UUIDField()
    about = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    owner = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField()
    next_action = models.CharField(max_length=300)
    state = models.CharField(max_length=9, choices=[(state, state) for state in STATES], default="open")
    figure = models.IntegerField()
    threshold = models.IntegerField()
    latest_figure = models.IntegerField()
    latest_threshold = models.IntegerField()
    unit = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    close_reason = models.CharField(max_length=300, blank=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "kind", "subject_key"], condition=Q(state="open"), name="alert_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by__isnull=True, close_reason="")
                | Q(state="cleared", closed_at__isnull=False, cleared_at__isnull=False)
                | (
                    Q(state__in=["acted", "dismissed"], closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(close_reason="")
                ),
                name="alert_closed_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(next_action="") & Q(kind__in=KINDS, state__in=STATES), name="alert_says_what"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "kind", "subject_key", "opened_at"], name="alerts_of_subject")
        ]
