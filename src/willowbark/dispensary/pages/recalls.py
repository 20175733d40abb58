"""What the pages of recalls show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from willowbark.dispensary.core.recalling import Progress
from willowbark.dispensary.selectors.recalled import ContactRow, ContactView, Preview, Reach
from willowbark.foundation.presentation.choices import Choice
from willowbark.inventory.selectors import RecallView

STATE_TEXTS = {
    "to_contact": "To tell",
    "not_reached": "Not reached",
    "contacted": "Told",
    "returned": "Brought back",
}
TONES = {"to_contact": "", "not_reached": "warn", "contacted": "good", "returned": "good"}


@dataclass(frozen=True, slots=True)
class Filter:
    """One state of the patients of a recall, and how many are in it."""

    url: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class RecallShown:
    """A recall in a list, and how far it has come."""

    recall: RecallView
    lots_text: str
    progress: Progress
    by_name: str


@dataclass(frozen=True, slots=True)
class RecallList:
    """The page of all recalls."""

    held: tuple[RecallShown, ...]
    lifted: tuple[RecallShown, ...]
    may_recall: bool


@dataclass(frozen=True, slots=True)
class ContactShown:
    """A patient of a recall in its list."""

    row: ContactRow
    state_text: str
    tone: str
    lots_text: str
    is_overdue: bool
    url: str


@dataclass(frozen=True, slots=True)
class RecallPage:
    """
    The page of one recall; `waits` is how many were given it of whom the worker has not made tasks yet.
    """

    shown: RecallShown
    reach: Reach
    lifted_by_name: str
    filters: tuple[Filter, ...]
    rows: tuple[ContactShown, ...]
    waits: int
    here_url: str
    first_url: str
    further_url: str
    may_recall: bool
    lift_reason: str
    lift_error: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """The page on which somebody is told."""

    view: ContactView
    shown: ContactShown
    phone_url: str
    note: str
    error_text: str


@dataclass(frozen=True, slots=True)
class LotTick:
    """A lot that can be chosen: its number once, with every site where it stands or stood."""

    number: str
    where_text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RecallForm:
    """The form that recalls a product; with `preview`, what it would do, to be carried out or changed."""

    products: tuple[Choice, ...]
    product_key: str
    lots: tuple[LotTick, ...]
    classes: tuple[Choice, ...]
    class_text: str
    class_meaning: str
    lots_text: str
    values: Mapping[str, str]
    chosen_lots: tuple[str, ...]
    errors: Mapping[str, str]
    request_key: str
    preview: Preview | None = None


def lots_text(lot_numbers: tuple[str, ...]) -> str:
    """Which lots: `lot A1, B2`, or `every lot`."""
    if not lot_numbers:
        return "every lot"
    return f"lot{'s' if len(lot_numbers) > 1 else ''} {', '.join(lot_numbers)}"


def contact_url(patient_id: UUID, recall_id: UUID) -> str:
    """The page on which a patient is told of a recall."""
    return reverse("dispensary:contact", args=[patient_id, recall_id])
