"""What the composer's template is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from willowbark.catalog.core.products import DIETS
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.presentation.choices import Choice
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.knowledge.core.release import UnknownFact
from willowbark.knowledge.selectors import release
from willowbark.patients.selectors import OpenRecord, opened_record
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.goals import ALTERNATIVES, Alternative, alternative
from willowbark.protocols.core.masters import Master, MasterTarget, UnknownMaster
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.proposed import TARGET
from willowbark.protocols.core.solving import NotDecided
from willowbark.protocols.core.triggers import Result, fitting_first
from willowbark.protocols.core.wanting import Wanted
from willowbark.protocols.core.wording import labelled_text
from willowbark.protocols.pages.plan import PlanShown, plan_shown
from willowbark.protocols.selectors.composed_with import composed_with
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.considering import person_now
from willowbark.protocols.selectors.drafts import DraftView
from willowbark.protocols.selectors.freshness import last_composition
from willowbark.protocols.selectors.library import library
from willowbark.protocols.services.composing import compose
from willowbark.record.core.allergies import states_none_known
from willowbark.record.selectors.chart import standing_allergies
from willowbark.record.selectors.labs import latest_of

FEWEST_YEARS, MOST_YEARS = 10, 60


@dataclass(frozen=True, slots=True)
class InsteadShown:
    """A target that another ingredient may meet; `options` are what was decided by hand, or nothing was."""

    place: str
    name: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class MasterChoice:
    """
    A Master Protocol to choose, and why it fits this person; () when nothing says so.

    `is_own` says that the practice has approved it. Of one that is chosen, `phases` are its phases and
    `instead` the targets that something else may meet.
    """

    master: Master
    is_own: bool
    is_chosen: bool
    because: tuple[str, ...]
    phases: tuple[Choice, ...]
    instead: tuple[InsteadShown, ...]


@dataclass(frozen=True, slots=True)
class DrugShown:
    """A medicine as it was recognised; `options` is when it is taken, to be said by hand."""

    entry_id: str
    text: str
    matched_text: str
    is_spelling: bool
    is_assumed: bool
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SupplementShown:
    """A supplement that is taken, with what is in it."""

    entry_id: str
    text: str
    contents: tuple[str, ...]
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Considered:
    """What of the record was considered, and what nobody checked."""

    age_years: int | None
    sex: str
    states: tuple[Choice, ...]
    diets: tuple[Choice, ...]
    drugs: tuple[DrugShown, ...]
    supplements: tuple[SupplementShown, ...]
    conditions: tuple[str, ...]
    other_conditions: tuple[str, ...]
    allergies: tuple[str, ...]
    unknown_allergies: tuple[str, ...]
    none_known: tuple[str, ...]
    not_checked: tuple[str, ...]

    @property
    def keeps_diet(self) -> bool:
        """Whether a diet is kept."""
        return any(each.is_selected for each in self.diets)


@dataclass(frozen=True, slots=True)
class WantedShown:
    """A target by hand: what is wanted of which ingredient, and who proposed it where a model did."""

    key: str
    name: str
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class ComposerPage:
    """
    The composer of one draft.

    `plan` is None before a Master Protocol was chosen, and when there is none: `error_text` then says why.
    One that is not `is_fresh` was composed before something changed. With `is_tried` what can be proven was.
    """

    patient_id: UUID
    draft: DraftView
    masters: tuple[MasterChoice, ...]
    considered: Considered
    plan: PlanShown | None
    is_fresh: bool
    is_tried: bool
    error_text: str
    field_error: str
    choices: Choices
    most_cost: str
    excluded: tuple[str, ...]
    wanted: tuple[WantedShown, ...]

    @property
    def url(self) -> str:
        """Where it stands."""
        return reverse("protocols:composer", args=[self.patient_id])

    @property
    def is_being_proven(self) -> bool:
        """Whether the plan is a first one: the page asks for the proof, and the rest comes with it."""
        is_open = self.plan is not None and self.plan.status == Status.UNPROVEN
        return is_open and self.is_fresh and not self.is_tried

    @property
    def goal(self) -> Alternative:
        """What the plan puts first."""
        return alternative(self.choices.goal)

    @property
    def most_cost_tried(self) -> int:
        """The highest cost that the what-if control offers, in whole units of money: half more than now."""
        now = self.plan.view.plan.totals.cost_cents if self.plan else 0
        return -(-max(now * 3 // 2, self.choices.most_cost_cents or 0) // 1000) * 10 or 10

    @property
    def cost_tried(self) -> int:
        """Where the what-if control of the cost stands at first, in whole units of money."""
        cents = self.choices.most_cost_cents
        return self.most_cost_tried if cents is None else -(-cents // 100)

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The plans to be shown beside each other."""
        return ALTERNATIVES

    @property
    def masters_at_hand(self) -> tuple[MasterChoice, ...]:
        """The Master Protocols to show: all before a first choice, then those that are chosen or fit."""
        is_first = not self.draft.master_keys
        return tuple(each for each in self.masters if is_first or each.is_chosen or each.because)

    @property
    def masters_beside(self) -> tuple[MasterChoice, ...]:
        """The Master Protocols that are folded away."""
        at_hand = self.masters_at_hand
        return tuple(each for each in self.masters if each not in at_hand)


def composer_of(
    actor: Actor, draft: DraftView, *, field_error: str = "", keep: bool = True, at_once: bool = False
) -> ComposerPage:
    """
    The composer, composed as everything is now and kept; `at_once` with a plan that may be unproven yet.

    Without `keep` nothing is written: what was composed last is shown, and whether it is fresh.
    """
    plan, error_text, is_fresh = None, "", True
    found = library(actor)
    if draft.master_keys:
        view: CompositionView | None
        try:
            if keep:
                view = compose(actor=actor, patient_id=draft.patient_id, draft_id=draft.id, at_once=at_once)
            else:
                view, is_fresh = last_composition(actor, draft)
            if view is not None:
                plan = plan_shown(view, composed_with(found, view).masters)
        except (Conflict, Invalid, NotDecided, UnknownFact, UnknownMaster) as error:
            error_text = str(error)
    person = plan.view.situation if plan else person_now(actor, draft)
    record = opened_record(actor, draft.patient_id, "record.read", action="protocols.considered")
    chosen = set(draft.master_keys)
    return ComposerPage(
        patient_id=draft.patient_id,
        draft=draft,
        masters=tuple(
            _choice(master, because, draft if master.key in chosen else None, master.key in found.own)
            for master, because in fitting_first(found.masters.values(), person, results_of(record))
        ),
        considered=considered_of(person, draft.choices, none_known_of(record, person)),
        plan=plan,
        is_fresh=is_fresh,
        is_tried=keep and not at_once,
        error_text=error_text,
        field_error=field_error,
        choices=draft.choices,
        most_cost=_cost(draft.choices.most_cost_cents),
        excluded=draft.choices.excluded,
        wanted=tuple(_wanted(each, draft.choices) for each in draft.choices.wanted),
    )


def _wanted(wanted: Wanted, choices: Choices) -> WantedShown:
    key = wanted.ingredient_key
    origin = (each.said for each in choices.proposed if (each.what, each.key) == (TARGET, key))
    return WantedShown(key, _name_of(key), wanted.text, next(origin, ""))


def _choice(master: Master, because: tuple[str, ...], draft: DraftView | None, is_own: bool) -> MasterChoice:
    """A Master Protocol with what `draft`, in which it is chosen, may decide of it."""
    if draft is None:
        return MasterChoice(master, is_own, False, because, (), ())
    asked = draft.choices.phases.get(master.key, "")
    current = asked or (master.phases[0].key if master.phases else "")
    return MasterChoice(
        master=master,
        is_own=is_own,
        is_chosen=True,
        because=because,
        phases=tuple(Choice(each.key, each.title, each.key == current) for each in master.phases),
        instead=tuple(_instead(master, target, draft.choices) for target in _replaceable(master, current)),
    )


def _replaceable(master: Master, phase: str) -> tuple[MasterTarget, ...]:
    return tuple(
        each
        for each in master.targets
        if master.instead_of(each.key) and (not each.phases or phase in each.phases)
    )


def _instead(master: Master, target: MasterTarget, choices: Choices) -> InsteadShown:
    place = f"{master.key}.{target.key}"
    asked, name = choices.instead.get(place), _name_of(target.ingredient_key)
    own = (
        Choice("auto", f"{name}, or what may take its place", asked is None),
        Choice("own", f"{name} only", asked == ""),
    )
    others = (
        Choice(each.key, f"{_name_of(each.ingredient_key)} instead", asked == each.key)
        for each in master.instead_of(target.key)
    )
    return InsteadShown(place, name, (*own, *others))


def _name_of(ingredient_key: str) -> str:
    known = release().ingredients.get(ingredient_key)
    return known.name if known else ingredient_key


def results_of(record: OpenRecord) -> tuple[Result, ...]:
    """The latest result of each test of an opened record."""
    return tuple(
        Result(each.text, each.code, each.latest.value, each.latest.unit_text, each.latest.flag)
        for each in latest_of(record.patient_ids)
    )


def _cost(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100}.{cents % 100:02d}"


def none_known_of(record: OpenRecord, person: Mapping[str, Any]) -> tuple[str, ...]:
    """The statements of an opened record that no allergy is known, where there is no allergy to show."""
    if person["allergies"]:
        return ()
    return tuple(
        each.text
        for each in standing_allergies(record.patient_ids)
        if states_none_known(each.source.code_system, each.source.code)
    )


def considered_of(
    person: Mapping[str, Any], choices: Choices, none_known: tuple[str, ...] = ()
) -> Considered:
    """What was considered, from a person document."""
    return Considered(
        age_years=person["age_years"],
        sex=person["sex"],
        states=tuple(
            Choice(key, label, key in person["states"])
            for key, label in (("pregnancy", "Pregnant"), ("lactation", "Breastfeeding"))
            if key in person["states"] or _may_bear(person["age_years"])
        ),
        diets=tuple(
            Choice(diet, diet.replace("_", " ").capitalize(), diet in choices.diets) for diet in DIETS
        ),
        drugs=tuple(_drug(each) for each in _once(person["drugs"])),
        supplements=tuple(_supplement(each) for each in person["supplements"]),
        conditions=_texts(person["conditions"], known=True),
        other_conditions=_texts(person["conditions"], known=False),
        allergies=_texts(person["allergies"], known=True),
        unknown_allergies=_texts(person["allergies"], known=False),
        none_known=none_known,
        not_checked=tuple(
            dict.fromkeys(each["text"] for each in person["not_checked"] if each["kind"] != "condition")
        ),
    )


def _may_bear(age_years: int | None) -> bool:
    """Whether a life stage of bearing children is asked about: not below 10 years, nor above 60."""
    return age_years is None or FEWEST_YEARS <= age_years <= MOST_YEARS


def _once(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries of one text once: histories hold the same order many times."""
    return list({each["text"].lower(): each for each in reversed(entries)}.values())[::-1]


def _texts(entries: Sequence[Mapping[str, Any]], *, known: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each["text"] for each in entries if bool(each["keys"]) == known))


def _drug(entry: Mapping[str, Any]) -> DrugShown:
    moments = entry["moments"]
    current = moments[0] if len(moments) == 1 else ""
    return DrugShown(
        entry_id=entry["entry_id"] or "",
        text=entry["text"],
        matched_text=entry["matched_text"],
        is_spelling=entry["via"] == "spelling",
        is_assumed=entry["moments_are_assumed"],
        options=tuple(Choice(each.key, each.name, each.key == current) for each in MOMENTS),
    )


def _supplement(entry: Mapping[str, Any]) -> SupplementShown:
    contents = []
    ingredients = release().ingredients
    for each in entry["contents"]:
        known = ingredients.get(each["ingredient"])
        name = known.name if known else each["ingredient"].replace("_", " ").capitalize()
        amount = "amount not known"
        if each["amount"]:
            amount = f"{labelled_text(Decimal(each['amount']), each['unit'])} a day"
        contents.append(f"{name}: {amount}")
    return SupplementShown(entry["entry_id"] or "", entry["text"], tuple(contents), entry["is_replaced"])
