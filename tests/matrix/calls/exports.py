"""The addresses of exports."""

from __future__ import annotations

from django.urls import reverse

from willowbark.foundation.ids import uuid7

from ..world import CLINICIANS, OWNER
from .call import Call, page

EXPORTERS = CLINICIANS | OWNER

CALLS: tuple[Call, ...] = (
    page("interop_export:exports", EXPORTERS),
    Call(
        "interop_export:ask_practice",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_export:ask_practice"),
        lambda world, _: {"request_key": str(uuid7())},
    ),
    Call(
        "interop_export:download",
        "GET",
        EXPORTERS,
        # One's own alone: whose it is not is told the same as who comes too late.
        lambda world, _: reverse("interop_export:download", args=[uuid7()]),
    ),
    Call(
        "interop_export:of_patient",
        "GET",
        EXPORTERS,
        lambda world, patient: reverse("interop_export:of_patient", args=[patient]),
        of_patient=True,
    ),
    Call(
        "interop_export:ask_patient",
        "POST",
        EXPORTERS,
        lambda world, patient: reverse("interop_export:ask_patient", args=[patient]),
        lambda world, patient: {"request_key": str(uuid7())},
        of_patient=True,
    ),
)
# Who reaches Ben: those who hold the permission everywhere.
REACHES_BEN = dict.fromkeys(("interop_export:of_patient", "interop_export:ask_patient"), OWNER)
