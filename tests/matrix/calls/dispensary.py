"""The addresses of the dispensary."""

from __future__ import annotations

from django.urls import reverse

from willowbark.foundation.ids import uuid7

from ..world import CHART_READERS, CLINICIANS
from .call import Call, page

READERS = CHART_READERS | {"dispensary"}
DISPENSERS = CLINICIANS | {"dispensary"}

CALLS: tuple[Call, ...] = (
    page("dispensary:queue", READERS),
    *(
        Call(
            "dispensary:dispense",
            method,
            DISPENSERS,
            lambda world, patient: reverse(
                "dispensary:dispense", args=[patient, world.to_dispense.of.get(patient, [uuid7()])[0]]
            ),
            (lambda world, patient: world.to_dispense.form(patient))
            if method == "POST"
            else (lambda world, patient: {}),
            of_patient=True,
        )
        for method in ("GET", "POST")
    ),
    Call(
        "dispensary:history",
        "GET",
        READERS,
        lambda world, patient: reverse("dispensary:history", args=[patient]),
        of_patient=True,
    ),
    Call(
        "dispensary:handed_out",
        "GET",
        READERS,
        lambda world, patient: reverse(
            "dispensary:handed_out", args=[patient, world.to_dispense.handed_out.get(patient, uuid7())]
        ),
        of_patient=True,
    ),
    Call(
        "dispensary:take_back",
        "POST",
        DISPENSERS,
        lambda world, patient: reverse(
            "dispensary:take_back", args=[patient, world.to_dispense.new(patient)]
        ),
        lambda world, patient: {"reason": "Wrong person"},
        of_patient=True,
    ),
)
