"""Row-level security alone: whatever the code forgets to ask, the database still refuses."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, Effort, PatientHistory, User
from willowbark.kernel.errors import NotFound
from willowbark.patients import selectors
from willowbark.patients.models import (
    Address,
    CareRelationship,
    Consent,
    ContactPoint,
    MatchCandidate,
    MatchKey,
    Patient,
    PatientIdentifier,
    PatientSource,
)
from willowbark.patients.services.care import begin_care, end_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.services.registration import Identification, PostalAddress, register_patient
from willowbark.patients.testing import first_wall_down, link, make_patient, new_patient, put_into_care
from willowbark.practice import services as practice_services
from willowbark.practice.models import Organisation, RoleAssignment, Site, Staff, WorkingHours
from willowbark.practice.testing import make_practice, make_staff, staff_of
from willowbark.record.kinds import TABLES
from willowbark.record.services.adding import add_entry
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import AT, entry_of, make_entry

pytestmark = pytest.mark.usefixtures("undone")


class World:
    """
    Three patients with an entry of each kind.

    `ann` is seen at the north site by the practitioner and the coach, `cat` there by the other
    practitioner; `ben` belongs to the south, where nobody of the roles works.
    """

    def __init__(self) -> None:
        self.practice = make_practice()
        self.actors = {
            **self.practice.by_role,
            "other_practitioner": self.practice.other_practitioner,
            "roleless": make_staff(self.practice.owner, role=None),
            "system": self.practice.system,
        }
        self.people: dict[str, UUID] = {}
        self.entries: dict[tuple[str, str], UUID] = {}
        for name, site in (
            ("ann", self.practice.north),
            ("cat", self.practice.north),
            ("ben", self.practice.south),
        ):
            self.people[name] = self._person(name, site)
        put_into_care(self.practice, self.people["ann"], self.practice.practitioner, self.practice.coach)
        put_into_care(self.practice, self.people["cat"], self.practice.other_practitioner)

    def _person(self, name: str, site: UUID) -> UUID:
        patient = make_patient(
            self.practice,
            site_id=site,
            given=name,
            phone="555-0100",
            identifiers=(Identification("urn:mrn", f"MRN-{name}", "MR"),),
            address=PostalAddress(city="Bend"),
        ).pk
        eve = self.practice.everywhere
        with acting_as(eve):
            give_consent(actor=eve, patient_id=patient, scope="treatment", wording="Yes")
        for kind in TABLES:
            self.entries[name, kind] = make_entry(eve, patient, kind)
        with acting_as(self.practice.system):
            MatchKey.objects.create(patient_id=patient, key=f"key-{name}")
            MatchCandidate.objects.create(
                patient_id=patient, other_id=uuid7(), probability=0, evidence={}, found_at=AT
            )
        return patient

    def names(self, patient_ids) -> set[str]:
        known = {patient_id: name for name, patient_id in self.people.items()}
        return {known[patient_id] for patient_id in patient_ids}


@pytest.fixture(scope="module")
def world(module_database):
    return World()


EVERYONE, NORTH, ANN, CAT, NOBODY = {"ann", "ben", "cat"}, {"ann", "cat"}, {"ann"}, {"cat"}, set()
ROLES = (
    "owner",
    "senior_practitioner",
    "practitioner",
    "other_practitioner",
    "health_coach",
    "front_desk",
    "dispensary",
    "roleless",
)

# Whose rows each role reads, by what the rows are. Whoever is not named reads nobody's.
READS = {
    "identity": {
        "owner": EVERYONE,
        "senior_practitioner": NORTH,
        "practitioner": ANN,
        "other_practitioner": CAT,
        "health_coach": ANN,
        "front_desk": NORTH,
        "dispensary": NORTH,
    },
    "chart": {
        "senior_practitioner": NORTH,
        "practitioner": ANN,
        "other_practitioner": CAT,
        "health_coach": ANN,
    },
    "medicines": {
        "senior_practitioner": NORTH,
        "practitioner": ANN,
        "other_practitioner": CAT,
        "health_coach": ANN,
        "dispensary": NORTH,
    },
    "matching": {"owner": EVERYONE, "senior_practitioner": NORTH},
    "keys": {
        "owner": EVERYONE,
        "senior_practitioner": NORTH,
        "practitioner": ANN,
        "other_practitioner": CAT,
        "front_desk": NORTH,
    },
}
# Whose rows each role changes.
WRITES = {
    "identity": {
        "senior_practitioner": NORTH,
        "practitioner": ANN,
        "other_practitioner": CAT,
        "front_desk": NORTH,
    },
    "chart": {"senior_practitioner": NORTH, "practitioner": ANN, "other_practitioner": CAT},
}
WRITES["medicines"] = WRITES["chart"]
WRITES["notes"] = {**WRITES["chart"], "health_coach": ANN}

IDENTITY_TABLES = (PatientIdentifier, ContactPoint, Address, Consent)
KIND_OF_ROWS = dict.fromkeys(TABLES, "chart") | {"medication": "medicines", "allergy": "medicines"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_only_what_is_its_own_though_no_code_asks(world, role):
    with acting_as(world.actors[role]):
        seen = {
            kind: world.names(table.objects.values_list("patient_id", flat=True))
            for kind, table in TABLES.items()
        }
        people = world.names(Patient.objects.values_list("pk", flat=True))
        identity = [
            world.names(table.objects.values_list("patient_id", flat=True)) for table in (*IDENTITY_TABLES,)
        ]
        matches = world.names(MatchCandidate.objects.values_list("patient_id", flat=True))
        keys = world.names(MatchKey.objects.values_list("patient_id", flat=True))

    expected = {name: READS[name].get(role, NOBODY) for name in READS}
    assert seen == {kind: expected[KIND_OF_ROWS[kind]] for kind in TABLES}
    assert [people, *identity] == [expected["identity"]] * 5
    assert (matches, keys) == (expected["matching"], expected["keys"])


@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_only_what_is_its_own_though_no_code_asks(world, role):
    """Without a condition, so that nothing but the policy for changes picks the rows."""
    actor = world.actors[role]
    changed = {}
    with acting_as(actor):
        for table in TABLES.values():
            table.objects.update(author_name="An intruder")
        ContactPoint.objects.update(use="work")
        Patient.objects.update(prefix="Dr.")
        Consent.objects.update(wording="No")
    with acting_as(world.practice.everywhere):
        for kind, table in TABLES.items():
            rows = table.objects.filter(author_name="An intruder")
            changed[kind] = world.names(rows.values_list("patient_id", flat=True))
        people = world.names(Patient.objects.filter(prefix="Dr.").values_list("pk", flat=True))
        contacts = world.names(ContactPoint.objects.filter(use="work").values_list("patient_id", flat=True))
        consents = world.names(Consent.objects.filter(wording="No").values_list("patient_id", flat=True))

    notes_or = {kind: "notes" if kind == "note" else KIND_OF_ROWS[kind] for kind in TABLES}
    assert changed == {kind: WRITES[notes_or[kind]].get(role, NOBODY) for kind in TABLES}
    assert [people, contacts, consents] == [WRITES["identity"].get(role, NOBODY)] * 3


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", TABLES)
def test_a_role_adds_only_to_records_that_are_its_own_though_no_code_asks(world, role, kind):
    allowed = WRITES["notes" if kind == "note" else "chart"].get(role, NOBODY)
    actor = world.actors[role]
    for name, patient_id in world.people.items():
        with first_wall_down():
            if name in allowed:
                assert make_entry(actor, patient_id, kind)
            else:
                with pytest.raises((ProgrammingError, NotFound)):
                    make_entry(actor, patient_id, kind)
    with acting_as(world.practice.everywhere):
        rows = TABLES[kind].objects.filter(recorded_by=actor.user_id)
        assert world.names(rows.values_list("patient_id", flat=True)) == allowed


@pytest.mark.parametrize("role", ROLES)
def test_a_role_voids_nothing_that_is_not_its_own_though_no_code_asks(world, role):
    actor = world.actors[role]
    voided = set()
    for (name, kind), entry_id in world.entries.items():
        if kind not in {"observation", "note"}:
            continue
        try:
            with first_wall_down(), acting_as(actor):
                void_entry(
                    actor=actor, patient_id=world.people[name], kind=kind, entry_id=entry_id, reason="Mistake"
                )
        except (NotFound, ProgrammingError):
            continue
        voided.add((name, kind))

    chart, notes = WRITES["chart"].get(role, NOBODY), WRITES["notes"].get(role, NOBODY)
    assert voided == {(name, "observation") for name in chart} | {(name, "note") for name in notes}
    with acting_as(world.practice.everywhere):
        gone = {
            (name, kind)
            for (name, kind), entry_id in world.entries.items()
            if TABLES[kind].objects.get(pk=entry_id).voided_at
        }
    assert gone == voided


@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_only_to_identities_that_are_its_own_though_no_code_asks(world, role):
    actor, otto = world.actors[role], world.practice.other_practitioner
    allowed = WRITES["identity"].get(role, NOBODY)

    def done(write, patient_id, **said) -> bool:
        try:
            with first_wall_down(), acting_as(actor):
                write(actor=actor, patient_id=patient_id, **said)
        except (ProgrammingError, NotFound):
            return False
        return True

    for name, patient_id in world.people.items():
        mine = name in allowed
        assert done(give_consent, patient_id, scope="research", wording="Yes") is mine
        assert done(withdraw_consent, patient_id, scope="treatment") is mine
        may_staff = mine or role == "owner"
        if name != "cat":
            assert done(begin_care, patient_id, staff_id=otto.staff_id, kind="team") is may_staff
            assert done(end_care, patient_id, staff_id=otto.staff_id) is may_staff


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("site", ["north", "south"])
def test_a_role_registers_nobody_where_it_may_not_though_no_code_asks(world, role, site):
    actor = world.actors[role]
    new = new_patient(getattr(world.practice, site), family="Newcomer")
    allowed = site == "north" and role in WRITES["identity"]
    try:
        with first_wall_down(), acting_as(actor):
            register_patient(actor=actor, new=new, request_key=uuid7())
    except ProgrammingError:
        registered = False
    else:
        registered = True
    with acting_as(world.practice.everywhere):
        assert Patient.objects.filter(family="Newcomer").exists() is registered is allowed
    with acting_as(world.practice.system):
        assert PatientSource.objects.count() == 3 + allowed


@pytest.mark.parametrize("role", ROLES)
def test_only_the_owner_changes_the_practice_though_no_code_asks(world, role):
    actor, practice = world.actors[role], world.practice
    who = {"actor": actor}
    writes = {
        "site": lambda: practice_services.add_site(**who, name="West", time_zone="UTC"),
        "staff": lambda: practice_services.add_staff(**who, name="New", email="new@x.test", password=None),
        "role": lambda: practice_services.assign_role(
            **who, staff_id=actor.staff_id, role="owner", reach=practice_services.Reach.ORGANISATION
        ),
        "hours": lambda: practice_services.set_working_hours(
            **who,
            staff_id=actor.staff_id,
            site_id=practice.north,
            hours=[(0, AT.time(), AT.replace(hour=20).time())],
        ),
    }
    for name, write in writes.items():
        try:
            with first_wall_down(), acting_as(actor):
                write()
        except ProgrammingError:
            assert role != "owner", name
        else:
            assert role == "owner", name
    with acting_as(actor), transaction.atomic():
        tables = (Organisation, Site, Staff)
        touched = (
            [Organisation.objects.update(name="X"), Site.objects.update(name="X")] if role != "owner" else [0]
        )
        taken = 0 if role == "owner" else RoleAssignment.objects.all()._raw_delete("default")
        assert (sum(touched), taken, len(tables)) == (0, 0, 3)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_owner_touches_another_account_though_no_code_asks(world, role):
    """A password that anybody could set would open every other wall."""
    actor, victim = world.actors[role], world.practice.senior
    with acting_as(actor):
        others = User.objects.exclude(pk=actor.user_id).update(password="!taken over")
        own = User.objects.filter(pk=actor.user_id).update(last_login=AT)
        made = True
        try:
            with transaction.atomic():
                User.objects.create(email="intruder@practice.test", password="!")
        except ProgrammingError:
            made = False
    with first_wall_down(), acting_as(actor):
        try:
            practice_services.set_password(
                actor=actor, staff_id=staff_of(victim), password="a new long password"
            )
        except NotFound:
            changed = False
        else:
            changed = True

    assert (others > 0, own, made, changed) == (
        role == "owner",
        1,
        role == "owner",
        role == "owner" or actor is victim,
    )


@pytest.mark.parametrize("role", [*ROLES, "system"])
def test_only_who_reads_the_access_log_reads_it_and_nobody_changes_it(world, role):
    with acting_as(world.actors[role]):
        assert AccessEntry.objects.exists() is (role == "owner")
        for change in (
            lambda: AccessEntry.objects.update(actor_id=None),
            lambda: AccessEntry.objects.all()._raw_delete("default"),
            lambda: AccessEntry.objects.create(action="forged", outcome="read"),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()


@pytest.mark.parametrize("role", [*ROLES, "system"])
def test_history_shows_nobody_what_the_chart_would_not_and_nobody_changes_it(world, role):
    with acting_as(world.practice.everywhere):
        TABLES["observation"].objects.update(text="Corrected")
    with acting_as(world.actors[role]):
        seen = world.names(PatientHistory.objects.values_list("patient_id", flat=True))
        for change in (
            lambda: PatientHistory.objects.update(actor_id=None),
            lambda: PatientHistory.objects.all()._raw_delete("default"),
            lambda: PatientHistory.objects.create(id=uuid7(), patient_id=uuid7()),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
    assert seen == READS["chart"].get(role, NOBODY)


def test_nobody_sees_or_reports_anothers_working_time(world):
    practice = world.practice
    with acting_as(practice.coach):
        Effort.objects.create(
            user_id=practice.coach.user_id, task_kind="x", started_at=AT, last_at=AT, active_seconds=1
        )
        with pytest.raises(ProgrammingError), transaction.atomic():
            Effort.objects.create(
                user_id=practice.owner.user_id, task_kind="x", started_at=AT, last_at=AT, active_seconds=1
            )
    with acting_as(practice.front_desk):
        assert not Effort.objects.exists()
    with acting_as(practice.owner):
        assert Effort.objects.count() == 1


def test_without_anybody_acting_there_is_nothing_to_see_and_nothing_can_be_written(world):
    for table in (
        *TABLES.values(),
        *IDENTITY_TABLES,
        Patient,
        CareRelationship,
        PatientHistory,
        AccessEntry,
        PatientSource,
    ):
        assert not table.objects.exists()
    entry = entry_of("observation")
    with pytest.raises(NotFound), transaction.atomic(), first_wall_down():
        add_entry(
            actor=world.practice.everywhere, patient_id=world.people["ann"], entry=entry, request_key=uuid7()
        )
    for statement in (
        "SELECT willow_log_access('forged', '', NULL, 'read', false)",
        "SELECT willow_log_access_of_many('forged', '', ARRAY[]::uuid[], 'read')",
    ):
        with pytest.raises(ProgrammingError, match="nobody is acting"), transaction.atomic():
            connection.cursor().execute(statement)


def test_taking_a_patient_in_hand_opens_nothing_that_the_roles_do_not(world):
    with acting_as(world.practice.practitioner), connection.cursor() as cursor:
        for name in ("cat", "ben"):
            cursor.execute("SELECT set_config('willow.patient_id', %s, true)", [str(world.people[name])])
            assert world.names(TABLES["observation"].objects.values_list("patient_id", flat=True)) == ANN
        with first_wall_down(), pytest.raises(NotFound):
            selectors.open_record(
                world.practice.practitioner, world.people["cat"], "record.read", action="record.chart_read"
            )


def test_a_merged_row_opens_to_who_reaches_the_person_and_not_the_other_way_round(world):
    """Ann's older row came from the south: whoever cares for Ann reads it; the south does not get Ann."""
    ann, ben = world.people["ann"], world.people["ben"]
    desk = make_staff(
        world.practice.owner,
        role="senior_practitioner",
        reach=practice_services.Reach.SITE,
        site_id=world.practice.south,
    )
    link(world.practice, ben, to=ann)

    def reads(actor) -> set[str]:
        with acting_as(actor):
            return world.names(TABLES["observation"].objects.values_list("patient_id", flat=True))

    assert reads(world.practice.practitioner) == {"ann", "ben"}
    assert reads(world.practice.senior) == {"ann", "ben", "cat"}
    assert reads(world.practice.other_practitioner) == {"cat"}
    assert reads(desk) == {"ben"}


def test_someone_whose_care_or_role_ended_or_who_left_loses_the_record_at_once(world):
    practice, ann = world.practice, world.people["ann"]

    def sees() -> bool:
        with acting_as(practice.practitioner):
            return TABLES["observation"].objects.filter(patient=ann).exists()

    assert sees()
    with acting_as(practice.everywhere):
        end_care(actor=practice.everywhere, patient_id=ann, staff_id=practice.practitioner.staff_id)
    assert not sees()
    put_into_care(practice, ann, practice.practitioner)
    assert sees()
    with acting_as(practice.owner):
        Staff.objects.filter(pk=practice.practitioner.staff_id).update(is_active=False)
    assert not sees()
    with acting_as(practice.owner):
        Staff.objects.filter(pk=practice.practitioner.staff_id).update(is_active=True)
        held = RoleAssignment.objects.get(staff=practice.practitioner.staff_id)
        practice_services.take_role_away(actor=practice.owner, assignment_id=held.pk)
    assert not sees()
    assert not WorkingHours.objects.exists()
