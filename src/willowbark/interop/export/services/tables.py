"""
Which tables go out, and which do not and why.

An export takes every table, whoever's it is: it is the one place that reads them all, by the list of models
and not by importing them. A model that stands in none of these lists fails a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

# Of no patient: what the practice is, sells and keeps.
PRACTICE = (
    "practice.Organisation",
    "practice.Site",
    "practice.Role",
    "practice.RolePermission",
    "practice.Staff",
    "practice.RoleAssignment",
    "practice.WorkingHours",
    "foundation.User",
    "patients.BreakGlassRule",
    "catalog.Product",
    "catalog.ProductIngredient",
    "inventory.Lot",
    "inventory.Balance",
    "inventory.StockMove",
    "inventory.Recall",
    "protocols.MasterProtocol",
    "protocols.MasterVersion",
    "worklist.PracticeTask",
    "command_center.Alert",
    "interop_fhir.ImportRun",
    "interop_fhir.ImportFile",
    "interop_fhir.Quarantined",
)
# Read as the person who asked, who may read it everywhere: the system itself may not.
AS_PERSON = ("foundation.AccessEntry", "planner.SavedScenario")
SHARED = "interop_fhir.SharedResource"
KEPT = "interop_fhir.KeptResource"
# What stays, and why.
STAYS = {
    "foundation.PatientHistory": "earlier versions of rows, written by the database",
    "foundation.Seal": "the chain of the logs holds for this database alone",
    "foundation.OutboxMessage": "messages between the parts of the platform",
    "foundation.Subscription": "how far they are delivered",
    "foundation.Undelivered": "those that were not",
    "foundation.Effort": "the working time of staff",
    "practice.SignInFailure": "wrong passwords of the last hours",
    "practice.Device": "where somebody is signed in",
    "practice.Notice": "what somebody was told of their own sign-in",
    "patients.MatchKey": "made anew from the names",
    "patients.PatientSource": "which file a patient came from first",
    "catalog.PriceList": "files of suppliers as they came: whoever sent them has them",
    "catalog.SupplierColumns": "said again with a supplier's next file",
    "inventory.StockRequest": "which requests were answered",
    "metrics.MetricPiece": "counted anew from the rest",
    "metrics.MetricDay": "counted anew from the rest",
    "command_center.Cover": "counted anew from the rest",
    "protocols.RecheckedRelease": "what was checked again after new knowledge",
    "interop_fhir.Original": "files as they came in: whoever sent them has them",
    "interop_fhir.OriginalChunk": "the same",
    "interop_fhir.WaitingForVisit": "what an import still looks for",
    "interop_export.Export": "exports themselves",
}
# Of no one patient: the evidence names both sides. It goes out with the whole practice alone.
OF_TWO = frozenset({"patients.MatchCandidate"})
# Secrets and libraries' own tables never go out, whatever they hold.
LIBRARIES = frozenset(
    {
        "account",
        "admin",
        "auth",
        "contenttypes",
        "mfa",
        "procrastinate",
        "sessions",
        "socialaccount",
        "usersessions",
    }
)
_HIDDEN = {
    "foundation.User": {"password", "last_login"},
    "patients.PatientIdentifier": {"blind_index"},
}


def of_patients(*, whole_practice: bool = True) -> list[Any]:
    """
    The models of a patient's compartment that go out, the patient first.

    One patient's export is without those that tell of somebody else too.
    """
    kept_back = STAYS.keys() if whole_practice else STAYS.keys() | OF_TWO
    found = [
        model
        for model in apps.get_models()
        if getattr(model, "placement", "") == "patient" and model._meta.label not in kept_back
    ]
    return sorted(found, key=lambda model: (model._meta.label != "patients.Patient", model._meta.label))


def of_practice() -> list[Any]:
    """The models of no patient that go out, in the order of the list."""
    return [apps.get_model(label) for label in PRACTICE]


def columns(model: type[models.Model]) -> list[str]:
    """The columns of a table for people: without digests, contents and secrets."""
    hidden = _HIDDEN.get(model._meta.label, set())
    kept = model._meta.label == KEPT
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not isinstance(field, models.BinaryField)
        and field.attname not in hidden
        and not (kept and field.attname == "content")
    ]


def undecided() -> Iterator[str]:
    """The models of which nobody has said whether they go out."""
    decided = {*PRACTICE, *AS_PERSON, SHARED, *STAYS, *(model._meta.label for model in of_patients())}
    for model in apps.get_models():
        if model._meta.app_label not in LIBRARIES and model._meta.label not in decided:
            yield model._meta.label
