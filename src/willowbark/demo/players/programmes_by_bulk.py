"""
Play what happened to a site's shelf and to the protocols that it serves: the same rows as services leave.

Records are read first, as who composes. Then everything is thought through in the order of time with no
database: what is on the shelf, what the best plan is, what is handed out. Then it is stored at once, each
person's own as that person. Nobody is told of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import products
from willowbark.demo.script import ids as script_ids
from willowbark.demo.script.events import Event, HandOut, LeaveDraft, Occasion, ReceiveStock, SignProtocol
from willowbark.demo.script.practice import ZONE
from willowbark.dispensary.core.due import LineDue
from willowbark.dispensary.services.bulk import PreparedDispensing, prepare_dispensing, store_dispensings
from willowbark.foundation import access, clock, effort, ids, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.services.bulk import PreparedShelf, store_shelf
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.selectors.considering import Reading
from willowbark.protocols.services.bulk import (
    PreparedDraft,
    PreparedProtocol,
    Solutions,
    prepare_composition,
    prepare_draft,
    prepare_signature,
    read_for_composing,
    store_prepared,
)

from .cast import Cast
from .programmes import COMPOSING, REQUEST, VISIT_TO_A_PAGE, decided, reasons_of

Composes = SignProtocol | LeaveDraft
REPORTS_OF_TIME = 2


def play(
    cast: Cast, site: str, occasions: Sequence[Occasion], *, done: Callable[[int], None] = lambda count: None
) -> None:
    """Play the first occasions of a site, in the order of time; `done` is called after each, with 1."""
    if not occasions:
        return
    site_play = _SitePlay(
        cast, PreparedShelf(cast.sites[site]), _read(cast, occasions), _offered(cast, occasions)
    )
    for occasion in occasions:
        for event in occasion.events:
            with clock.at(event.at), ids.using(script_ids.source(event.id)):
                site_play.perform(cast.actor_on(occasion), event)
        done(1)
    site_play.store(occasions)


def _offered(cast: Cast, occasions: Sequence[Occasion]) -> tuple[ProductInfo, ...]:
    with acting_as(cast.actor_on(occasions[0])) as actor:
        return products(actor)


def _read(cast: Cast, occasions: Sequence[Occasion]) -> dict[UUID, Reading]:
    """What each composition is made from, by its event; read as who composes, as of that moment."""
    readings: dict[UUID, Reading] = {}
    for theirs in _by_person(occasions).values():
        composing = [event for one in theirs for event in one.events if isinstance(event, Composes)]
        if not composing:
            continue
        with acting_as(cast.actor_on(theirs[0])) as actor:
            for event in composing:
                with clock.at(composed_at(event)):
                    readings[event.id] = read_for_composing(actor, event.patient_id)
    return readings


def composed_at(event: Composes) -> datetime:
    """When the plan is asked for, halfway through the work."""
    return event.at + timedelta(seconds=event.seconds // 2)


def _by_person(occasions: Sequence[Occasion]) -> dict[str, list[Occasion]]:
    found: defaultdict[str, list[Occasion]] = defaultdict(list)
    for one in occasions:
        found[one.by].append(one)
    return found


@dataclass(slots=True)
class _SitePlay:
    """One site's shelf and protocols, as they become in the order of time."""

    cast: Cast
    shelf: PreparedShelf
    readings: dict[UUID, Reading]
    offered: tuple[ProductInfo, ...]
    solutions: Solutions = field(default_factory=Solutions)
    signed: dict[UUID, PreparedProtocol] = field(default_factory=dict)
    drafts: defaultdict[UUID, list[PreparedDraft]] = field(default_factory=lambda: defaultdict(list))
    visits: defaultdict[UUID, list[tuple[UUID, effort.PageVisit]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    dispensings: defaultdict[UUID, list[PreparedDispensing]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def perform(self, actor: Actor, event: Event) -> None:
        """
        Think one event through.

        Raises:
            TypeError: it is none of a site's shelf and protocols.
        """
        if isinstance(event, ReceiveStock):
            self._receive(actor, event)
        elif isinstance(event, Composes):
            prepared = self._compose(actor, event)
            if isinstance(event, SignProtocol):
                self._sign(actor, event, prepared)
        elif isinstance(event, HandOut):
            self._hand_out(actor, event)
        else:
            raise TypeError(f"{type(event).__name__} does not belong to a site's programmes")

    def _receive(self, actor: Actor, event: ReceiveStock) -> None:
        product_id = next(one.id for one in self.offered if one.key == event.product)
        self.shelf.receive(
            actor,
            product_id=product_id,
            lot_number=event.lot_number,
            expires_on=event.expires_on,
            containers=event.containers,
            request_key=event.id,
        )

    def _compose(self, actor: Actor, event: Composes) -> PreparedDraft:
        reading = self.readings[event.id]
        decision = event.decision if isinstance(event, SignProtocol) else None
        draft = prepare_draft(actor, reading, event.masters, decided(decision) if decision else None)
        for _ in range(REPORTS_OF_TIME):
            outbox.pass_over()
        self.visits[actor.user_id].append((event.patient_id, _visit(event)))
        with clock.at(composed_at(event)):
            prepared = prepare_composition(
                actor,
                draft,
                reading,
                offered=self.offered,
                stock=self.shelf.on_hand(_day()),
                solutions=self.solutions,
            )
        self.drafts[actor.user_id].append(prepared)
        return prepared

    def _sign(self, actor: Actor, event: SignProtocol, prepared: PreparedDraft) -> None:
        if any(item.weight is Weight.STOP for item in prepared.review):
            return
        with clock.at(event.at + timedelta(seconds=event.seconds)):
            self.signed[event.patient_id] = prepare_signature(
                actor,
                prepared,
                {item.key: event.words for item in prepared.review if item.weight is Weight.ASK},
                starts_on=_day(),
                request_key=script_ids.nth(event.id, REQUEST),
                reasons=reasons_of(event, prepared.view.overrides),
            )

    def _hand_out(self, actor: Actor, event: HandOut) -> None:
        protocol = self.signed.pop(event.patient_id, None)
        if protocol is None:
            return
        today = _day()
        left = self.shelf.on_hand(today)
        due = [LineDue(line, product, signed, 0) for line, (product, signed) in protocol.containers.items()]
        asked = {line.line_id: min(line.due_containers, left.get(line.product_id, 0)) for line in due}
        wanted = {line_id: containers for line_id, containers in asked.items() if containers > 0}
        if wanted:
            self.dispensings[actor.user_id].append(
                prepare_dispensing(
                    actor,
                    patient_id=event.patient_id,
                    protocol_id=protocol.id,
                    due=due,
                    asked=wanted,
                    shelf=self.shelf,
                    today=today,
                    products={one.id: one for one in self.offered},
                    request_key=script_ids.nth(event.id, REQUEST),
                )
            )

    def store(self, occasions: Sequence[Occasion]) -> None:
        """Store all of it: the shelf, then everybody's protocols, then what was handed out."""
        people = {by: self.cast.actor_on(theirs[0]) for by, theirs in _by_person(occasions).items()}
        keeper = next(people[one.by] for one in occasions if isinstance(one.events[0], ReceiveStock))
        with acting_as(keeper) as actor:
            access.record_change(actor, "inventory.stored", subject=str(self.shelf.site_id))
            store_shelf(actor=actor, shelf=self.shelf)
        for person in people.values():
            drafts = self.drafts[person.user_id]
            if drafts:
                with acting_as(person) as actor:
                    store_prepared(actor=actor, prepared=drafts)
                    effort.store_visits(actor=actor, patient_visits=self.visits[person.user_id])
                    _log(actor, "protocols.stored", (one.patient_id for one in drafts))
        for person in people.values():
            handed_out = self.dispensings[person.user_id]
            if handed_out:
                with acting_as(person) as actor:
                    store_dispensings(actor=actor, prepared=handed_out)
                    _log(actor, "dispensary.stored", (one.patient_id for one in handed_out))


def _visit(event: Composes) -> effort.PageVisit:
    """The time on the composer's page, as it is once the page has reported all of it."""
    ends_at = event.at + timedelta(seconds=event.seconds)
    visit_id = script_ids.nth(event.id, VISIT_TO_A_PAGE)
    return effort.PageVisit(visit_id, COMPOSING, event.at, ends_at, event.seconds)


def _day() -> date:
    """The day where the practice is."""
    return clock.now().astimezone(ZONE).date()


def _log(actor: Actor, action: str, patient_ids: Iterator[UUID]) -> None:
    for patient_id in dict.fromkeys(patient_ids):
        access.record_write(actor, action, patient_id=patient_id)
