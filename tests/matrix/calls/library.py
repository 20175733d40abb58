"""The addresses of the library of Master Protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from willowbark.config.api import api
from willowbark.foundation.ids import uuid7

from ..world import CHART_READERS, CLINICIANS, World
from .call import Call, page

LIBRARY = CHART_READERS | {"owner"}
SENIOR = frozenset({"senior_practitioner"})
Body = Callable[[World], dict[str, Any]]


def nothing(world: World) -> dict[str, Any]:
    return {}


def on_page(
    name: str,
    method: str,
    allowed: frozenset[str],
    key: str,
    body: Body = nothing,
    *more: Any,
    **options: Any,
) -> Call:
    """A page or a form of one Master Protocol."""
    return Call(
        f"protocols:{name}",
        method,
        allowed,
        lambda world, _: reverse(f"protocols:{name}", args=[key, *more]),
        lambda world, _: body(world),
        **options,
    )


def by_api(
    name: str,
    method: str,
    allowed: frozenset[str],
    key: str,
    body: Body = nothing,
    *more: Any,
    **options: Any,
) -> Call:
    """A call of one Master Protocol."""
    full = f"{api.urls_namespace}:{name}"
    return Call(
        full,
        method,
        allowed,
        lambda world, _: reverse(full, args=[key, *more] if key else []),
        lambda world, _: body(world),
        **{"as_json": method == "POST" and body is not nothing, **options},
    )


def approving(key: str) -> Body:
    def body(world: World) -> dict[str, Any]:
        return {"revision": world.to_publish.waiting(key).sha256, "request_key": str(uuid7())}

    return body


def of_waiting(name: str, key: str, *, is_api: bool) -> Call:
    """The approval of the version that waits, whose number is known when it is called."""
    full = f"{api.urls_namespace}:{name}" if is_api else f"protocols:{name}"
    return Call(
        full,
        "POST",
        SENIOR,
        lambda world, _: reverse(full, args=[key, world.to_publish.waiting(key).number]),
        lambda world, _: approving(key)(world),
        as_json=is_api,
    )


def drafted(key: str, **said: Any) -> Body:
    def body(world: World) -> dict[str, Any]:
        world.to_publish.draft(key)
        return dict(said)

    return body


def head(world: World) -> dict[str, Any]:
    draft = world.to_publish.draft("stress_resilience")
    said = {"title": "Stress", "summary": "Rest first.", "from_age_years": "18"}
    return said | {"revision": draft.sha256, "request_key": str(uuid7())}


def moving(world: World) -> dict[str, Any]:
    draft = world.to_publish.draft("stress_resilience")
    return {"revision": draft.sha256, "request_key": str(uuid7()), "at": "0", "by": "down"}


def whole(world: World) -> dict[str, Any]:
    draft = world.to_publish.draft("stress_resilience")
    return {"document": dict(draft.document), "revision": draft.sha256, "request_key": str(uuid7())}


def fresh(world: World) -> dict[str, Any]:
    world.to_publish.nothing_open("sibo_support")
    return {}


def from_that_in_force(world: World) -> dict[str, Any]:
    return fresh(world) | {"number": None}


def dropping(world: World) -> dict[str, Any]:
    return {"number": world.to_publish.draft("energy_mitochondria").number}


def waiting(world: World) -> dict[str, Any]:
    world.to_publish.waiting("gut_restoration")
    return {}


def retiring(world: World) -> dict[str, Any]:
    world.to_publish.retired("bone_health", is_retired=False)
    return {"reason": "Nothing secret"}


def restoring(world: World) -> dict[str, Any]:
    world.to_publish.retired("bone_health", is_retired=True)
    return {}


def beginning(world: World) -> dict[str, Any]:
    return {"title": f"Ours {uuid7().hex}", "copy_of": ""}


def requested(world: World) -> dict[str, Any]:
    return {"request_key": str(uuid7())}


PUBLISHED = "lipid_balance"
COMPARED = {"before": 1, "after": 2}

CALLS: tuple[Call, ...] = (
    page("protocols:library", LIBRARY),
    on_page("master", "GET", LIBRARY, "restorative_sleep"),
    on_page("master_version", "GET", LIBRARY, PUBLISHED, nothing, 1),
    on_page("compare_versions", "GET", LIBRARY, PUBLISHED, lambda world: COMPARED),
    on_page("patients_on", "GET", CHART_READERS, PUBLISHED, is_for_fewer=True),
    # Nobody is on an older version: what these addresses do is tested where it is written.
    on_page("ask_for_reviews", "POST", CHART_READERS, PUBLISHED, cannot=409, is_for_fewer=True),
    page("protocols:new_master", CLINICIANS),
    Call(
        "protocols:new_master",
        "POST",
        CLINICIANS,
        lambda world, _: reverse("protocols:new_master"),
        lambda world, _: beginning(world),
    ),
    on_page("start_draft", "POST", CLINICIANS, "sibo_support", fresh),
    on_page("master_draft", "GET", CLINICIANS, "stress_resilience", drafted("stress_resilience")),
    on_page("master_head", "POST", CLINICIANS, "stress_resilience", head),
    on_page(
        "master_line", "GET", CLINICIANS, "stress_resilience", drafted("stress_resilience", at=0), "targets"
    ),
    on_page(
        "write_line",
        "POST",
        CLINICIANS,
        "metabolic_health",
        lambda world: world.to_publish.line("metabolic_health"),
        "advice",
    ),
    on_page("move_line", "POST", CLINICIANS, "stress_resilience", moving, "advice"),
    on_page("submit_draft", "POST", CLINICIANS, "gut_restoration", drafted("gut_restoration", note="New")),
    on_page("discard_draft", "POST", CLINICIANS, "energy_mitochondria", dropping),
    of_waiting("approve_master", "migraine_prevention", is_api=False),
    on_page("adopt_master", "POST", SENIOR, "iron_repletion", requested),
    on_page("master_reviewed", "POST", SENIOR, PUBLISHED),
    on_page("retire_master", "POST", SENIOR, "bone_health", retiring),
    on_page("restore_master", "POST", SENIOR, "bone_health", restoring),
    Call(
        "protocols:migrate",
        "POST",
        CLINICIANS,
        lambda world, patient: reverse(
            "protocols:migrate", args=[patient, world.to_compose.protocol(patient)]
        ),
        of_patient=True,
        cannot=409,
    ),
    by_api("library", "GET", LIBRARY, ""),
    by_api("begin_master", "POST", CLINICIANS, "", beginning),
    by_api("library_master", "GET", LIBRARY, PUBLISHED),
    by_api("library_version", "GET", LIBRARY, PUBLISHED, nothing, 2),
    by_api("library_compare", "GET", LIBRARY, PUBLISHED, lambda world: COMPARED),
    by_api("library_patients", "GET", CHART_READERS | {"dispensary"}, PUBLISHED),
    by_api("library_ask", "POST", CHART_READERS, PUBLISHED, cannot=409, is_for_fewer=True),
    by_api(
        "library_start", "POST", CLINICIANS, "sibo_support", lambda world: fresh(world) | {"number": None}
    ),
    by_api("library_write", "POST", CLINICIANS, "stress_resilience", whole),
    by_api("library_hand_in", "POST", CLINICIANS, "gut_restoration", drafted("gut_restoration", note="New")),
    by_api("library_take_back", "POST", CLINICIANS, "gut_restoration", waiting, as_json=False),
    by_api("library_discard", "POST", CLINICIANS, "energy_mitochondria", dropping),
    of_waiting("library_approve", "migraine_prevention", is_api=True),
    by_api("library_adopt", "POST", SENIOR, "thyroid_support", requested),
    by_api("library_reviewed", "POST", SENIOR, PUBLISHED),
    by_api("library_retire", "POST", SENIOR, "bone_health", retiring),
    by_api("library_restore", "POST", SENIOR, "bone_health", restoring, as_json=False),
    Call(
        f"{api.urls_namespace}:library_migrate",
        "POST",
        CLINICIANS,
        lambda world, patient: reverse(
            f"{api.urls_namespace}:library_migrate", args=[patient, world.to_compose.protocol(patient)]
        ),
        of_patient=True,
        cannot=409,
    ),
)
