"""Breaking the glass: who may, for whom, for how long; what it never opens; and what a review needs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation import live
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients import selectors
from willowbark.patients.core.break_glass import NEVER_OPENED
from willowbark.patients.models import BreakGlass, BreakGlassReview
from willowbark.patients.selectors import GlassFilter, reachable
from willowbark.patients.services import break_glass as services
from willowbark.patients.services.break_glass import (
    LookedUpTooOften,
    NotNeeded,
    OpenAlready,
    OwnToReview,
    break_glass,
    end_break_glass,
    look_up_exactly,
    review_break_glass,
    set_break_glass_hours,
)
from willowbark.patients.services.care import begin_care
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import break_the_glass, first_wall_down, link, make_patient, put_into_care
from willowbark.practice.roles import shipped_roles
from willowbark.practice.services import assign_role, set_active
from willowbark.practice.testing import again, make_staff, signed_in, staff_of

WHY = {"reason_code": "emergency", "reason": "They fainted in the waiting room"}
BORN = date(1984, 3, 12)
EVERYWHERE = {"reach": Reach.ORGANISATION, "site_id": None}


@pytest.fixture
def ben(practice):
    """Somebody of the south, whom none of the roles but the owner reaches."""
    return make_patient(
        practice,
        site_id=practice.south,
        family="Stone",
        given="Ben Aaron",
        birth_date=parse_partial_date(BORN.isoformat()),
        identifiers=(Identification("urn:mrn", "MRN-77", "MR"),),
    ).pk


@pytest.fixture
def otto(practice):
    return practice.other_practitioner


def look(actor, **known):
    with acting_as(again(actor)) as looking:
        return look_up_exactly(actor=looking, **known)


def ask(actor, patient, **said):
    with acting_as(again(actor)) as asking:
        return break_glass(actor=asking, patient_id=patient, **({"request_key": uuid7()} | WHY | said))


def senior_of_the_north(practice):
    """Somebody who may break the glass and review it, and does not reach the south."""
    return make_staff(practice.owner, role="senior_practitioner", reach=Reach.SITE, site_id=practice.north)


def reached_by_both(actor, patient, permission):
    """Whether each wall by itself lets the actor through to the patient."""
    with acting_as(again(actor)) as person:
        held = permission in person.permissions
        code = held and reachable(person, permission).filter(pk=patient).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT willow_reaches(%s, %s)", [patient, [permission]])
            (database,) = cursor.fetchone()
    assert code == database, permission
    return code


def written():
    return BreakGlass.objects.count()


class TestLookingUp:
    def test_a_whole_name_with_the_birth_date_or_a_number_finds_one_person(self, practice, ben, otto):
        for known in (
            {"family": "stone", "given": "Ben", "birth_date": BORN},
            {"family": "Stone", "given": "ben aaron", "birth_date": BORN},
            {"number": "mrn-77"},
        ):
            (found,) = look(otto, **known)
            assert (found.patient_id, found.site_name, found.is_reached) == (ben, "South", False)

    @pytest.mark.parametrize(
        "known",
        [
            {"family": "Stone", "given": "Be", "birth_date": BORN},
            {"family": "Ston", "given": "Ben", "birth_date": BORN},
            {"family": "Stone", "given": "Ben", "birth_date": date(1984, 3, 13)},
            {"family": "%", "given": "%%", "birth_date": BORN, "number": "%%%%"},
            {"number": "MRN-7"},
            {"number": "MRN_77"},
        ],
        ids=[
            "part of the given name",
            "part of the family",
            "another day",
            "wildcards",
            "part",
            "underscore",
        ],
    )
    def test_anything_less_finds_nobody(self, practice, ben, otto, known):
        assert look(otto, **known) == ()

    @pytest.mark.parametrize(
        ("known", "field"),
        [
            ({"family": "Stone", "given": "Ben"}, "birth_date"),
            ({"family": "Stone", "birth_date": BORN}, "given"),
            ({"given": "Ben", "birth_date": BORN}, "family"),
            ({"number": "77"}, "number"),
        ],
        ids=["no day", "no given name", "no family name", "a short number"],
    )
    def test_who_does_not_know_whom_they_look_for_is_told_what_is_missing(self, practice, otto, known, field):
        with pytest.raises(Invalid) as refused:
            look(otto, **known)
        assert refused.value.field == field

    def test_it_is_logged_and_whoever_was_found_and_nothing_that_was_typed(self, practice, ben, otto):
        look(otto, family="Stone", given="Ben", birth_date=BORN)
        with acting_as(practice.owner):
            rows = AccessEntry.objects.filter(actor_id=otto.user_id).order_by("id")
            entries = list(rows.values_list("action", "subject", "patient_id"))
        assert entries[-2:] == [
            ("patients.looked_up_exactly", "name", None),
            ("patients.found_exactly", "name", ben),
        ]

    def test_whoever_looks_for_everybody_is_stopped_and_the_refusal_stays_in_the_log(
        self, practice, ben, otto, monkeypatch
    ):
        monkeypatch.setattr(services, "LOOKUPS_AN_HOUR", 2)
        look(otto, number="MRN-77")
        look(otto, number="MRN-78")
        browser = signed_in(otto)
        answer = browser.post(reverse("patients:look_up"), {"number": "MRN-77"})
        assert answer.status_code == 429
        assert b"Stone" not in answer.content
        with acting_as(practice.owner):
            refused = AccessEntry.objects.filter(actor_id=otto.user_id, outcome="refused")
            assert refused.values_list("action", flat=True).last() == "patients.looked_up_too_often"
        with pytest.raises(LookedUpTooOften):
            look(otto, number="MRN-77")

    @pytest.mark.parametrize("role", ["owner", "front_desk", "dispensary"])
    def test_it_is_for_clinical_roles_alone_in_both_walls(self, practice, ben, role):
        actor = practice.by_role[role]
        with pytest.raises(Forbidden):
            look(actor, number="MRN-77")
        with first_wall_down(), acting_as(actor), pytest.raises(ProgrammingError), transaction.atomic():
            look_up_exactly(actor=actor, number="MRN-77")

    def test_who_was_merged_into_another_is_found_as_that_person(self, practice, ben, otto):
        other = make_patient(practice, site_id=practice.south, family="Rock", given="Ben").pk
        link(practice, ben, to=other)
        (found,) = look(otto, number="MRN-77")
        assert (found.patient_id, found.family) == (other, "Rock")


class TestAsking:
    def test_for_some_hours_both_walls_let_them_through_with_the_permissions_of_their_role(
        self, practice, ben, otto
    ):
        held = shipped_roles()["practitioner"]["permissions"]
        assert not any(reached_by_both(otto, ben, each) for each in held)
        glass = break_the_glass(otto, ben, number="MRN-77")

        opened = {each for each in held if reached_by_both(otto, ben, each)}
        assert opened == set(held) - NEVER_OPENED
        assert "patients.write" not in opened
        for beyond in ("patients.match", "record.import", "audit.read", "inventory.write"):
            assert not reached_by_both(otto, ben, beyond)
        with acting_as(otto):
            row = BreakGlass.objects.get(pk=glass)
        assert row.expires_at - row.opened_at == timedelta(hours=4)

    def test_nobody_else_comes_in_with_them_and_no_other_patient_opens(self, practice, ben, otto):
        cat = make_patient(practice, site_id=practice.south).pk
        break_the_glass(otto, ben, number="MRN-77")
        assert not reached_by_both(practice.practitioner, ben, "record.read")
        assert not reached_by_both(otto, cat, "record.read")

    def test_access_for_hours_cannot_be_made_care_for_good(self, practice, ben, otto):
        break_the_glass(otto, ben, number="MRN-77")
        with pytest.raises(NotFound), acting_as(again(otto)) as me:
            begin_care(actor=me, patient_id=ben, staff_id=staff_of(otto), kind="team")

    def test_the_role_that_may_break_the_glass_opens_it_and_no_other_that_they_hold(self, practice, ben):
        both = make_staff(
            practice.owner, role="practitioner", reach=Reach.CARE, site_id=practice.north, name="Bo Both"
        )
        with acting_as(practice.owner):
            assign_role(
                actor=practice.owner,
                staff_id=staff_of(both),
                role="dispensary",
                reach=Reach.SITE,
                site_id=practice.north,
            )
        break_the_glass(again(both), ben, number="MRN-77")
        assert reached_by_both(both, ben, "record.read")
        assert not reached_by_both(both, ben, "inventory.write")
        assert not reached_by_both(both, ben, "record.medications")

    def test_whoever_was_merged_into_them_opens_too(self, practice, ben, otto):
        old = make_patient(practice, site_id=practice.south, family="Old", given="Ben").pk
        link(practice, old, to=ben)
        break_the_glass(otto, ben, number="MRN-77")
        assert reached_by_both(otto, old, "record.read")

    def test_whoever_did_not_name_the_patient_exactly_is_told_that_there_is_nobody(self, practice, ben, otto):
        for patient in (ben, uuid7()):
            with pytest.raises(NotFound):
                ask(otto, patient)
        look(practice.practitioner, number="MRN-77")
        with pytest.raises(NotFound):
            ask(otto, ben)
        with acting_as(practice.owner):
            assert written() == 0

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"reason_code": "curious"}, "reason_code"),
            ({"reason": "  because "}, "reason"),
            ({"reason": "x" * 501}, "reason"),
        ],
        ids=["no such reason", "no sentence", "endless"],
    )
    def test_a_reason_is_asked_and_nothing_opens_without_one(self, practice, ben, otto, said, field):
        look(otto, number="MRN-77")
        with pytest.raises(Invalid) as refused:
            ask(otto, ben, **said)
        assert refused.value.field == field
        assert not reached_by_both(otto, ben, "record.read")

    def test_the_same_request_twice_opens_once(self, practice, ben, otto):
        look(otto, number="MRN-77")
        key = uuid7()
        first = ask(otto, ben, request_key=key)
        assert ask(otto, ben, request_key=key) == first
        with pytest.raises(RequestKeyReused):
            ask(otto, ben, request_key=key, reason_code="safety")
        with acting_as(practice.owner):
            assert written() == 1
        assert OutboxMessage.objects.filter(name="patients.BreakGlassOpened").count() == 1

    def test_it_is_never_made_longer_and_asked_again_when_it_is_over(self, practice, ben, otto):
        first = break_the_glass(otto, ben, number="MRN-77")
        with pytest.raises(OpenAlready):
            ask(otto, ben)
        with acting_as(otto):
            end_break_glass(actor=otto, patient_id=ben, glass_id=first)
        assert ask(otto, ben) != first

    def test_who_reaches_the_patient_needs_none(self, practice, ben, otto):
        put_into_care(practice, ben, otto)
        look(otto, number="MRN-77")
        with pytest.raises(NotNeeded):
            ask(otto, ben)

    def test_the_practice_says_for_how_long(self, practice, ben, otto):
        with acting_as(practice.owner):
            set_break_glass_hours(actor=practice.owner, hours=2)
            assert selectors.break_glass_hours() == 2
        glass = break_the_glass(otto, ben, number="MRN-77")
        with acting_as(otto):
            row = BreakGlass.objects.get(pk=glass)
        assert row.expires_at - row.opened_at == timedelta(hours=2)
        for hours in (0, 25):
            with pytest.raises(Invalid), acting_as(practice.owner):
                set_break_glass_hours(actor=practice.owner, hours=hours)
        with pytest.raises(Forbidden), acting_as(otto):
            set_break_glass_hours(actor=otto, hours=3)


class TestTheSecondWall:
    def test_nobody_lets_anybody_in_by_writing_a_row(self, practice, ben, otto):
        break_the_glass(otto, ben, number="MRN-77")
        with acting_as(otto), pytest.raises(ProgrammingError, match="asked for"), transaction.atomic():
            glass = BreakGlass.objects.get()
            glass.pk, glass.staff_id, glass.request_key = uuid7(), staff_of(practice.coach), uuid7()
            glass.save(force_insert=True)
        with acting_as(otto), pytest.raises(ProgrammingError), transaction.atomic():
            BreakGlass.objects.update(expires_at=glass.expires_at + timedelta(days=1))

    def test_a_review_by_who_broke_it_or_in_another_name_is_refused(self, practice, ben):
        senior = make_staff(
            practice.owner,
            role="senior_practitioner",
            reach=Reach.SITE,
            site_id=practice.north,
            name="Sam Senior",
        )
        glass = break_the_glass(senior, ben, number="MRN-77")
        with acting_as(senior):
            end_break_glass(actor=senior, patient_id=ben, glass_id=glass)
        for reviewer, name in ((practice.owner, senior), (senior, senior)):
            with acting_as(reviewer), pytest.raises(ProgrammingError), transaction.atomic():
                BreakGlassReview.objects.create(
                    patient_id=ben,
                    glass_id=glass,
                    reviewer_id=name.user_id,
                    verdict="justified",
                    words="It was right, says me",
                    reviewed_at="2026-11-22T00:00Z",
                )


class TestBeingOver:
    def test_done_is_done_at_once(self, practice, ben, otto):
        glass = break_the_glass(otto, ben, number="MRN-77")
        browser = signed_in(otto)
        assert browser.get(reverse("record:chart", args=[ben])).status_code == 200
        browser.post(reverse("patients:done_with_glass", args=[ben, glass]))
        assert browser.get(reverse("record:chart", args=[ben])).status_code == 404
        assert not reached_by_both(otto, ben, "record.read")

    def test_a_reviewer_closes_it_before_its_time_and_nobody_else_does(self, practice, ben, otto):
        glass = break_the_glass(otto, ben, number="MRN-77")
        for stranger in (practice.practitioner, practice.senior):
            with pytest.raises(NotFound), acting_as(stranger):
                end_break_glass(actor=stranger, patient_id=ben, glass_id=glass)
        assert reached_by_both(otto, ben, "record.read")
        with acting_as(practice.owner):
            end_break_glass(actor=practice.owner, patient_id=ben, glass_id=glass)
        assert not reached_by_both(otto, ben, "record.read")

    def test_who_leaves_or_loses_the_role_is_out_at_once(self, practice, ben, otto):
        break_the_glass(otto, ben, number="MRN-77")
        with acting_as(practice.owner):
            set_active(actor=practice.owner, staff_id=staff_of(otto), is_active=False)
        with acting_as(otto), connection.cursor() as cursor:
            cursor.execute("SELECT willow_reaches(%s, %s)", [ben, ["record.read"]])
            assert cursor.fetchone() == (False,)

    def test_an_open_page_is_led_away_and_a_live_stream_says_no_more(self, practice, ben, otto):
        glass = break_the_glass(otto, ben, number="MRN-77")
        browser, still = signed_in(otto), reverse("patients:still_open", args=[glass])
        assert browser.get(still).headers.get("HX-Redirect") is None
        topic = f"tasks.of_patient:{ben}"
        with acting_as(otto):
            assert live.may_hear(otto, [topic]) == {topic}
            end_break_glass(actor=otto, patient_id=ben, glass_id=glass)
            assert live.may_hear(otto, [topic]) == frozenset()
        assert browser.get(still).headers["HX-Redirect"].startswith(reverse("patients:break_glass"))


class TestReviewing:
    @pytest.fixture
    def over(self, practice, ben, otto):
        glass = break_the_glass(otto, ben, number="MRN-77")
        with acting_as(again(otto)) as reading:
            selectors.get_patient(reading, ben)
        with acting_as(otto):
            end_break_glass(actor=otto, patient_id=ben, glass_id=glass)
        return glass

    def review(self, actor, patient, glass, **said):
        told = {"verdict": "justified", "words": "They fainted, as three people saw"} | said
        with acting_as(again(actor)) as reviewer:
            review_break_glass(actor=reviewer, patient_id=patient, glass_id=glass, **told)

    def test_it_shows_what_was_opened_meanwhile_and_nothing_of_before(self, practice, ben, otto, over):
        with acting_as(practice.owner):
            opened = [each.said for each in selectors.opened_meanwhile(practice.owner, ben, over)]
        assert opened == ["Patients: glass broken", "Patients: read"]

    def test_it_is_said_once_and_stands(self, practice, ben, over):
        self.review(practice.owner, ben, over)
        self.review(practice.owner, ben, over)
        for other, said in ((practice.owner, {"verdict": "not_justified"}), (practice.everywhere, {})):
            with pytest.raises(Conflict):
                self.review(other, ben, over, **said)
        with acting_as(practice.owner):
            review = selectors.read_glass(practice.owner, ben, over).review
            assert review is not None
            assert (review.verdict, review.by_name) == ("justified", "Olive Owner")
            with pytest.raises(ProgrammingError), transaction.atomic():
                BreakGlassReview.objects.update(verdict="not_justified")

    def test_not_while_it_is_open_not_by_oneself_and_not_out_of_reach(self, practice, ben):
        senior = make_staff(
            practice.owner,
            role="senior_practitioner",
            reach=Reach.SITE,
            site_id=practice.north,
            name="Sam Senior",
        )
        glass = break_the_glass(senior, ben, number="MRN-77")
        with pytest.raises(Conflict):
            self.review(practice.owner, ben, glass)
        with acting_as(senior):
            end_break_glass(actor=senior, patient_id=ben, glass_id=glass)
        for reviewer in (senior, practice.senior):
            with pytest.raises(NotFound):
                self.review(reviewer, ben, glass)
        put_into_care(practice, ben, senior)
        with acting_as(practice.owner):
            assert selectors.read_glass(practice.owner, ben, glass).review is None

    def test_who_reaches_the_patient_too_still_does_not_review_themselves(self, practice, ben):
        eve = make_staff(practice.owner, role="practitioner", reach=Reach.CARE, site_id=practice.north)
        glass = break_the_glass(eve, ben, number="MRN-77")
        with acting_as(practice.owner):
            assign_role(
                actor=practice.owner,
                staff_id=staff_of(eve),
                role="owner",
                reach=Reach.ORGANISATION,
                site_id=None,
            )
        with acting_as(eve):
            end_break_glass(actor=eve, patient_id=ben, glass_id=glass)
        with pytest.raises(OwnToReview):
            self.review(eve, ben, glass)
        with acting_as(practice.owner):
            reviewers = selectors.possible_reviewers(practice.owner, ben, glass)
        assert eve.user_id not in reviewers
        assert practice.owner.user_id == reviewers[0]

    @pytest.mark.parametrize(
        ("state", "there"),
        [("", 1), ("open", 0), ("to_review", 1), ("justified", 0)],
        ids=["all", "open", "to review", "justified"],
    )
    def test_the_list_is_filtered(self, practice, ben, over, state, there):
        with acting_as(practice.owner):
            rows, more = selectors.glass_list(practice.owner, GlassFilter(state=state))
        assert (len(rows), more) == (there, False)

    def test_looking_at_the_list_reads_nobody_and_asks_as_much_for_many_as_for_one(self, practice, ben, otto):
        def look_at_the_list():
            with CaptureQueriesContext(connection) as captured:
                page = browser.get(reverse("patients:break_glass")).content.decode()
            return len(captured), page.count('class="table__link"')

        browser = signed_in(practice.owner)
        break_the_glass(otto, ben, number="MRN-77")
        look_at_the_list()
        one = look_at_the_list()
        for number in ("MRN-78", "MRN-79", "MRN-80"):
            known = (Identification("urn:mrn", number, "MR"),)
            other = make_patient(practice, site_id=practice.south, identifiers=known).pk
            break_the_glass(otto, other, number=number)
        many = look_at_the_list()

        assert (one[1], many[1]) == (1, 4)
        assert many[0] == one[0]
        with acting_as(practice.owner):
            read = AccessEntry.objects.filter(action="patients.glass_read")
            assert not read.exists()

    def test_the_list_says_where_nobody_who_could_review_it_reaches_the_patient(self, practice, ben):
        eve = make_staff(practice.owner, role="practitioner", reach=Reach.CARE, site_id=practice.north)
        carer = make_staff(
            practice.owner, role="senior_practitioner", reach=Reach.CARE, site_id=practice.south
        )
        break_the_glass(eve, ben, number="MRN-77")
        with acting_as(practice.owner):
            assign_role(
                actor=practice.owner,
                staff_id=staff_of(eve),
                role="owner",
                reach=Reach.ORGANISATION,
                site_id=None,
            )
        browser = signed_in(eve)

        def says_so():
            return (
                "Nobody else can review it" in browser.get(reverse("patients:break_glass")).content.decode()
            )

        assert not says_so()
        with acting_as(again(eve)) as owner:
            for other in (practice.owner, practice.everywhere, practice.senior):
                set_active(actor=owner, staff_id=staff_of(other), is_active=False)
        assert says_so()
        with acting_as(again(eve)) as owner:
            assign_role(
                actor=owner,
                staff_id=staff_of(carer),
                role="senior_practitioner",
                reach=Reach.SITE,
                site_id=practice.south,
            )
        assert not says_so()

    def test_who_can_see_a_patient_and_why_shows_it(self, practice, ben, otto):
        break_the_glass(otto, ben, number="MRN-77")
        page = signed_in(practice.owner).get(reverse("patients:access", args=[ben])).content.decode()
        assert "by break-glass until" in page
        assert "Who broke the glass" in page
