"""Who a patient is, how to reach them, what they agreed to, and who cares for them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from willowbark.foundation.compartment import CompartmentFK, Guard, Identified, PatientModel
from willowbark.patients.core.break_glass import FEWEST_HOURS, MOST_HOURS, REASONS, VERDICTS

PRECISIONS = [("", "unknown"), ("year", "year"), ("month", "month"), ("day", "day"), ("instant", "instant")]
SOURCES = [("staff", "entered by staff"), ("import", "imported"), ("patient", "told by the patient")]

IDENTITY = Guard(read=("patients.read", "record.import"), write=("patients.write", "record.import"))


class Patient(Identified):
    """
    A person as one source knows them; the root of their compartment.

    Two rows found to be one person are merged by a link: `linked_to` names the primary row, and
    nothing is re-parented.
    """

    placement = "patient"
    patient_column = "id"
    guard = IDENTITY

    home_site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=200)
    given = models.CharField(max_length=200, blank=True)
    prefix = models.CharField(max_length=40, blank=True)
    birth_date = models.DateField(null=True)
    birth_date_precision = models.CharField(max_length=7, choices=PRECISIONS, blank=True)
    sex = models.CharField(
        max_length=7,
        choices=[("female", "female"), ("male", "male"), ("other", "other"), ("unknown", "unknown")],
        default="unknown",
    )
    # When is often not known. The database's own default is unknown to Django, which would ask for the value
    # that was stored: who registers somebody may not read them yet.
    is_deceased = models.BooleanField(default=False)
    deceased_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=35, blank=True)
    linked_to = models.UUIDField(null=True)
    source_kind = models.CharField(max_length=7, choices=SOURCES)
    source_key = models.UUIDField(null=True)
    source_digest = models.BinaryField(null=True)
    source_file = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()
    name_key = models.CharField(max_length=420, editable=False, db_collation="C")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(family=""), name="patient_has_a_name"),
            models.CheckConstraint(
                condition=Q(linked_to__isnull=True) | ~Q(linked_to=F("id")), name="patient_not_own_link"
            ),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True, birth_date_precision="")
                | Q(birth_date__isnull=False, birth_date_precision__in=["year", "month", "day"]),
                name="patient_birth_date_precision",
            ),
            models.CheckConstraint(
                condition=Q(deceased_at__isnull=True) | Q(is_deceased=True), name="patient_died_if_dated"
            ),
        ]
        indexes = [
            models.Index(fields=["linked_to"], name="patient_by_link", condition=Q(linked_to__isnull=False)),
            models.Index(fields=["birth_date"], name="patient_by_birth_date"),
            models.Index(
                fields=["recorded_by"], name="patient_by_recorder", condition=Q(source_kind="staff")
            ),
            models.Index(
                fields=["name_key", "id"], name="patient_by_name", condition=Q(linked_to__isnull=True)
            ),
            GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="patient_by_name_part"),
        ]

    def __str__(self) -> str:
        return f"{self.family}, {self.given}"


class PatientIdentifier(PatientModel):
    """
    A number or code by which some system knows the patient (FHIR Patient.identifier).

    A sensitive one (`core.identifiers.is_sensitive`) has no `value`: it is `sealed`, and found by its
    `blind_index`.
    """

    guard = IDENTITY

    system = models.CharField(max_length=300)
    value = models.CharField(max_length=200, blank=True, db_collation="C")
    sealed = models.BinaryField(null=True)
    blind_index = models.CharField(max_length=64, blank=True, default="", db_collation="C")
    type_code = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "system", "value", "blind_index"], name="patient_identifier_once"
            ),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True, blind_index="") & ~Q(value="")
                | Q(sealed__isnull=False, value="") & ~Q(blind_index=""),
                name="patient_identifier_plain_or_sealed",
            ),
        ]
        indexes = [
            models.Index(fields=["value", "system"], name="patient_identifier_find"),
            models.Index(
                fields=["system", "blind_index"],
                name="patient_identifier_find_sealed",
                condition=~Q(blind_index=""),
            ),
        ]


class ContactPoint(PatientModel):
    """A telephone number or an e-mail address (FHIR ContactPoint)."""

    guard = IDENTITY

    system = models.CharField(max_length=10)
    value = models.CharField(max_length=254)
    use = models.CharField(max_length=10, blank=True)
    rank = models.SmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "system", "value"], name="contact_point_once")
        ]


class Address(PatientModel):
    """A postal address (FHIR Address); several street lines are joined by line breaks."""

    guard = IDENTITY

    use = models.CharField(max_length=10, blank=True)
    line = models.CharField(max_length=400, blank=True)
    city = models.CharField(max_length=120, blank=True)
    district = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(fields=["patient", "line", "postal_code", "city"], name="address_once")
        ]


class Consent(PatientModel):
    """What a patient agreed to, or withdrew (FHIR Consent). Withdrawing ends it; nothing is erased."""

    guard = Guard(read=("patients.read",), write=("patients.write",))

    scope = models.CharField(
        max_length=20,
        choices=[
            ("treatment", "treatment"),
            ("data_processing", "processing of health data"),
            ("messaging", "messages"),
            ("research", "research"),
        ],
    )
    wording = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after_given",
            ),
            models.UniqueConstraint(
                fields=["patient", "scope"],
                condition=Q(withdrawn_at__isnull=True),
                name="consent_in_force_once",
            ),
        ]


class CareRelationship(PatientModel):
    """A person of the practice who cares for the patient: what opens the record to them."""

    guard = Guard(read=("patients.read",), write=("patients.write", "practice.manage", "record.import"))

    staff = models.ForeignKey("practice.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(
        max_length=10, choices=[("primary", "primary practitioner"), ("team", "care team")]
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="care_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["patient", "staff"], condition=Q(ended_at__isnull=True), name="care_in_force_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "patient"], name="care_by_staff", condition=Q(ended_at__isnull=True)
            )
        ]


class BreakGlass(PatientModel):
    """
    A person of the practice who does not reach a patient, let in for some hours, and why they said so.

    Rows are written by `willow_break_glass` and ended by `willow_end_break_glass` alone: nobody lets another
    in, and nobody makes it longer.
    """

    guard = Guard(read=("patients.read",), write=("patients.break_glass",))
    changes = ()
    own_triggers = (("patients_breakglass_by_asking", "willow_guard_break_glass"),)

    staff = models.ForeignKey("practice.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason_code = models.CharField(max_length=20, choices=[(code, words) for code, words in REASONS.items()])
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    request_key = models.UUIDField()

    class Meta:
        verbose_name_plural = "broken glass"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("opened_at")) & ~Q(reason=""), name="break_glass_boxed"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_by__isnull=False, ended_at__gte=F("opened_at"), ended_at__lte=F("expires_at")),
                name="break_glass_ends_within",
            ),
            models.UniqueConstraint(
                fields=["patient", "staff", "request_key"], name="break_glass_request_once"
            ),
            ExclusionConstraint(
                name="break_glass_one_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("staff", RangeOperators.EQUAL),
                    (
                        Func(
                            F("opened_at"),
                            Coalesce("ended_at", "expires_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "expires_at"], name="break_glass_by_staff"),
            models.Index(fields=["opened_at", "id"], name="break_glass_by_time"),
        ]


class BreakGlassReview(PatientModel):
    """What somebody else found when they looked at why the glass was broken. Said once, never changed."""

    guard = Guard(read=("patients.read",), write=("patients.review_break_glass",))
    changes = ()
    own_triggers = (("patients_breakglassreview_by_another", "willow_guard_break_glass_review"),)

    glass = CompartmentFK(BreakGlass)
    reviewer = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verdict = models.CharField(max_length=13, choices=[(code, words) for code, words in VERDICTS.items()])
    words = models.CharField(max_length=500)
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "glass"], name="break_glass_reviewed_once"),
            models.CheckConstraint(condition=~Q(words=""), name="break_glass_review_says_why"),
        ]


class BreakGlassRule(Identified):
    """How long access by break-glass lasts in this practice; `USUAL_HOURS` where nobody has said."""

    placement = "reference"

    hours = models.SmallIntegerField()
    only = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(only=True, hours__range=(FEWEST_HOURS, MOST_HOURS)), name="break_glass_rule"
            )
        ]


class MatchKey(PatientModel):
    """A blocking key of a patient: people who share one are worth comparing."""

    guard = Guard(
        read=("patients.match", "record.import", "patients.write"), write=("patients.write", "record.import")
    )

    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "key"], name="match_key_once")]
        indexes = [models.Index(fields=["key"], name="match_key_find")]


class MatchCandidate(PatientModel):
    """
    Two patient rows that may be one person, waiting for a person to say.

    `patient` is the newcomer, `other_id` the row that was known before. `evidence` says field by
    field what agreed and what did not. Whatever a decision did is kept with it, so that it can be taken back.
    """

    guard = Guard(
        read=("patients.match", "record.import"), write=("patients.match", "patients.write", "record.import")
    )

    other_id = models.UUIDField()
    probability = models.DecimalField(max_digits=7, decimal_places=6)
    evidence = models.JSONField()
    found_at = models.DateTimeField()
    decision = models.CharField(
        max_length=8,
        choices=[("", "waiting"), ("linked", "the same person"), ("apart", "two people")],
        blank=True,
    )
    decided_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    # The pair whose decision settled this one too; soft, since it may be another patient's.
    settled_by = models.UUIDField(null=True)
    # Whose links the decision changed, as [row, what it was linked to before or null], and to whom.
    moved = models.JSONField(default=list)
    standing_id = models.UUIDField(null=True)
    request_keys = ArrayField(models.UUIDField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "other_id"], name="match_candidate_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="match_probability_range"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="match_decision_whole",
            ),
        ]
        indexes = [
            models.Index(F("probability").desc(), "id", name="match_queue", condition=Q(decision="")),
            models.Index(fields=["other_id"], name="match_by_other"),
            models.Index(fields=["decided_at"], name="match_decided", condition=Q(decided_by__isnull=False)),
        ]


class PatientSource(models.Model):
    """
    Which patient row a source's own patient became: the same person is never imported as two rows.

    The key is the source's (a UUID made of the source system and its id), unique across patients,
    which is why it does not live in the compartment.
    """

    placement = "reference"

    source_key = models.UUIDField(primary_key=True)
    patient_id = models.UUIDField(unique=True)
