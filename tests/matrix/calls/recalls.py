"""The addresses of recalls."""

from __future__ import annotations

from django.urls import reverse

from ..world import CHART_READERS, OWNER
from .call import Call, page

CONTACTERS = CHART_READERS | OWNER | {"dispensary"}
RECALLERS = OWNER | {"senior_practitioner", "dispensary"}

CALLS: tuple[Call, ...] = (
    page("dispensary:recalls", CONTACTERS),
    page("dispensary:new_recall", RECALLERS),
    Call(
        "dispensary:new_recall",
        "POST",
        RECALLERS,
        lambda world, _: reverse("dispensary:new_recall"),
        lambda world, _: world.to_recall.form(),
    ),
    Call(
        "dispensary:recall",
        "GET",
        CONTACTERS,
        lambda world, _: reverse("dispensary:recall", args=[world.to_recall.id]),
    ),
    Call(
        "dispensary:lift_recall",
        "POST",
        RECALLERS,
        lambda world, _: reverse("dispensary:lift_recall", args=[world.to_recall.new()]),
        lambda world, _: {"reason": "It was another product"},
    ),
    Call(
        "dispensary:contact",
        "GET",
        CONTACTERS,
        lambda world, patient: reverse("dispensary:contact", args=[patient, world.to_recall.id]),
        of_patient=True,
    ),
    Call(
        "dispensary:contact",
        "POST",
        CONTACTERS,
        lambda world, patient: reverse("dispensary:contact", args=[patient, world.to_recall.id]),
        lambda world, patient: {"state": "contacted", "note": f"{patient}"},
        of_patient=True,
    ),
    Call(
        "dispensary:undo_contact",
        "POST",
        CONTACTERS,
        lambda world, patient: reverse(
            "dispensary:undo_contact",
            args=[patient, world.to_recall.said_of(patient, patient in world.to_dispense.of)],
        ),
        of_patient=True,
    ),
)
# Who reaches Ben: those who hold the permission everywhere.
REACHES_BEN = dict.fromkeys((call.name for call in CALLS if call.of_patient), OWNER)
