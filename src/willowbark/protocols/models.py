"""Drafts, compositions, signed protocols and their lines: all of one patient, what was signed for good."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from willowbark.foundation.compartment import CompartmentFK, Guard, Identified, PatientModel

# A composition knows everything that the composer considered; who only reads protocols does not see it.
COMPOSING = Guard(
    read=("protocols.compose", "protocols.sign", "record.import"),
    write=("protocols.compose", "protocols.sign", "record.import"),
)
SIGNED = Guard(read=("protocols.read", "record.import"), write=("protocols.sign", "record.import"))
RECHECKED = Guard(read=("protocols.read",), write=("protocols.recheck",))

STATES = [("open", "open"), ("signed", "signed"), ("abandoned", "set aside")]
STATUSES = [("proven", "proven"), ("unproven", "not proven yet"), ("infeasible", "cannot be met")]
LAYERS = [("foundation", "foundation"), ("targeted", "targeted"), ("chosen", "chosen by hand")]
OVERRIDES = [("left_out", "left out"), ("added", "added"), ("fixed", "fixed by hand")]
ENDINGS = [("", "in force"), ("superseded", "superseded"), ("ended", "ended")]
VERSION_STATES = [
    ("draft", "draft"),
    ("waiting", "waiting for approval"),
    ("approved", "approved"),
    ("discarded", "discarded"),
]
SHA256 = r"^[0-9a-f]{64}$"


class Draft(PatientModel):
    """
    A protocol that is being composed: which Master Protocols, and what a person decided by hand.

    `choices` is what `core.choices` reads. One draft of a patient is open at a time; it is resumed.
    """

    guard = COMPOSING

    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    master_keys = models.JSONField()
    choices = models.JSONField()
    state = models.CharField(max_length=9, choices=STATES, default="open")
    opened_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state="open"), name="protocol_draft_open_once"
            ),
            models.CheckConstraint(
                condition=Q(changed_at__gte=F("opened_at")), name="protocol_draft_in_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_by", "changed_at"], name="protocol_draft_left_open", condition=Q(state="open")
            )
        ]


class Composition(PatientModel):
    """
    One answer to one problem, both kept whole and never changed.

    `problem`, `plan` and `explanation` are canonical JSON bytes; `situation` says what of the record they
    were made from, with the ids of its entries, and what nobody checked. `basis_sha256` is over problem
    and situation: it differs as soon as anything that was considered is otherwise.
    """

    guard = COMPOSING
    changes = ()

    draft = CompartmentFK(Draft)
    master_keys = models.JSONField()
    problem = models.BinaryField()
    problem_sha256 = models.CharField(max_length=64)
    plan = models.BinaryField()
    explanation = models.BinaryField()
    situation = models.BinaryField()
    basis_sha256 = models.CharField(max_length=64)
    release_id = models.CharField(max_length=64)
    library_id = models.CharField(max_length=64)
    solver = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=STATUSES)
    composed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    composed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(problem_sha256__regex=SHA256, basis_sha256__regex=SHA256),
                name="composition_digests",
            )
        ]
        indexes = [
            models.Index(fields=["patient", "draft", "composed_at", "id"], name="composition_of_draft")
        ]


class SignedProtocol(PatientModel):
    """
    What a practitioner signed: numbered, hashed, and never changed. It is in force until it is ended.

    `content` is canonical JSON bytes and `content_sha256` their digest. `masters` are the Master Protocols it
    came from, each {"key", "version", "phase", "sha256"}. `opened_at` is when its draft was opened,
    `request_key` the request that signed it.
    """

    guard = SIGNED
    changes = ("ended_at", "ended_by_id", "ending", "end_reason")

    composition = CompartmentFK(Composition)
    supersedes = CompartmentFK("self", null=True)
    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()
    content_sha256 = models.CharField(max_length=64)
    masters = models.JSONField(default=list)
    days = models.SmallIntegerField()
    starts_on = models.DateField()
    signed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    signed_at = models.DateTimeField()
    request_key = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    ending = models.CharField(max_length=10, choices=ENDINGS, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "composition"], name="protocol_signed_once"),
            models.UniqueConstraint(fields=["patient", "number"], name="protocol_number_once"),
            models.UniqueConstraint(fields=["patient", "request_key"], name="protocol_request_once"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(ended_at__isnull=True), name="protocol_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ending="", end_reason="")
                | (
                    Q(ended_at__isnull=False, ended_by__isnull=False, ending__in=["superseded", "ended"])
                    & ~Q(end_reason="")
                ),
                name="protocol_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, days__gte=1, content_sha256__regex=SHA256),
                name="protocol_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["signed_by", "signed_at"], name="protocol_by_signer"),
            models.Index(fields=["id"], name="protocol_in_order"),
            GinIndex(
                fields=["masters"],
                name="protocols_of_master",
                opclasses=["jsonb_path_ops"],
                condition=Q(ended_at__isnull=True),
            ),
        ]


class ProtocolLine(PatientModel):
    """
    One product of a signed protocol.

    `moments` is a list of {"moment", "units"}; `units_a_day` their sum. `containers` were signed for
    `days` days. `reasons` are sentences, `fact_keys` what they rest on in the knowledge.
    """

    guard = SIGNED
    changes = ()

    protocol = CompartmentFK(SignedProtocol)
    position = models.SmallIntegerField()
    product_id = models.UUIDField()
    product_key = models.CharField(max_length=80)
    product_name = models.CharField(max_length=200)
    layer = models.CharField(max_length=10, choices=LAYERS)
    moments = models.JSONField()
    units_a_day = models.SmallIntegerField()
    unit_name = models.CharField(max_length=20)
    days = models.SmallIntegerField()
    containers = models.SmallIntegerField()
    units_per_container = models.IntegerField()
    container_cents = models.IntegerField()
    reasons = models.JSONField()
    fact_keys = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "protocol", "position"], name="protocol_line_position_once"
            ),
            models.UniqueConstraint(
                fields=["patient", "protocol", "product_key"], name="protocol_line_product_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    position__gte=0,
                    units_a_day__gte=1,
                    containers__gte=1,
                    days__gte=1,
                    units_per_container__gte=1,
                    container_cents__gte=0,
                ),
                name="protocol_line_says_something",
            ),
        ]
        indexes = [models.Index(fields=["product_id"], name="protocol_lines_of_product")]


class ProtocolOverride(PatientModel):
    """
    What its signer decided otherwise than composed, and why: see `core.overrides`.

    `master_keys` are the Master Protocols that it departs from.
    """

    guard = SIGNED
    changes = ()

    protocol = CompartmentFK(SignedProtocol)
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=10, choices=OVERRIDES)
    product_key = models.CharField(max_length=80)
    layer = models.CharField(max_length=10, choices=LAYERS)
    master_keys = models.JSONField()
    text = models.CharField(max_length=400)
    reason = models.CharField(max_length=12)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "protocol", "product_key"], name="protocol_override_once"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0) & ~Q(text="") & ~Q(reason=""),
                name="protocol_override_says_why",
            ),
        ]


class ProtocolConcern(PatientModel):
    """
    Something that speaks against a signed protocol since it was signed; see `core.concerns`.

    The same facts are a concern of a protocol once. `gone_at` is when it was no longer so; `task_id` the task
    that was filed, None when nobody can be asked. `weight` orders concerns, `because` says why.
    """

    guard = RECHECKED
    changes = ("gone_at", "found_at", "task_id", "weight", "because")

    protocol = CompartmentFK(SignedProtocol)
    key = models.CharField(max_length=300)
    facts_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    severity = models.CharField(max_length=15, blank=True)
    text = models.CharField(max_length=1000)
    fact_key = models.CharField(max_length=200, blank=True)
    entry_ids = models.JSONField()
    weight = models.SmallIntegerField(default=1)
    because = models.CharField(max_length=300, blank=True, default="")
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    task_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "protocol", "key", "facts_sha256"], name="protocol_concern_once"
            ),
            models.CheckConstraint(
                condition=Q(facts_sha256__regex=SHA256) & ~Q(text=""), name="protocol_concern_says_something"
            ),
        ]
        indexes = [
            models.Index(
                fields=["fact_key"], name="protocol_concerns_of_fact", condition=Q(gone_at__isnull=True)
            )
        ]


class RecheckedRelease(Identified):
    """
    A release of the knowledge against which every protocol in force was checked.

    `facts` maps the key of each fact to a SHA-256 of all that it says, so that the next release shows what
    is new in it.
    """

    placement = "reference"

    release_id = models.CharField(max_length=64, unique=True)
    facts = models.JSONField()
    rechecked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(release_id__regex=SHA256), name="rechecked_release_is_a_release"
            )
        ]
        indexes = [models.Index(fields=["rechecked_at"], name="rechecked_release_last")]


class MasterProtocol(Identified):
    """
    A Master Protocol of the practice's own library, as soon as the practice has decided anything about it.

    What it says is in its versions. `reviewed_at` is when somebody last said that it is still right, or
    approved a version; from then on it is due again after `review_every_days`.
    """

    placement = "reference"

    key = models.CharField(max_length=60, unique=True)
    review_every_days = models.SmallIntegerField(default=91)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    retire_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]+(_[a-z0-9]+)*$"), name="master_key"),
            models.CheckConstraint(
                condition=Q(review_every_days__gte=7, review_every_days__lte=730),
                name="master_review_cadence",
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retired_by__isnull=True, retire_reason="")
                | (Q(retired_at__isnull=False, retired_by__isnull=False) & ~Q(retire_reason="")),
                name="master_retired_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class MasterVersion(Identified):
    """
    One version of a Master Protocol: a draft, then what a senior practitioner approved, never changed after.

    `content` is the canonical document (`data/schema/master.schema.json`); a draft's may be unfinished. It is
    in force from `effective_on` until a later version is. `shipped_sha256` is of what was shipped when it was
    begun, '' when nothing was. `edited_by` are the users who wrote in it, none of
    whom approves it as long as somebody else can. `saved_by_request` and `approved_by_request` are the
    requests that did so last, whose repetition changes nothing.
    """

    placement = "reference"

    master = models.ForeignKey(MasterProtocol, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    content = models.BinaryField()
    content_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=VERSION_STATES, default="draft")
    based_on = models.IntegerField(null=True)
    shipped_sha256 = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=500, blank=True)
    edited_by = models.JSONField(default=list)
    opened_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    saved_by_request = models.UUIDField()
    submitted_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    approved_by_request = models.UUIDField(null=True)
    effective_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["master", "number"],
                condition=~Q(state="discarded"),
                name="master_version_number_once",
            ),
            models.UniqueConstraint(
                fields=["master"], condition=Q(state__in=["draft", "waiting"]), name="master_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, content_sha256__regex=SHA256), name="master_version_whole"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="approved",
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    approved_by_request__isnull=False,
                    effective_on__isnull=False,
                )
                | (
                    ~Q(state="approved")
                    & Q(
                        approved_by__isnull=True,
                        approved_at__isnull=True,
                        approved_by_request__isnull=True,
                        effective_on__isnull=True,
                    )
                ),
                name="master_version_approved_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["master", "effective_on", "number"],
                name="master_versions_in_force",
                condition=Q(state="approved"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.master_id} v{self.number}"
