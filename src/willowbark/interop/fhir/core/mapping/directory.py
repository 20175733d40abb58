"""What one run has learnt of people, places and medications that other resources point at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept
from willowbark.interop.fhir.core.references import ByIdentifier, Target

_MOST_ENTRIES = 50_000

V = TypeVar("V")
Address = Target | ByIdentifier


class _Recent(Generic[V]):
    """A dictionary that forgets what was longest unused, so that it stays small in a run of any length."""

    def __init__(self) -> None:
        self._items: OrderedDict[Address, V] = OrderedDict()

    def put(self, address: Address, value: V) -> None:
        self._items[address] = value
        self._items.move_to_end(address)
        if len(self._items) > _MOST_ENTRIES:
            self._items.popitem(last=False)

    def get(self, address: Address) -> V | None:
        return self._items.get(address)


def _nothing(address: Address) -> None:
    return None


@dataclass(slots=True)
class Directory:
    """
    Names of practitioners and places, what medications are, and which patient an identifier means.

    `find_name`, `find_medication` and `find_owner` are asked for what this run has not read itself.
    """

    names: _Recent[str] = field(default_factory=_Recent)
    medications: _Recent[CodeableConcept] = field(default_factory=_Recent)
    owners: _Recent[UUID] = field(default_factory=_Recent)
    find_name: Callable[[Address], str | None] = _nothing
    find_medication: Callable[[Address], CodeableConcept | None] = _nothing
    find_owner: Callable[[Address], UUID | None] = _nothing

    def name(self, address: Address) -> str:
        """The name of a practitioner, an organisation or a place; '' when nobody has said it."""
        return self.names.get(address) or self.find_name(address) or ""

    def medication(self, address: Address) -> CodeableConcept | None:
        """What a Medication is."""
        return self.medications.get(address) or self.find_medication(address)

    def owner(self, address: Address) -> UUID | None:
        """The source key of the patient that an identifier, or another resource of theirs, leads to."""
        return self.owners.get(address) or self.find_owner(address)
