"""Tables and constraints: what was handed out of a signed protocol, from which lots."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from willowbark.dispensary.core.recalling import STATES, TO_CONTACT
from willowbark.foundation.compartment import CompartmentFK, Guard, PatientModel

CONTACTS = Guard(read=("dispensary.contact",), write=("dispensary.contact",))
HANDED_OUT = Guard(read=("dispensary.read",), write=("dispensary.dispense",))


class Dispensing(PatientModel):
    """
    What was handed out to a patient on one occasion, of one signed protocol, from one site's shelf.

    Taken back, all of it counts as not handed out; that is for good. `completes` says that with it nothing
    of the protocol was left to hand out: the queue need not look at such a protocol line by line.
    `request_digest` is a SHA-256 over what the request asked for.
    """

    guard = HANDED_OUT
    changes = ("taken_back_at", "taken_back_by_id", "taken_back_reason", "completes")
    own_triggers = (("dispensary_dispensing_taken_back", "willow_refuse_undoing"),)

    protocol = CompartmentFK("protocols.SignedProtocol")
    site = models.ForeignKey("practice.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey("foundation.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.CharField(max_length=300, blank=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    taken_back_reason = models.CharField(max_length=300, blank=True)
    completes = models.BooleanField(default=False)
    request_key = models.UUIDField()
    request_digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "request_key"], name="dispensing_request_once"),
            models.UniqueConstraint(
                fields=["patient", "protocol"], condition=Q(completes=True), name="dispensing_completes_once"
            ),
            models.CheckConstraint(
                condition=Q(completes=False) | Q(taken_back_at__isnull=True),
                name="dispensing_taken_back_completes_nothing",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True, taken_back_reason="")
                | (
                    Q(
                        taken_back_at__isnull=False,
                        taken_back_by__isnull=False,
                        taken_back_at__gte=F("at"),
                    )
                    & ~Q(taken_back_reason="")
                ),
                name="dispensing_taken_back_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "at", "id"], name="dispensing_of_patient"),
            models.Index(fields=["id"], name="dispensing_in_order"),
        ]


class DispensedLine(PatientModel):
    """
    Containers of one product and one lot that were handed out.

    A trigger sees that no more containers of a protocol's line are out than were signed, and that the
    protocol is in force. `units` and `price_cents` are of all the containers together; names, lot and
    price are those of the day.
    """

    guard = HANDED_OUT
    changes = ()
    own_triggers = (("dispensary_dispensedline_within_signed", "willow_guard_dispensed_line"),)

    dispensing = CompartmentFK(Dispensing)
    protocol_line = CompartmentFK("protocols.ProtocolLine")
    product_id = models.UUIDField()
    product_name = models.CharField(max_length=200)
    lot_id = models.UUIDField()
    lot_number = models.CharField(max_length=60)
    expires_on = models.DateField()
    containers = models.SmallIntegerField()
    units = models.IntegerField()
    unit_name = models.CharField(max_length=20)
    price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "dispensing", "protocol_line", "lot_id"], name="dispensed_line_once"
            ),
            models.CheckConstraint(
                condition=Q(containers__gte=1, units__gte=F("containers"), price_cents__gte=0),
                name="dispensed_line_says_something",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "protocol_line"], name="dispensed_of_line"),
        ]


class RecallContact(PatientModel):
    """
    Somebody who was given what is recalled, and whether they know.

    `containers` and `lot_numbers` are what they were given of it, the last at `given_at`; `asked` is whose
    task it became, None where there was nobody; `state_before` is what was said before, '' where nothing can
    be taken back. `note` is what whoever called wrote down.
    """

    guard = CONTACTS
    changes = ("state", "state_before", "note", "said_at", "said_by_id")

    recall = models.ForeignKey("inventory.Recall", on_delete=models.PROTECT, related_name="+")
    lot_numbers = ArrayField(models.CharField(max_length=60))
    containers = models.IntegerField()
    given_at = models.DateTimeField()
    asked = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    due_on = models.DateField()
    state = models.CharField(max_length=11, default=TO_CONTACT)
    state_before = models.CharField(max_length=11, blank=True)
    note = models.CharField(max_length=300, blank=True)
    said_at = models.DateTimeField(null=True)
    said_by = models.ForeignKey(
        "foundation.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "recall"], name="recall_contact_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(STATES), containers__gte=1), name="recall_contact_says_something"
            ),
        ]
