"""
What happens in the demo, one small value for each thing that somebody does.

`id` names the event for ever and is the id of the row that it makes; `at` is when it is written down
(aware, UTC). Events of one sitting form an `Occasion`: one person, one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from willowbark.patients.core.details import PatientDetails
from willowbark.record.core.entries import Entry

SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens."""

    id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPractice(Event):
    """The owner opens the practice with its first site; `site` and `owner` are the script's names."""

    name: str
    jurisdiction: str
    time_zone: str
    site: str
    site_name: str
    owner: str
    owner_name: str
    owner_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSite(Event):
    """The owner opens another site."""

    site: str
    name: str
    time_zone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStaff(Event):
    """Someone begins to work here."""

    staff: str
    name: str
    email: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRole(Event):
    """Someone is given a role; `site` is '' for one held everywhere."""

    staff: str
    role: str
    reach: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorkingHours(Event):
    """Someone's ordinary week at a site: (weekday from 0 = Monday, starts, ends)."""

    staff: str
    site: str
    hours: tuple[tuple[int, time, time], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPatient(Event):
    """The front desk takes someone new in. `id` is the patient's."""

    site: str
    details: PatientDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePatient(Event):
    """Another system sends someone: an imported patient. `id` is the patient's."""

    site: str
    details: PatientDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginCare(Event):
    """Someone begins to care for a patient; `kind` is 'primary' or 'team'."""

    patient_id: UUID
    staff: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCare(Event):
    """Someone no longer cares for a patient."""

    patient_id: UUID
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveConsent(Event):
    """The patient agrees to something, in these words."""

    patient_id: UUID
    scope: str
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent(Event):
    """The patient withdraws what they had agreed to."""

    patient_id: UUID
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEntry(Event):
    """Someone writes an entry into the record."""

    patient_id: UUID
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveEntry(Event):
    """Another system sends an entry; it keeps its own date, author and gaps."""

    patient_id: UUID
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidEntry(Event):
    """Someone takes an entry back, with the reason."""

    patient_id: UUID
    kind: str
    entry_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCatalog(Event):
    """The owner brings the catalog's products in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveStock(Event):
    """A lot of a product, by the catalog's key, is put onto a site's shelf."""

    site: str
    product: str
    lot_number: str
    expires_on: date
    containers: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A product that is left out of a plan by hand or added to it, and why: an override's code, and words."""

    product: str
    is_left_out: bool
    reason: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignProtocol(Event):
    """
    A practitioner composes a protocol from Master Protocols, decides something by hand or not, and signs it.

    It takes `seconds` of active work; `words` stand beside whatever has to be acknowledged. What the plan
    holds is not the script's to say: it follows from the record, the shelf and the library.
    """

    patient_id: UUID
    masters: tuple[str, ...]
    seconds: int
    words: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveDraft(Event):
    """A practitioner begins to compose a protocol, and is called away after `seconds` of it."""

    patient_id: UUID
    masters: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut(Event):
    """The dispensary hands out what is due of a patient's protocol, as far as the shelf has it."""

    patient_id: UUID
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishTasks(Event):
    """Someone has done what was theirs to do by a day, and says so."""

    due_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass(Event):
    """Someone who does not reach a patient names them exactly, opens the chart with a reason, and ends it."""

    patient_id: UUID
    family: str
    given: str
    birth_date: date
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInFile(Event):
    """
    Someone hands in a file that another practice sent, and it is imported for a site.

    `content` is FHIR; `brings` says how many rows of each kind come of it, as far as it can be read.
    """

    site: str
    source: str
    name: str
    content: str
    brings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveScenario(Event):
    """Someone keeps a plan under a name: the usual figures but for these, each by its path."""

    name: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptMaster(Event):
    """A senior practitioner approves a Master Protocol as it is shipped."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMaster(Event):
    """Someone writes the next version: its first target says something else. With a note it is handed in."""

    key: str
    said: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMaster(Event):
    """A senior practitioner approves the version that waits."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReviews(Event):
    """The worker asks for the reviews of the library that are due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallLots(Event):
    """The dispensary recalls lots of a product, by the catalog's key, as its maker says."""

    product: str
    lots: tuple[str, ...]
    reason: str
    class_code: str
    source_text: str
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBack(Event):
    """The worker asks for what was handed out and is recalled, and has tasks follow what was said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfRecall(Event):
    """
    Somebody calls the first `share` of those who were given what is recalled, by name.

    `said` is what comes of it, one after the other and from the front again: a state, and words.
    """

    share: float
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain(Event):
    """The worker looks at what a patient takes by protocol, since a result came in."""

    patient_id: UUID
    result_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFigures(Event):
    """The platform counts every figure from its facts, and looks what is beyond its threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPatients(Event):
    """The platform looks who of these patient rows may be one person."""

    patient_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """
    What one person does in one sitting, in one transaction.

    `by` is the script's name for a member of staff, or `SYSTEM`. `patient_id` is None for what belongs to
    no single patient. Events are in the order of their `at`, none before the occasion's own.
    """

    id: UUID
    at: datetime
    by: str
    patient_id: UUID | None
    events: tuple[Event, ...]
