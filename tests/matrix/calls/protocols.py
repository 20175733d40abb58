"""The addresses of protocols."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ..world import CHART_READERS, CLINICIANS, OWNER
from .call import Call, page

READERS = CHART_READERS | {"dispensary"}


def of_draft(name: str, method: str = "POST", /, **said: Any) -> Call:
    """An address of a patient's open draft."""
    return Call(
        f"protocols:{name}",
        method,
        CLINICIANS,
        lambda world, patient: reverse(f"protocols:{name}", args=[patient]),
        lambda world, patient: {"draft": world.to_compose.draft(patient)} | said,
        of_patient=True,
    )


def of_composition(name: str, method: str = "GET", /, **said: Any) -> Call:
    """An address of a composition that was signed."""
    return Call(
        f"protocols:{name}",
        method,
        CLINICIANS,
        lambda world, patient: reverse(
            f"protocols:{name}", args=[patient, world.to_compose.composition(patient)]
        ),
        (lambda world, patient: world.to_compose.form(patient))
        if method == "POST"
        else (lambda world, patient: said),
        of_patient=True,
    )


def of_signed(name: str, /, **said: Any) -> Call:
    """An address of a signed protocol to be read."""
    return Call(
        f"protocols:{name}",
        "GET",
        READERS,
        lambda world, patient: reverse(
            f"protocols:{name}", args=[patient, world.to_compose.protocol(patient)]
        ),
        lambda world, patient: said,
        of_patient=True,
    )


CALLS: tuple[Call, ...] = (
    page("protocols:overrides", CLINICIANS | OWNER),
    of_draft("composer", "GET"),
    of_draft("begin"),
    of_draft("prove"),
    of_draft("choose", master="restorative_sleep"),
    of_draft("decide", do="free", product="selenium_100"),
    of_draft("adjust", part="person"),
    of_draft("targets", "GET"),
    of_draft("target", ingredient="zinc", aim="15", unit="mg"),
    of_draft("set_aside"),
    of_draft("find", "GET", q="magnesium"),
    of_composition("review"),
    of_composition("compare", product="melatonin_1"),
    of_composition("what_if", most_units="5"),
    of_composition("alternatives", goal="cheapest"),
    of_composition("preview"),
    of_composition("sign", "POST"),
    Call(
        "protocols:history",
        "GET",
        READERS,
        lambda world, patient: reverse("protocols:history", args=[patient]),
        of_patient=True,
    ),
    of_signed("protocol"),
    of_signed("paper", print="large"),
    of_signed("content"),
    Call(
        "protocols:end",
        "POST",
        CLINICIANS,
        lambda world, patient: reverse("protocols:end", args=[patient, world.to_compose.protocol(patient)]),
        lambda world, patient: {"reason": "Nothing secret"},
        of_patient=True,
    ),
)
