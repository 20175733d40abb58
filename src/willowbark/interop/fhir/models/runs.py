"""What was asked to be imported, when, by whom, and what became of every file."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified


class ImportRun(Identified):
    """
    One import: the files that were named together.

    `asked_by` is who started it; what it writes is written as the system. `source` is the name under which
    ids that are no UUIDs are told apart. `request_key` came with files that were handed in. `alive_at` is
    when its process last stored something.

    `taken_up_count` is how much of what waited from earlier runs went in, `without_visit_count` how many
    entries name a visit that did not come.
    """

    placement = "local"

    asked_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20)
    request_key = models.UUIDField(null=True, unique=True)
    source = models.CharField(max_length=100)
    home_site_id = models.UUIDField()
    path_text = models.CharField(max_length=300)
    status = models.CharField(
        max_length=8,
        choices=[
            ("waiting", "waiting"),
            ("running", "running"),
            ("finished", "finished"),
            ("failed", "failed"),
        ],
    )
    started_at = models.DateTimeField()
    alive_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    files_total = models.IntegerField(default=0)
    linked_count = models.IntegerField(default=0)
    match_queue_count = models.IntegerField(default=0)
    taken_up_count = models.IntegerField(default=0)
    without_visit_count = models.IntegerField(default=0)
    error_text = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-started_at", "-id"], name="import_runs_newest_first")]


class ImportFile(Identified):
    """
    One file of a run.

    `counts` maps resource type -> outcome -> number. `items_done` resources of a large file are stored:
    an interrupted import goes on behind it.
    """

    placement = "local"

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="files")
    original = models.ForeignKey(
        "interop_fhir.Original", on_delete=models.PROTECT, related_name="+", null=True
    )
    position = models.IntegerField()
    name = models.CharField(max_length=4096)
    source = models.CharField(max_length=100)
    status = models.CharField(
        max_length=8,
        choices=[
            ("waiting", "waiting"),
            ("partial", "partly read"),
            ("done", "read"),
            ("known", "read before: nothing was done"),
            ("refused", "cannot be read"),
        ],
    )
    reason = models.CharField(max_length=30, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    counts = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    warnings_total = models.IntegerField(default=0)
    items_done = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="import_file_once")]
        indexes = [
            models.Index(
                fields=["original", "source"],
                name="import_files_by_original",
                condition=Q(original__isnull=False),
            )
        ]
