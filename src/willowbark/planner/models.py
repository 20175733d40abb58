"""Scenarios that somebody has kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified


class SavedScenario(Identified):
    """
    A scenario under a name, as it was saved; it is not changed, only put away.

    `figures` are those that were given, by section and name; `own` says of each that was taken from the
    practice how it was found. The id is the request's own, so that saving twice saves once.
    """

    placement = "reference"

    name = models.CharField(max_length=120)
    figures = models.JSONField()
    own = models.JSONField(default=dict)
    saved_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    saved_at = models.DateTimeField()
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="scenario_has_a_name")]
        indexes = [models.Index(fields=["saved_at"], name="scenarios_newest")]
