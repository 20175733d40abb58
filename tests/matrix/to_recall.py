"""Recalls for every address about them: one that stays, with both patients on its list."""

from __future__ import annotations

from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.dispensary.services import say_contact
from willowbark.dispensary.services.recalling import ask_back
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory.services import NewRecall, recall_product
from willowbark.practice.testing import PracticeForTests


class ToRecall:
    """
    Recalls of a product that both patients were given.

    Attributes:
        id: the one that stays.
    """

    def __init__(self, practice: PracticeForTests, product: ProductInfo) -> None:
        self._practice, self._product = practice, product
        self.id = self.new("")
        with acting_as(practice.system) as system:
            ask_back(actor=system, recall_id=self.id)

    def new(self, lot: str | None = None) -> UUID:
        """A recall, new for each call: of a lot that nobody has, or ('') of every lot."""
        lots = () if lot == "" else (uuid7().hex,)
        with acting_as(self._practice.owner) as owner:
            return recall_product(
                actor=owner,
                new=NewRecall(
                    product_key=self._product.key,
                    reason="It is mislabelled",
                    source_text="A notice",
                    lot_numbers=lots,
                ),
            )

    def said_of(self, patient: UUID, known: bool) -> UUID:
        """The recall that stays, after something was said of a patient that can be taken back."""
        if known:
            eve = self._practice.everywhere
            with acting_as(eve):
                say_contact(
                    actor=eve,
                    patient_id=patient,
                    recall_id=self.id,
                    state="not_reached",
                    note=uuid7().hex,
                )
        return self.id

    def form(self) -> dict[str, str]:
        """What the form says that recalls another lot."""
        return {
            "step": "recall",
            "product": self._product.key,
            "scope": "lots",
            "other_lots": uuid7().hex,
            "reason": "It is mislabelled",
            "class_code": "fda_2",
            "source_text": "A notice",
            "told_by": "",
            "request_key": str(uuid7()),
        }
