"""Drafts, compositions and signed protocols, for every address of protocols."""

from __future__ import annotations

from uuid import UUID

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PracticeForTests
from willowbark.protocols.services.drafts import open_draft
from willowbark.protocols.services.signing import end_protocol
from willowbark.protocols.testing import MASTERS, make_composition, make_protocol, words_for


class ToCompose:
    """
    A protocol of each patient that Eve composed, signed and ended, and a draft that is always open.

    What was signed stays as it is: signing or ending it again changes nothing.

    Attributes:
        signed: patient -> the protocol and its composition.
    """

    def __init__(self, practice: PracticeForTests, ann: UUID, ben: UUID) -> None:
        self._eve = practice.everywhere
        self.signed: dict[UUID, tuple[UUID, UUID]] = {}
        self.words: dict[UUID, dict[str, str]] = {}
        load_demo_products(practice.owner)
        for patient in (ann, ben):
            view = make_composition(self._eve, patient)
            made = make_protocol(self._eve, patient)
            assert made.composition_id == view.id
            self.signed[patient] = made.id, view.id
            self.words[patient] = words_for(view)
            with acting_as(self._eve) as eve:
                end_protocol(actor=eve, patient_id=patient, protocol_id=made.id, reason="Nothing secret")

    def draft(self, patient: UUID) -> str:
        """The patient's open draft; an id that nobody has for a patient who does not exist."""
        if patient not in self.signed:
            return str(uuid7())
        with acting_as(self._eve) as eve:
            return str(open_draft(actor=eve, patient_id=patient, master_keys=MASTERS).id)

    def protocol(self, patient: UUID) -> UUID:
        """The signed protocol of a patient."""
        return self.signed.get(patient, (uuid7(), uuid7()))[0]

    def composition(self, patient: UUID) -> UUID:
        """The signed composition of a patient."""
        return self.signed.get(patient, (uuid7(), uuid7()))[1]

    def form(self, patient: UUID) -> dict[str, str]:
        """What the form of a signature says."""
        said = {f"ack:{key}": words for key, words in self.words.get(patient, {}).items()}
        return said | {"request_key": str(uuid7()), "starts_on": ""}
