"""The organisation, its sites, the people who work there, and what their roles let them do."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from willowbark.foundation.authorisation import Reach
from willowbark.foundation.compartment import Identified


class Organisation(Identified):
    """The practice itself. One database holds one organisation."""

    placement = "reference"

    name = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=2, choices=[("US", "United States"), ("EU", "European Union")])
    time_zone = models.CharField(max_length=60)
    is_demo = models.BooleanField(default=False)
    needs_second_factor = models.BooleanField(default=False)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="organisation_only_one")]

    def __str__(self) -> str:
        return self.name


class Site(Identified):
    """One place where patients are seen."""

    placement = "reference"

    name = models.CharField(max_length=100, unique=True)
    address = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=60)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Role(Identified):
    """A named set of permissions."""

    placement = "reference"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class RolePermission(Identified):
    """One permission of one role."""

    placement = "reference"

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="permissions")
    permission = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="role_permission_once")]


class Staff(Identified):
    """Someone, or an agent, who works in the practice."""

    placement = "reference"

    user = models.OneToOneField("foundation.User", on_delete=models.PROTECT, related_name="staff")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return self.name


class RoleAssignment(Identified):
    """A role held by a person: everywhere, at one site, or for the patients in their care at a site."""

    placement = "reference"

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    reach = models.CharField(max_length=12, choices=[(reach, reach) for reach in Reach])
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role", "site"], name="role_assignment_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(reach=Reach.ORGANISATION, site__isnull=True)
                | Q(reach__in=[Reach.SITE, Reach.CARE], site__isnull=False),
                name="role_assignment_site_or_everywhere",
            ),
        ]


class WorkingHours(Identified):
    """When a person works at a site in an ordinary week, in the site's own time."""

    placement = "reference"

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="working_hours")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    weekday = models.SmallIntegerField(help_text="0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="working_hours_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="working_hours_forwards"),
            models.UniqueConstraint(fields=["staff", "site", "weekday", "starts"], name="working_hours_once"),
        ]


class SignInFailure(Identified):
    """
    A guess at a password that is being checked or was wrong, or that guessing was locked for a while.

    The address and the client are kept as digests only: they need not be anyone's.
    """

    placement = "local"

    address_key = models.CharField(max_length=64)
    client_key = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=[("guess", "guess"), ("locked", "locked")], default="guess")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["address_key", "at"], name="sign_in_failures_lately"),
            models.Index(fields=["client_key", "at"], name="sign_in_failures_of_client"),
        ]


class Notice(Identified):
    """
    What somebody is told of their own sign-in: that something changed by which one comes in as them.

    `what` is a code of `core.notices`, `detail` which factor it was. `seen_at` is when they said that they
    know of it, `mailed_at` when it was mailed to them.
    """

    placement = "local"

    user = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=40)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="notice_by_user")]


class Device(Identified):
    """
    One browser in which somebody is signed in. It lasts as long as its session.

    `client` is the network address that it signed in from, `browser` what it said it is.
    """

    placement = "local"

    user = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    client = models.CharField(max_length=45)
    browser = models.CharField(max_length=300)
    signed_in_at = models.DateTimeField()
    signed_in_with = models.CharField(max_length=60)
