"""The addresses of assistant."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from willowbark.assistant.testing import TEXT

from ..world import CHART_READERS, CLINICIANS
from .call import Call


def of_words(name: str, method: str, /, **said: Any) -> Call:
    """An address of what is described in words about a patient."""
    return Call(
        f"assistant:{name}",
        method,
        CLINICIANS,
        lambda world, patient: reverse(f"assistant:{name}", args=[patient]),
        (lambda world, patient: world.to_ask.form(patient)) if name == "words_ask" else lambda *_: said,
        of_patient=True,
    )


def of_answer(name: str, method: str = "POST", /, **said: Any) -> Call:
    """An address of a question that has its answer."""
    return Call(
        f"assistant:{name}",
        method,
        CLINICIANS,
        lambda world, patient: reverse(f"assistant:{name}", args=[patient, world.to_ask.answer(patient)]),
        lambda *_: said,
        of_patient=True,
    )


CALLS: tuple[Call, ...] = (
    Call(
        "assistant:brief",
        "GET",
        CHART_READERS,
        lambda world, patient: reverse("assistant:brief", args=[patient]),
        of_patient=True,
    ),
    of_words("words_form", "GET"),
    of_words("words_form", "POST", text=TEXT),
    of_words("words_preview", "POST", text=TEXT),
    of_words("words_ask", "POST"),
    of_answer("words", "GET"),
    of_answer("words_cancel"),
    of_answer("words_take", master="restorative_sleep", target="vitamin_d"),
)
