"""What could not be taken in, whole, with the reason, until a person has settled it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified
from willowbark.interop.fhir.models.clear_or_sealed import clear_or_sealed


class Quarantined(Identified):
    """
    One resource that waits.

    `deferred`: the run itself will try again at its end. `waiting`: for a person, or for what it points at.
    `replayed`: taken in since. `dismissed`: a person decided that it is not wanted, for `settled_reason`.
    `replay_asked_at` is when a person last had it read again, `tried_at` when that last came to nothing.
    `sealed_content` is what came, byte for byte, and `content_sha256` its digest, keyed; `links` are the
    addresses that only its own file could explain. `sealed_mended` is what a person has made of it, which is
    read in its place; what came stays. `content` and `mended` hold the same in rows from before that.
    """

    placement = "local"

    run = models.ForeignKey("interop_fhir.ImportRun", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("interop_fhir.ImportFile", on_delete=models.PROTECT, related_name="+", null=True)
    source = models.CharField(max_length=100)
    place = models.CharField(max_length=200)
    resource_type = models.CharField(max_length=64, blank=True)
    resource_id = models.CharField(max_length=128, blank=True)
    full_url = models.CharField(max_length=500, blank=True)
    links = models.JSONField(default=dict)
    sealed_content = models.BinaryField(null=True)
    content = models.BinaryField(null=True)
    content_sha256 = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=30)
    message = models.CharField(max_length=1000)
    needs_key = models.UUIDField(null=True)
    status = models.CharField(
        max_length=9,
        choices=[
            ("deferred", "deferred"),
            ("waiting", "waiting"),
            ("replayed", "taken in"),
            ("dismissed", "dismissed"),
        ],
    )
    set_aside_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    settled_reason = models.CharField(max_length=300, blank=True, db_default="")
    replay_asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    sealed_mended = models.BinaryField(null=True)
    mended = models.BinaryField(null=True)
    mended_at = models.DateTimeField(null=True)
    mended_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "content_sha256", "reason"], name="quarantined_once"),
            models.CheckConstraint(
                condition=Q(status__in=["deferred", "waiting"], settled_at__isnull=True)
                | Q(status__in=["replayed", "dismissed"], settled_at__isnull=False),
                name="quarantined_settled_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="dismissed") | ~Q(settled_reason=""),
                name="quarantined_dismissed_with_reason",
            ),
            clear_or_sealed("quarantined_clear_or_sealed"),
            models.CheckConstraint(
                condition=Q(mended__isnull=True) | Q(sealed_mended__isnull=True),
                name="quarantined_mended_once",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "set_aside_at", "id"], name="quarantined_by_status"),
            models.Index(
                fields=["needs_key"],
                name="quarantined_by_need",
                condition=Q(status__in=["deferred", "waiting"]),
            ),
            models.Index(fields=["run", "id"], name="quarantined_by_run"),
        ]
