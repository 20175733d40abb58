"""A practice in which every address has something to be called about."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from unittest import mock
from uuid import UUID

from willowbark.catalog.testing import make_products, new_product
from willowbark.command_center.models import Alert
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.interop.fhir.models import ImportRun, Quarantined
from willowbark.inventory.selectors import moves as stock_moves
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients.models import PatientIdentifier
from willowbark.patients.services import break_glass
from willowbark.patients.services.care import end_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import ask_about, break_the_glass, make_patient, put_into_care
from willowbark.planner.core.scenario import usual
from willowbark.planner.services import save_scenario
from willowbark.practice.services import assign_role
from willowbark.practice.testing import (
    PASSWORD,
    PracticeForTests,
    make_practice,
    make_staff,
    quick_passwords,
    staff_of,
)
from willowbark.record.kinds import TABLES
from willowbark.record.testing import AT, make_entry
from willowbark.worklist.testing import make_task

from .to_ask import ToAsk
from .to_compose import ToCompose
from .to_dispense import ToDispense
from .to_publish import ToPublish
from .to_recall import ToRecall

ROLES = ("owner", "senior_practitioner", "practitioner", "health_coach", "front_desk", "dispensary")
EVERY_ROLE = frozenset(ROLES)
CLINICIANS = frozenset({"senior_practitioner", "practitioner"})
CHART_READERS = CLINICIANS | {"health_coach"}
OWNER = frozenset({"owner"})
# Who has signed in but holds no role.
ROLELESS = "roleless"
SIGNED_IN = EVERY_ROLE | {ROLELESS}


class World:
    """
    `ann` is at the north site and in the care of practitioner and coach; `ben` is at the south site, out
    of the reach of everybody but who reads patients everywhere (the owner). What is said of each holds
    a word that stands nowhere else.
    """

    def __init__(self) -> None:
        self.practice: PracticeForTests = make_practice()
        self.actors: dict[str, Actor] = {
            **self.practice.by_role,
            ROLELESS: make_staff(self.practice.owner, role=None, name="Rolf Roleless"),
        }
        self.victim = make_staff(
            self.practice.owner, role="front_desk", reach=Reach.SITE, site_id=self.practice.north, name="Vic"
        )
        with quick_passwords():
            for actor in self.actors.values():
                with acting_as(actor):
                    user = User.objects.get(pk=actor.user_id)
                    user.set_password(PASSWORD)
                    user.save()
        self.ann, self.anns = self._person("ann", self.practice.north)
        self.ben, self.bens = self._person("ben", self.practice.south)
        put_into_care(self.practice, self.ann, self.practice.practitioner, self.practice.coach)
        self.glass: dict[UUID, UUID] = {}
        self.run, self.quarantined, self.to_mend = self._import()
        self.alert = self.new_alert()
        (self.product,) = make_products(self.practice.owner, new_product())
        self.to_compose = ToCompose(self.practice, self.ann, self.ben)
        self.to_publish = ToPublish(self.practice)
        self.to_ask = ToAsk(self.practice, self.ann, self.ben)
        self.to_dispense = ToDispense(self.practice, self.ann, self.ben)
        self.to_recall = ToRecall(self.practice, self.to_dispense.to_recall)
        self.pairs = {patient: self.new_pair(patient) for patient in (self.ann, self.ben)}
        for patient in (self.ann, self.ben):
            self.new_glass(patient, is_over=False)
        self.tasks = {self.ann: self.new_task(self.ann), self.ben: self.new_task(self.ben)}

    def _person(self, name: str, site: UUID) -> tuple[UUID, UUID]:
        """A patient whose identity and whose entries say a word of their own; and a result of theirs."""
        eve = self.practice.everywhere
        patient = make_patient(
            self.practice,
            site_id=site,
            family=f"{name}whois",
            identifiers=(
                Identification("urn:mrn", f"{name}whois-7", "MR"),
                Identification("http://hl7.org/fhir/sid/us-ssn", f"{name}whois-9", "SS"),
            ),
        ).pk
        entries = {
            kind: make_entry(eve, patient, kind, text=f"{name}secret", **self._words(kind, f"{name}secret"))
            for kind in TABLES
        }
        return patient, entries["observation"]

    @staticmethod
    def _words(kind: str, secret: str) -> dict[str, Any]:
        return {"body": secret} if kind == "note" else {}

    def _import(self) -> tuple[UUID, UUID, UUID]:
        with acting_as(self.practice.system):
            run = ImportRun.objects.create(
                asked_by_id=self.practice.owner.user_id,
                channel="web",
                source="elsewhere",
                home_site_id=self.practice.north,
                path_text="bensecret.json",
                status="finished",
                started_at=AT,
                finished_at=AT,
            )
            waiting, to_mend = (self._quarantine(run, status="waiting").pk for _ in range(2))
        return run.pk, waiting, to_mend

    def _quarantine(self, run: ImportRun, **more: Any) -> Quarantined:
        return Quarantined.objects.create(
            run=run,
            source="elsewhere",
            place="1",
            content=b'{"resourceType": "bensecret"}',
            content_sha256=uuid7().bytes * 2,
            reason="wrong_type",
            message="bensecret is no type",
            set_aside_at=AT,
            **more,
        )

    @property
    def dismissed(self) -> UUID:
        """A resource that was not wanted, new for each call."""
        with acting_as(self.practice.system) as system:
            settled = {"settled_at": AT, "settled_by_id": system.user_id, "settled_reason": "not ours"}
            run = ImportRun.objects.get(pk=self.run)
            return self._quarantine(run, status="dismissed", **settled).pk

    def new_task(self, patient: UUID) -> UUID:
        """An open task of the patient, which is Eve's; an id that nobody has for one who does not exist."""
        if patient not in (self.ann, self.ben):
            return uuid7()
        secret = "anntask" if patient == self.ann else "bentask"
        return make_task(self.practice.everywhere, patient, title=secret, next_action=secret)

    def new_glass(self, patient: UUID, *, is_over: bool) -> UUID:
        """Somebody lets Otto in by break-glass, again; an id that nobody has for one who does not exist."""
        if patient not in (self.ann, self.ben):
            return uuid7()
        otto = self.practice.other_practitioner
        if patient in self.glass:
            self._close(patient, self.glass[patient])
        with mock.patch.object(break_glass, "LOOKUPS_AN_HOUR", 1_000_000):
            made = break_the_glass(
                otto, patient, number="annwhois-7" if patient == self.ann else "benwhois-7"
            )
        self.glass[patient] = made
        if is_over:
            self._close(patient, made)
        return made

    def _close(self, patient: UUID, glass: UUID) -> None:
        otto = self.practice.other_practitioner
        with acting_as(otto):
            break_glass.end_break_glass(actor=otto, patient_id=patient, glass_id=glass)

    def pair(self, patient: UUID) -> UUID:
        """A pair of the patient and somebody else; an id that nobody has for one who does not exist."""
        return self.pairs.get(patient) or uuid7()

    def new_pair(self, patient: UUID) -> UUID:
        """A new pair of the patient and somebody of the same site who was known before."""
        if patient not in (self.ann, self.ben):
            return uuid7()
        site = self.practice.north if patient == self.ann else self.practice.south
        name = "ann" if patient == self.ann else "ben"
        known = make_patient(self.practice, site_id=site, family=f"{name}whois").pk
        return ask_about(self.practice, patient, known)

    def lot_on_shelf(self) -> str:
        """A new lot of the product at the north site, as a form says it: four containers."""
        lot = put_on_shelf(self.practice.dispensary, self.practice.north, self.product.id, 4)
        return f"{lot.lot_id}:{lot.on_hand_containers}"

    def mistaken_move(self) -> str:
        """The id of a move that the dispensary has made."""
        self.lot_on_shelf()
        north, keeper = self.practice.north, self.practice.dispensary
        with acting_as(keeper):
            return str(stock_moves(keeper, north, self.product.id, limit=1).rows[0].id)

    @property
    def scenario(self) -> UUID:
        """A saved scenario of the planner, new for each call."""
        with acting_as(self.practice.owner) as owner:
            return save_scenario(actor=owner, name="Ours", scenario=usual(), own={}, request_key=uuid7())

    def new_alert(self) -> tuple[UUID, UUID]:
        """An open alert at the north site that the practitioner is to answer: its site and its id."""
        with acting_as(self.practice.system):
            alert = Alert.objects.create(
                site_id=self.practice.north,
                kind="stock_cover",
                subject_key=uuid7(),
                owner_id=self.practice.practitioner.user_id,
                due_on=AT.date(),
                next_action="Order it",
                figure=1,
                threshold=2,
                latest_figure=1,
                latest_threshold=2,
                unit="containers",
                opened_at=AT,
                latest_at=AT,
            )
        return self.practice.north, alert.pk

    def number(self, patient: UUID) -> UUID:
        """The id of the patient's sensitive number; an id that nobody has for one who does not exist."""
        with acting_as(self.practice.system):
            found = PatientIdentifier.objects.filter(patient=patient, sealed__isnull=False).first()
        return found.pk if found else uuid7()

    def caring_for(self, patient: UUID) -> str:
        """Somebody who cares for the patient, and whom nobody misses: Eve."""
        if patient in (self.ann, self.ben):
            put_into_care(self.practice, patient, self.practice.everywhere)
        return str(staff_of(self.practice.everywhere))

    def care_that_ended(self, patient: UUID) -> str:
        """The id of Eve's care for the patient, which has just ended."""
        self.caring_for(patient)
        eve = self.practice.everywhere
        if patient not in (self.ann, self.ben):
            return str(uuid7())
        with acting_as(eve):
            (ended,) = end_care(actor=eve, patient_id=patient, staff_id=staff_of(eve))
        return str(ended)

    def consent(self, patient: UUID, *, in_force: bool) -> dict[str, str]:
        """The form about a consent to research, which is in force or not."""
        eve = self.practice.everywhere
        if patient in (self.ann, self.ben):
            who = {"actor": eve, "patient_id": patient, "scope": "research"}
            with acting_as(eve):
                if not in_force:
                    with suppress(NotFound):
                        withdraw_consent(**who)
                else:
                    with suppress(Conflict):
                        give_consent(**who, wording="Yes")
        return {"scope": "research", "wording": "I agree", "given_on": ""}

    def assignment_of_victim(self) -> UUID:
        """A role that the victim holds: given anew, since a call may have taken it away."""
        with acting_as(self.practice.owner):
            held = assign_role(
                actor=self.practice.owner,
                staff_id=staff_of(self.victim),
                role="dispensary",
                reach=Reach.SITE,
                site_id=self.practice.north,
            )
        return held.pk


def give_back_the_passwords(world: World) -> None:
    """Give everybody the password again that a call may have changed."""
    with quick_passwords():
        actors = {actor.user_id: actor for actor in world.actors.values()}
        for user in User.objects.filter(pk__in=actors):
            if not user.check_password(PASSWORD):
                user.set_password(PASSWORD)
                with acting_as(actors[user.pk]):
                    user.save()
