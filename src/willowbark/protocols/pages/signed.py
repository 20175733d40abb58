"""What was signed, as its pages show it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.explaining import reference, why_url
from willowbark.protocols.core.content import digest_of
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.overrides import REASONS
from willowbark.protocols.core.wording import moments_text, money_text, units_text
from willowbark.protocols.selectors.concerns import ConcernView, concerns
from willowbark.protocols.selectors.library import library
from willowbark.protocols.selectors.overrides import LAYER_NAMES
from willowbark.protocols.selectors.signed import (
    LineView,
    SignedProtocolView,
    content_of,
    protocol,
    protocols,
)


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One line, with what it says and where its reasons are."""

    line: LineView
    brand: str
    taken_text: str
    supply_text: str
    cost_text: str
    why_url: str


@dataclass(frozen=True, slots=True)
class Dose:
    """What is taken of one product at one moment."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class MomentShown:
    """A moment of the day with what is taken then."""

    key: str
    name: str
    doses: tuple[Dose, ...]


@dataclass(frozen=True, slots=True)
class Newer:
    """A Master Protocol of which a newer version is in force, and where both are compared."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class OverrideShown:
    """What was decided otherwise than composed, and why."""

    what: str
    layer_name: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class SignedPage:
    """A signed protocol. `is_intact`: the digest is that of the bytes."""

    protocol: SignedProtocolView
    lines: tuple[SignedLine, ...]
    schedule: tuple[MomentShown, ...]
    content: Mapping[str, Any]
    is_intact: bool
    cost_text: str
    ends_on: object
    history: tuple[SignedProtocolView, ...]
    concerns: tuple[ConcernView, ...]
    newer: tuple[Newer, ...]
    overrides: tuple[OverrideShown, ...]
    may_end: bool
    why_url: str


def signed_page(actor: Actor, patient_id: UUID, protocol_id: UUID) -> SignedPage:
    """
    A signed protocol with its history.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    found = protocol(actor, patient_id, protocol_id)
    raw = content_of(actor, found.patient_id, protocol_id)
    content = json.loads(raw)
    brands = {each["product"]: each["brand"] for each in content["lines"]}
    return SignedPage(
        protocol=found,
        lines=tuple(
            SignedLine(
                line=each,
                brand=brands.get(each.product_key, ""),
                taken_text=moments_text(each.moments, each.unit_name),
                supply_text=f"{each.containers} × {each.units_per_container}",
                cost_text=money_text(each.containers * each.container_cents),
                why_url=why_url(reference("line", found.patient_id, each.id)),
            )
            for each in found.lines
        ),
        schedule=schedule_of((each.product_name, each.unit_name, each.moments) for each in found.lines),
        content=content,
        is_intact=digest_of(raw) == found.content_sha256,
        cost_text=money_text(content["cost_cents"]),
        ends_on=found.starts_on + timedelta(days=found.days - 1),
        history=tuple(protocols(actor, patient_id)),
        concerns=concerns(actor, patient_id, protocol_id),
        newer=_newer(actor, found),
        overrides=tuple(
            OverrideShown(each["what"], LAYER_NAMES[each["layer"]], REASONS[each["reason"]], each["words"])
            for each in content.get("overrides", ())  # what was signed before reasons were asked has none
        ),
        may_end=found.is_in_force and allows(actor, "protocols.sign"),
        why_url=why_url(reference("protocol", found.patient_id, found.id)),
    )


def _newer(actor: Actor, found: SignedProtocolView) -> tuple[Newer, ...]:
    """The Master Protocols of a protocol in force of which the practice works with a newer version."""
    if not found.is_in_force or not allows(actor, "protocols.library"):
        return ()
    masters = library(actor).masters
    return tuple(
        Newer(
            f"{masters[key].title} is at version {masters[key].version}; this came from version {version}.",
            f"{reverse('protocols:compare_versions', args=[key])}"
            f"?before={version}&after={masters[key].version}",
        )
        for key, version in found.masters
        if key in masters and masters[key].version != version
    )


def schedule_of(lines: Sequence[tuple[str, str, Sequence[tuple[str, int]]]] | Any) -> tuple[MomentShown, ...]:
    """What is taken at each moment of the day; moments at which nothing is taken are left out."""
    doses: dict[str, list[Dose]] = {each.key: [] for each in MOMENTS}
    for name, unit_name, moments in lines:
        for moment, units in moments:
            if units:
                doses[moment].append(Dose(name, units_text(units, unit_name)))
    return tuple(
        MomentShown(each.key, each.name, tuple(doses[each.key])) for each in MOMENTS if doses[each.key]
    )
