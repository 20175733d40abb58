"""Signed protocols of which something is always left to hand out, for every address of the dispensary."""

from __future__ import annotations

from uuid import UUID

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary.services import dispense
from willowbark.dispensary.tests.signed import sign
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory.testing import put_on_shelf
from willowbark.practice.testing import PracticeForTests

PLENTY = 20_000


class ToDispense:
    """
    A protocol of each patient, signed by Eve at the patient's site, and something of it handed out once.

    Attributes:
        of: patient -> the protocol and its line.
        handed_out: patient -> a dispensing that nobody takes back.
        to_recall: another product, of which both were given all.
    """

    def __init__(self, practice: PracticeForTests, ann: UUID, ben: UUID) -> None:
        self._practice = practice
        self._site_of = {ann: practice.north, ben: practice.south}
        self.of: dict[UUID, tuple[UUID, UUID]] = {}
        self.handed_out: dict[UUID, UUID] = {}
        product, self.to_recall = make_products(practice.owner, new_product(), new_product())
        for patient, site in self._site_of.items():
            put_on_shelf(practice.owner, site, product.id, PLENTY)
            put_on_shelf(practice.owner, site, self.to_recall.id, 1)
            given = [(product, PLENTY), (self.to_recall, 1)]
            protocol, (line, once) = sign(practice.everywhere, patient, site, given, number=7)
            self.of[patient] = protocol, once
            self.new(patient)
            self.of[patient] = protocol, line
            self.handed_out[patient] = self.new(patient)

    def new(self, patient: UUID) -> UUID:
        """Hand out something now; an id that nobody has for a patient who does not exist."""
        if patient not in self.of:
            return uuid7()
        protocol, line = self.of[patient]
        eve = self._practice.everywhere
        with acting_as(eve):
            return dispense(
                actor=eve,
                patient_id=patient,
                protocol_id=protocol,
                site_id=self._site_of[patient],
                lines={line: 1},
                request_key=uuid7(),
                note="Nothing secret",
            )

    def form(self, patient: UUID) -> dict[str, str]:
        """What the form about one more container says."""
        _, line = self.of.get(patient, (uuid7(), uuid7()))
        site = self._site_of.get(patient, self._practice.north)
        return {"site": str(site), f"line-{line}": "1", "request_key": str(uuid7()), "note": ""}
