"""What was signed is handed out once, from what expires first, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary import selectors
from willowbark.dispensary.core.due import MoreThanSigned, NotInForce
from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.dispensary.services import dispense, take_back
from willowbark.dispensary.tests.signed import end, sign
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, OutboxMessage
from willowbark.inventory.models import Balance, StockMove
from willowbark.inventory.selectors import on_hand, site_day
from willowbark.inventory.services import OutOfStock
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.patients.testing import first_wall_down, make_patient, put_into_care
from willowbark.practice.testing import today_there

# Named in the names of tests, which must be the same in every process.
NOBODYS = UUID("0189f446-0000-7000-8000-000000000001")


class Shelf:
    """Ann's protocol of three zinc and two iron, and a shelf with more than that."""

    def __init__(self, practice) -> None:
        self.practice = practice
        self.ann = make_patient(practice).pk
        put_into_care(practice, self.ann, practice.practitioner, practice.coach)
        self.zinc, self.iron = make_products(
            practice.senior,
            new_product(name="Zinc", container_price_cents=1900),
            new_product(name="Iron", container_price_cents=900),
        )
        today = site_day(practice.north)
        self.later = put_on_shelf(
            practice.dispensary, practice.north, self.zinc.id, 5, expires_on=today + timedelta(days=300)
        )
        self.sooner = put_on_shelf(
            practice.dispensary, practice.north, self.zinc.id, 2, expires_on=today + timedelta(days=30)
        )
        self.lot = put_on_shelf(practice.dispensary, practice.north, self.iron.id, 4)
        self.protocol, (self.three_zinc, self.two_iron) = sign(
            practice.practitioner, self.ann, practice.north, [(self.zinc, 3), (self.iron, 2)]
        )

    def hand_out(self, lines=None, *, actor=None, key=None, **said):
        actor = actor or self.practice.dispensary
        told = {"patient_id": self.ann, "protocol_id": self.protocol, "site_id": self.practice.north} | said
        with acting_as(actor):
            return dispense(
                actor=actor,
                lines={self.three_zinc: 3, self.two_iron: 2} if lines is None else lines,
                request_key=key or uuid7(),
                **told,
            )

    def moved(self):
        """Everything that dispensing touches."""
        with acting_as(self.practice.everywhere):
            return [
                sorted(Balance.objects.values_list("lot_id", "on_hand_containers")),
                StockMove.objects.count(),
                Dispensing.objects.count(),
                DispensedLine.objects.count(),
                OutboxMessage.objects.count(),
            ]


def broken(refused):
    """The name of the constraint that refused."""
    return refused.value.__cause__.diag.constraint_name


@pytest.fixture
def shelf(practice):
    return Shelf(practice)


def test_what_expires_first_goes_first_and_says_lot_and_price(practice, shelf):
    dispensing = shelf.hand_out(note=" Take with food ")
    with acting_as(practice.dispensary) as dan:
        view = selectors.dispensing(dan, shelf.ann, dispensing)
        left = on_hand(dan, practice.north)
    assert [(line.product_name, line.lot_id, line.containers) for line in view.lines] == [
        ("Zinc", shelf.sooner.lot_id, 2),
        ("Zinc", shelf.later.lot_id, 1),
        ("Iron", shelf.lot.lot_id, 2),
    ]
    assert [line.price_cents for line in view.lines] == [3800, 1900, 1800]
    assert (view.price_cents, view.currency, view.lines[0].units) == (7500, "USD", 120)
    assert (view.note, view.by_name, view.protocol_number) == ("Take with food", "Dan Dispensary", 1)
    assert view.lines[0].moments == (("breakfast", 2),)
    assert left == {shelf.zinc.id: 4, shelf.iron.id: 2}
    told = OutboxMessage.objects.get(name="dispensary.Dispensed")
    assert told.payload == {"patient_id": str(shelf.ann), "dispensing_id": str(dispensing)}


def test_a_part_now_and_the_rest_later(practice, shelf):
    shelf.hand_out({shelf.three_zinc: 1, shelf.two_iron: 0})
    with acting_as(practice.dispensary) as dan:
        assert selectors.containers_out(dan, shelf.ann, shelf.protocol) == {shelf.three_zinc: 1}
        (row,) = selectors.queue(dan).rows
    assert [(each.name, each.due_containers) for each in row.wanting] == [("Zinc", 2), ("Iron", 2)]
    shelf.hand_out({shelf.three_zinc: 2, shelf.two_iron: 2})
    with acting_as(practice.dispensary) as dan:
        assert selectors.queue(dan).rows == ()
        assert selectors.count_queue(dan) == 0


def test_the_same_request_hands_out_once_whatever_happened_since(practice, shelf):
    key = uuid7()
    first = shelf.hand_out(key=key)
    before = shelf.moved()
    assert shelf.hand_out(key=key) == first
    end(practice.practitioner, shelf.ann, shelf.protocol)
    assert shelf.hand_out(key=key) == first
    assert shelf.moved() == before


@pytest.mark.parametrize("other", ["lines", "note", "site"])
def test_the_same_key_for_something_else_is_refused_by_name(practice, shelf, other):
    key = uuid7()
    shelf.hand_out({shelf.three_zinc: 1}, key=key)
    before = shelf.moved()
    said: dict[str, Any] = {
        "lines": {"lines": {shelf.three_zinc: 2}},
        "note": {"note": "Other"},
        "site": {"site_id": practice.south},
    }
    with pytest.raises(RequestKeyReused):
        shelf.hand_out(**({"lines": {shelf.three_zinc: 1}} | said[other]), key=key)
    assert shelf.moved() == before


def test_more_than_was_signed_is_refused_and_nothing_moves(practice, shelf):
    shelf.hand_out({shelf.three_zinc: 2})
    before = shelf.moved()
    with pytest.raises(MoreThanSigned):
        shelf.hand_out({shelf.three_zinc: 2, shelf.two_iron: 1})
    assert shelf.moved() == before


def test_what_is_not_on_the_shelf_is_not_handed_out_in_part(practice, shelf):
    protocol, (many_iron, zinc) = sign(
        practice.practitioner, make_into_care(practice), practice.north, [(shelf.iron, 9), (shelf.zinc, 1)]
    )
    patient = patient_of(practice, protocol)
    before = shelf.moved()
    with pytest.raises(OutOfStock) as refused:
        shelf.hand_out({zinc: 1, many_iron: 9}, patient_id=patient, protocol_id=protocol)
    assert [
        (each.product_id, each.asked_containers, each.on_hand_containers) for each in refused.value.short
    ] == [(shelf.iron.id, 9, 4)]
    assert shelf.moved() == before


def make_into_care(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def patient_of(practice, protocol):
    from willowbark.protocols.models import SignedProtocol

    with acting_as(practice.everywhere):
        return SignedProtocol.objects.get(pk=protocol).patient_id


def test_what_has_expired_is_not_handed_out(practice, shelf):
    with clock.at(clock.now() + timedelta(days=31)):
        dispensing = shelf.hand_out({shelf.three_zinc: 2})
        with acting_as(practice.dispensary) as dan:
            (line,) = selectors.dispensing(dan, shelf.ann, dispensing).lines
    assert (line.lot_id, line.containers) == (shelf.later.lot_id, 2)


def test_nothing_is_handed_out_of_a_protocol_that_has_ended(practice, shelf):
    end(practice.practitioner, shelf.ann, shelf.protocol)
    before = shelf.moved()
    with pytest.raises(NotInForce):
        shelf.hand_out()
    assert shelf.moved() == before
    with acting_as(practice.dispensary) as dan:
        assert selectors.queue(dan).rows == ()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({}, {}),
        ({"zinc": 0}, {}),
        ({"zinc": -1}, {}),
        ({"another": 1}, {}),
        ({"zinc": 1}, {"note": "x" * 301}),
        ({"zinc": 1}, {"note": "a\0b"}),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(shelf, lines, said):
    ids = {"zinc": shelf.three_zinc, "another": uuid7()}
    before = shelf.moved()
    with pytest.raises(Invalid):
        shelf.hand_out({ids[name]: containers for name, containers in lines.items()}, **said)
    assert shelf.moved() == before


@pytest.mark.parametrize("role", ["coach", "front_desk", "owner"])
def test_whose_role_does_not_dispense_hands_out_nothing(practice, shelf, role):
    before = shelf.moved()
    with pytest.raises(Forbidden):
        shelf.hand_out(actor=getattr(practice, role))
    assert shelf.moved() == before


def test_what_is_out_of_reach_is_not_there(practice, shelf):
    otto, before = practice.other_practitioner, shelf.moved()
    elsewhere = make_patient(practice, site_id=practice.south).pk
    of_ben, (bens,) = sign(practice.everywhere, elsewhere, practice.south, [(shelf.zinc, 1)])
    with acting_as(practice.everywhere):
        before[4] = OutboxMessage.objects.count()
    for hand_out in (
        lambda: shelf.hand_out(actor=otto),
        lambda: shelf.hand_out({bens: 1}, patient_id=elsewhere, protocol_id=of_ben),
        lambda: shelf.hand_out({bens: 1}, protocol_id=of_ben),
        lambda: shelf.hand_out(protocol_id=uuid7()),
        lambda: shelf.hand_out(site_id=practice.south),
    ):
        with pytest.raises(NotFound):
            hand_out()
    with acting_as(otto):
        assert selectors.queue(otto).rows == ()
        for read in (
            lambda: selectors.dispensed(otto, shelf.ann),
            lambda: selectors.sheet(otto, shelf.ann, shelf.protocol),
        ):
            with pytest.raises(NotFound):
                read()
    assert shelf.moved() == before


class TestTheDatabaseAlone:
    """Whatever code forgets, the tables refuse."""

    def row(self, shelf, **said) -> DispensedLine:
        return DispensedLine(
            **{
                "patient_id": shelf.ann,
                "protocol_line_id": shelf.three_zinc,
                "product_id": shelf.zinc.id,
                "product_name": "Zinc",
                "lot_id": uuid7(),
                "lot_number": "X",
                "expires_on": today_there(),
                "containers": 1,
                "units": 60,
                "unit_name": "capsule",
                "price_cents": 0,
                "currency": "USD",
            }
            | said
        )

    def dispensing(self, shelf, **said) -> Dispensing:
        return Dispensing.objects.create(
            **{
                "patient_id": shelf.ann,
                "protocol_id": shelf.protocol,
                "site_id": shelf.practice.north,
                "at": clock.now(),
                "by_id": shelf.practice.dispensary.user_id,
                "request_key": uuid7(),
                "request_digest": b"",
            }
            | said
        )

    @pytest.mark.parametrize(
        ("said", "constraint"),
        [
            ({"containers": 4, "units": 240}, "dispensed_within_signed"),
            ({"containers": 0, "units": 0}, "dispensed_line_says_something"),
            ({"units": 61}, "dispensed_line_as_signed"),
            ({"product_id": NOBODYS}, "dispensed_line_as_signed"),
            ({"protocol_line_id": NOBODYS}, "dispensed_line_of_protocol"),
        ],
        ids=str,
    )
    def test_a_line_that_was_not_signed_like_this_is_refused(self, practice, shelf, said, constraint):
        with acting_as(practice.dispensary), pytest.raises(IntegrityError) as refused, transaction.atomic():
            self.row(shelf, dispensing=self.dispensing(shelf), **said).save(force_insert=True)
        assert broken(refused) == constraint

    def test_a_second_dispensing_counts_the_first(self, practice, shelf):
        shelf.hand_out({shelf.three_zinc: 3})
        with acting_as(practice.dispensary), pytest.raises(IntegrityError) as refused, transaction.atomic():
            self.row(shelf, dispensing=self.dispensing(shelf)).save(force_insert=True)
        assert broken(refused) == "dispensed_within_signed"

    def test_a_protocol_that_has_ended_gets_no_lines(self, practice, shelf):
        end(practice.practitioner, shelf.ann, shelf.protocol)
        with acting_as(practice.dispensary), pytest.raises(IntegrityError) as refused, transaction.atomic():
            self.row(shelf, dispensing=self.dispensing(shelf)).save(force_insert=True)
        assert broken(refused) == "dispensed_line_in_force"

    def test_another_patients_line_cannot_be_named(self, practice, shelf):
        other = make_into_care(practice)
        protocol, (line,) = sign(practice.practitioner, other, practice.north, [(shelf.zinc, 1)])
        with acting_as(practice.dispensary), pytest.raises(IntegrityError), transaction.atomic():
            self.row(shelf, dispensing=self.dispensing(shelf), protocol_line_id=line).save(force_insert=True)
        with acting_as(practice.dispensary), pytest.raises(IntegrityError), transaction.atomic():
            self.dispensing(shelf, protocol_id=protocol)
            connection.check_constraints()

    def test_what_was_handed_out_cannot_be_rewritten(self, practice, shelf):
        shelf.hand_out()
        with acting_as(practice.dispensary):
            for statement in (
                "UPDATE dispensary_dispensedline SET containers = 1",
                "UPDATE dispensary_dispensing SET at = now()",
                "DELETE FROM dispensary_dispensedline",
                "DELETE FROM dispensary_dispensing",
            ):
                with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)

    def test_whoever_is_not_to_dispense_writes_nothing(self, practice, shelf):
        for actor in (practice.coach, practice.other_practitioner, practice.front_desk, practice.owner):
            with first_wall_down(), pytest.raises((DatabaseError, NotFound)):
                shelf.hand_out(actor=actor)
        for actor in (practice.other_practitioner, practice.front_desk, practice.owner):
            with acting_as(actor):
                assert Dispensing.objects.count() == DispensedLine.objects.count() == 0


class TestTakingBack:
    def take(self, shelf, dispensing, reason="Wrong person", actor=None):
        actor = actor or shelf.practice.dispensary
        with acting_as(actor):
            take_back(actor=actor, patient_id=shelf.ann, dispensing_id=dispensing, reason=reason)

    def test_all_of_it_goes_back_to_its_lots_and_is_due_again(self, practice, shelf):
        before = shelf.moved()[0]
        dispensing = shelf.hand_out()
        for _ in range(2):
            self.take(shelf, dispensing)
        assert shelf.moved()[0] == before
        with acting_as(practice.dispensary) as dan:
            assert selectors.containers_out(dan, shelf.ann, shelf.protocol) == {}
            (row,) = selectors.queue(dan).rows
            (view,) = selectors.dispensed(dan, shelf.ann)
        assert row.due_containers == 5
        assert (view.taken_back_reason, view.taken_back_by_name) == ("Wrong person", "Dan Dispensary")
        with acting_as(practice.system) as system:
            assert selectors.handed_out(system, shelf.ann, dispensing).containers == 0
        assert OutboxMessage.objects.filter(name="dispensary.TakenBack").count() == 1
        again = shelf.hand_out()
        with acting_as(practice.system) as system:
            assert [each.containers for each in selectors.all_handed_out(system)] == [0, 5]
            assert [each.dispensing_id for each in selectors.all_handed_out(system, after=dispensing)] == [
                again
            ]

    def test_only_on_the_day_itself(self, practice, shelf):
        dispensing = shelf.hand_out()
        before = shelf.moved()
        with clock.at(clock.now() + timedelta(days=1)), pytest.raises(Conflict):
            self.take(shelf, dispensing)
        assert shelf.moved() == before

    def test_a_reason_must_be_given_and_stands(self, practice, shelf):
        dispensing = shelf.hand_out()
        for reason in (" ", "x" * 301):
            with pytest.raises(Invalid):
                self.take(shelf, dispensing, reason)
        self.take(shelf, dispensing)
        with pytest.raises(Conflict):
            self.take(shelf, dispensing, "Another reason")
        with acting_as(practice.dispensary):
            for statement in (
                "UPDATE dispensary_dispensing SET taken_back_at = NULL, taken_back_by_id = NULL,"
                " taken_back_reason = ''",
                "UPDATE dispensary_dispensing SET taken_back_reason = 'Other'",
            ):
                with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)

    def test_whoever_does_not_dispense_takes_nothing_back(self, practice, shelf):
        dispensing = shelf.hand_out()
        before = shelf.moved()
        with pytest.raises(Forbidden):
            self.take(shelf, dispensing, actor=practice.coach)
        with pytest.raises(NotFound):
            self.take(shelf, dispensing, actor=practice.other_practitioner)
        assert shelf.moved() == before


def test_the_dispensary_sees_what_it_needs_and_no_composition(practice, shelf):
    """With the rights of its role alone, and nothing else of the chart."""
    from willowbark.protocols.models import Composition, Draft
    from willowbark.record.kinds import TABLES
    from willowbark.record.testing import make_entry

    for kind in TABLES:
        make_entry(practice.everywhere, shelf.ann, kind)
    shelf.hand_out()
    with acting_as(practice.dispensary) as dan:
        sheet = selectors.sheet(dan, shelf.ann, shelf.protocol)
        assert [line.due.due_containers for line in sheet.lines] == [0, 0]
        assert Composition.objects.count() == Draft.objects.count() == 0
        assert {kind for kind, table in TABLES.items() if table._default_manager.exists()} == {
            "medication",
            "allergy",
        }


def test_a_sheet_shows_the_lots_that_would_be_taken(practice, shelf):
    with acting_as(practice.dispensary) as dan:
        zinc, iron = selectors.sheet(dan, shelf.ann, shelf.protocol).lines
    assert [(taken.lot_id, taken.containers) for taken in zinc.picked] == [
        (shelf.sooner.lot_id, 2),
        (shelf.later.lot_id, 1),
    ]
    assert (zinc.asked_containers, zinc.on_hand_containers, zinc.short_containers) == (3, 7, 0)
    assert (iron.asked_containers, iron.price_cents) == (2, 1800)


def test_a_sheet_says_what_is_short_and_asks_for_what_there_is(practice, shelf):
    patient = make_into_care(practice)
    protocol, (line,) = sign(practice.practitioner, patient, practice.north, [(shelf.iron, 9)])
    with acting_as(practice.dispensary) as dan:
        (iron,) = selectors.sheet(dan, patient, protocol).lines
        (asked,) = selectors.sheet(dan, patient, protocol, asked={line: 9}).lines
        (row,) = (row for row in selectors.queue(dan).rows if row.protocol_id == protocol)
    assert (iron.asked_containers, iron.short_containers) == (4, 5)
    assert (asked.asked_containers, asked.picked) == (9, ())
    assert [(each.name, each.due_containers, each.on_hand_containers) for each in row.short] == [
        ("Iron", 9, 4)
    ]


def test_the_queue_comes_in_pieces_without_gaps(practice, shelf):
    made = {shelf.protocol}
    for _ in range(4):
        made.add(sign(practice.practitioner, make_into_care(practice), practice.north, [(shelf.iron, 1)])[0])
    seen, after = [], None
    for _ in range(3):
        with acting_as(practice.dispensary) as dan:
            page = selectors.queue(dan, after=after, limit=2)
        seen += [row.protocol_id for row in page.rows]
        after = page.rows[-1].signed_at, page.rows[-1].protocol_id
        assert page.more is (len(seen) < 5)
    assert len(seen) == len(set(seen)) == 5
    assert set(seen) == made
    with acting_as(practice.everywhere) as eve:
        assert selectors.count_queue(eve, site_id=practice.south) == 0
        assert selectors.count_queue(eve, site_id=practice.north) == 5


@pytest.mark.parametrize("number", [1, 30])
def test_the_queue_asks_as_much_of_the_database_however_long_it_is(
    practice, shelf, number, django_assert_num_queries
):
    for _ in range(number - 1):
        sign(practice.practitioner, make_into_care(practice), practice.north, [(shelf.iron, 1)])
    with acting_as(practice.dispensary) as dan, django_assert_num_queries(6):
        assert len(selectors.queue(dan).rows) == number


def test_the_log_says_who_handed_out_to_whom(practice, shelf):
    shelf.hand_out()
    with acting_as(practice.owner):
        entries = AccessEntry.objects.filter(patient_id=shelf.ann, actor_id=practice.dispensary.user_id)
        assert "dispensary.dispensed" in entries.values_list("action", flat=True)
