"""Users, and the append-only tables that every business writes through functions of this floor."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from willowbark.foundation.authorisation import ActorKind
from willowbark.foundation.compartment import Identified

TRANSACTION = RawSQL("(pg_current_xact_id()::text::bigint)", [])
INSTANT = RawSQL("clock_timestamp()", [])


class UserManager(BaseUserManager["User"]):
    """Finds users by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with this e-mail address."""
        return self.get(email__iexact=username)


class User(Identified, AbstractBaseUser):
    """Someone, or something, that can act. What it may do is said by roles, in the practice."""

    placement = "reference"

    email = models.EmailField(max_length=254)
    kind = models.CharField(
        max_length=10, choices=[(kind, kind) for kind in ActorKind], default=ActorKind.PERSON
    )
    is_active = models.BooleanField(default=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class AccessEntry(Identified):
    """One reading, writing or refusal. Inserted by `willow_log_access` alone; nobody may change it."""

    placement = "local"

    at = models.DateTimeField(db_default=INSTANT)
    transaction = models.BigIntegerField(db_default=TRANSACTION)
    actor_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    patient_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=10)
    db_role = models.CharField(max_length=63)

    class Meta:
        indexes = [
            models.Index(
                fields=["patient_id", "at"], name="access_by_patient", condition=Q(patient_id__isnull=False)
            ),
            models.Index(fields=["transaction", "id"], name="access_by_commit"),
            models.Index(fields=["actor_id", "id"], name="access_by_person"),
            models.Index(fields=["id"], name="access_refused", condition=Q(outcome="refused")),
        ]


class Seal(Identified):
    """
    One sealed block of a log: whole transactions, in the order of their numbers, chained to the block before.

    `entry_digests` holds 32 bytes for each of `entry_ids`, in that order, so that whoever checks can name
    the entry that was edited, removed or added. Written by `willow_seal` alone.
    """

    placement = "local"

    chain = models.CharField(max_length=7, choices=[("access", "access log"), ("history", "row history")])
    number = models.BigIntegerField()
    after_transaction = models.BigIntegerField()
    through_transaction = models.BigIntegerField()
    entry_ids = ArrayField(models.UUIDField())
    entry_digests = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="seal_number_once"),
            models.CheckConstraint(
                condition=Q(through_transaction__gt=F("after_transaction")), name="seal_forwards"
            ),
        ]


class PatientHistory(models.Model):
    """
    One change of one row of a patient's compartment, kept by a database trigger.

    An insert keeps who and when (the row itself has the values); an update or a delete keeps the
    whole row as it was before. Placed with the patient; its key is `(patient_id, id)` in the database.
    """

    placement = "patient"
    written_by_trigger = True

    id = models.UUIDField(primary_key=True)
    patient_id = models.UUIDField()
    table_name = models.CharField(max_length=63)
    row_id = models.UUIDField()
    operation = models.CharField(max_length=6)
    old_row = models.JSONField(null=True)
    actor_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    db_role = models.CharField(max_length=63)
    transaction = models.BigIntegerField()
    at = models.DateTimeField()


class OutboxMessage(Identified):
    """One fact that happened, committed with the change that made it; a worker delivers it."""

    placement = "local"

    transaction = models.BigIntegerField(db_default=TRANSACTION)
    name = models.CharField(max_length=100)
    payload = models.JSONField()
    request_id = models.UUIDField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name", "transaction", "id"], name="outbox_in_commit_order")]


class Subscription(Identified):
    """How far one handler has come in the outbox. Moves in the handler's own transaction."""

    placement = "local"

    handler = models.CharField(max_length=150, unique=True)
    transaction = models.BigIntegerField(default=0)
    message_id = models.UUIDField(null=True)
    attempts = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)


class Undelivered(Identified):
    """A message that a handler failed on again and again: set aside for a person, never lost."""

    placement = "local"

    handler = models.CharField(max_length=150)
    message = models.ForeignKey(OutboxMessage, on_delete=models.PROTECT, related_name="+")
    error = models.CharField(max_length=200)
    set_aside_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handler", "message"], name="undelivered_once")]


class Effort(Identified):
    """
    Active seconds of one person on one visit to one page.

    `id` is made by the page, which reports its running total: repeating a report changes nothing.
    """

    placement = "local"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    patient_id = models.UUIDField(null=True)
    task_kind = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    active_seconds = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="effort_not_negative"),
            models.CheckConstraint(condition=Q(last_at__gte=F("started_at")), name="effort_forwards"),
        ]
        indexes = [models.Index(fields=["user", "started_at"], name="effort_by_person")]
