"""The review before a signature, and the patient's preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.inventory.selectors import site_day
from willowbark.protocols.core.content import Watch
from willowbark.protocols.core.masters import Advice, StopRule
from willowbark.protocols.core.overrides import REASONS, Override, Reason
from willowbark.protocols.core.review import FOR_PATIENTS, Item
from willowbark.protocols.pages.plan import PlanShown, plan_shown
from willowbark.protocols.pages.rules import unverified_of
from willowbark.protocols.pages.signed import MomentShown, schedule_of
from willowbark.protocols.selectors.composed_with import composed_with
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.drafts import draft
from willowbark.protocols.selectors.library import library
from willowbark.protocols.selectors.overrides import LAYER_NAMES


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that needs words; what was typed, whether it was too little, and what it is about in full."""

    item: Item
    words: str
    error_text: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Something decided by hand: reasons to choose from, what was typed, whether it was too little."""

    override: Override
    layer_name: str
    reasons: tuple[Choice, ...]
    words: str
    error_text: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The review of a composition; what is in force otherwise by now (`since`) forbids signing."""

    plan: PlanShown
    asks: tuple[Ask, ...]
    decided: tuple[Decided, ...]
    starts_on: date
    error_text: str
    may_sign: bool
    masters: tuple[str, ...]
    since: tuple[str, ...]
    advice: tuple[Advice, ...]


def review_page(
    actor: Actor,
    view: CompositionView,
    *,
    words: Mapping[str, str],
    reasons: Mapping[str, Reason],
    error_text: str = "",
    field: str = "",
) -> ReviewPage:
    """What must be looked at before this composition is signed."""
    made = composed_with(library(actor), view)
    plan = plan_shown(view, made.masters)
    site_id = draft(actor, view.patient_id, view.draft_id).site_id
    return ReviewPage(
        plan=plan,
        asks=tuple(
            Ask(
                each,
                words.get(each.key, ""),
                error_text if each.key == field else "",
                unverified_of(view) if each.kind == "unverified" else (),
            )
            for each in plan.asks
        ),
        decided=tuple(
            _decided(each, reasons.get(each.key, Reason("", "")), error_text if each.key == field else "")
            for each in view.overrides
        ),
        starts_on=site_day(site_id),
        error_text=error_text,
        may_sign=not plan.stops and not made.since and allows(actor, "protocols.sign"),
        masters=tuple(f"{each.title} v{each.version}" for each in made.masters),
        since=made.since,
        advice=tuple(each for master in made.masters for each in master.advice),
    )


def _decided(override: Override, reason: Reason, error_text: str) -> Decided:
    return Decided(
        override,
        LAYER_NAMES[override.layer],
        tuple(Choice(code, label, code == reason.code) for code, label in REASONS.items()),
        reason.words,
        error_text,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What the patient will be given."""

    view: CompositionView
    schedule: tuple[MomentShown, ...]
    cautions: tuple[str, ...]
    watches: tuple[Watch, ...]
    advice: tuple[Advice, ...]
    stop_rules: tuple[StopRule, ...]
    days: int
    since: tuple[str, ...]


def preview_of(actor: Actor, view: CompositionView) -> Preview:
    """The preview of a composition, in plain words."""
    made = composed_with(library(actor), view)
    plan = plan_shown(view, made.masters)
    return Preview(
        view=view,
        schedule=schedule_of((each.name, each.unit_name, each.moments) for each in view.lines),
        cautions=tuple(each.text for each in view.review if each.kind in FOR_PATIENTS),
        watches=plan.watches,
        advice=tuple(each for master in made.masters for each in master.advice),
        stop_rules=tuple(each for master in made.masters for each in master.stop_rules),
        days=view.problem.days,
        since=made.since,
    )
