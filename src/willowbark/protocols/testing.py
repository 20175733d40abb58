"""Compositions and signed protocols, for the tests of every business above."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import site_day
from willowbark.inventory.services import receive_stock
from willowbark.practice.testing import PracticeForTests, make_practice
from willowbark.protocols.core.master_sections import section_of, texts_of
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.overrides import Reason
from willowbark.protocols.models import Composition, Draft, ProtocolLine, SignedProtocol
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.signed import SignedProtocolView, protocol
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft, open_draft
from willowbark.protocols.services.library_drafts import hand_in, save_line, start_draft
from willowbark.protocols.services.library_versions import approve_version
from willowbark.protocols.services.signing import sign

MASTERS = ("restorative_sleep",)
WORDS = "Considered"


def make_stocked_practice(*, containers: int = 20) -> PracticeForTests:
    """A practice with the demo's catalog, and so many containers of each product on the north shelf."""
    practice = make_practice()
    stock(practice, containers=containers)
    return practice


def stock(practice: PracticeForTests, *, containers: int = 20) -> None:
    """Put the demo's products into the catalog and on the north shelf."""
    products = load_demo_products(practice.owner)
    with acting_as(practice.owner) as owner:
        expires_on = site_day(practice.north) + timedelta(days=365)
        for product in products if containers else ():
            receive_stock(
                actor=owner,
                site_id=practice.north,
                product_id=product.id,
                lot_number=f"LOT{product.key}"[:20].upper().replace("_", ""),
                expires_on=expires_on,
                containers=containers,
                request_key=uuid7(),
            )


def make_composition(actor: Actor, patient_id: UUID, masters: Sequence[str] = MASTERS) -> CompositionView:
    """Open the patient's draft with these Master Protocols and compose it."""
    with acting_as(actor):
        draft = open_draft(actor=actor, patient_id=patient_id, master_keys=masters)
        if set(draft.master_keys) != set(masters):
            draft = change_draft(
                actor=actor, patient_id=patient_id, draft_id=draft.id, master_keys=list(masters)
            )
        return compose(actor=actor, patient_id=patient_id, draft_id=draft.id)


def words_for(view: CompositionView) -> dict[str, str]:
    """Words for everything that the review asks about."""
    return {item.key: WORDS for item in view.review if item.weight is Weight.ASK}


def reasons_for(view: CompositionView) -> dict[str, Reason]:
    """A reason for everything that was decided by hand."""
    return {each.key: Reason("preference", WORDS) for each in view.overrides}


def sign_composition(actor: Actor, view: CompositionView) -> SignedProtocolView:
    """Sign a composition, with words for everything that it asks."""
    with acting_as(actor):
        protocol_id = sign(
            actor=actor,
            patient_id=view.patient_id,
            composition_id=view.id,
            acknowledged=words_for(view),
            reasons=reasons_for(view),
            request_key=uuid7(),
        )
        return protocol(actor, view.patient_id, protocol_id)


def make_protocol(actor: Actor, patient_id: UUID, masters: Sequence[str] = MASTERS) -> SignedProtocolView:
    """Compose and sign."""
    return sign_composition(actor, make_composition(actor, patient_id, masters))


def publish(author: Actor, approver: Actor, key: str = MASTERS[0], *, aim: str = "250") -> int:
    """The next version of a Master Protocol, with another aim of its first target, in force; its number."""
    with acting_as(author) as acting:
        number = start_draft(actor=acting, key=key)
        draft = one_master(acting, key).version(number)
        section = section_of("targets")
        save_line(
            actor=acting,
            key=key,
            revision=draft.sha256,
            section="targets",
            at=0,
            texts=texts_of(section.fields, draft.document["targets"][0]) | {"aim": aim},
            request_key=uuid7(),
        )
        hand_in(actor=acting, key=key, note="Another aim.")
    with acting_as(approver) as acting:
        waiting = one_master(acting, key).version(number)
        approve_version(actor=acting, key=key, number=number, revision=waiting.sha256, request_key=uuid7())
    return number


def make_bare_protocol(
    actor: Actor,
    patient_id: UUID,
    site_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    *,
    number: int = 1,
    opened_at: datetime,
    signed_at: datetime,
    starts_on: date,
) -> tuple[UUID, list[UUID]]:
    """
    A signed protocol of 90 days straight in the tables, nothing composed; its id and its lines', in order.

    A line says its `product_id`, `units_a_day`, `units_per_container` and `containers`, and what is not
    as here. For the transaction of the caller.
    """
    digest = hashlib.sha256(b"{}").hexdigest()
    draft = Draft.objects.create(
        patient_id=patient_id,
        site_id=site_id,
        master_keys=[],
        choices={},
        state="signed",
        opened_by_id=actor.user_id,
        opened_at=opened_at,
        changed_at=signed_at,
    )
    composition = Composition.objects.create(
        patient_id=patient_id,
        draft=draft,
        master_keys=[],
        problem=b"{}",
        problem_sha256=digest,
        plan=b"{}",
        explanation=b"{}",
        situation=b"{}",
        basis_sha256=digest,
        release_id=digest,
        library_id=digest,
        solver="none",
        status="proven",
        composed_by_id=actor.user_id,
        composed_at=signed_at,
    )
    protocol = SignedProtocol.objects.create(
        patient_id=patient_id,
        composition=composition,
        site_id=site_id,
        number=number,
        content=b"{}",
        content_sha256=digest,
        days=90,
        starts_on=starts_on,
        opened_at=opened_at,
        signed_by_id=actor.user_id,
        signed_at=signed_at,
        request_key=uuid7(),
    )
    usual: dict[str, Any] = {
        "product_name": "A product",
        "layer": "foundation",
        "moments": [],
        "unit_name": "capsule",
        "container_cents": 100,
        "days": 90,
        "reasons": [],
        "fact_keys": [],
    }
    made = [
        ProtocolLine.objects.create(
            patient_id=patient_id,
            protocol=protocol,
            position=position,
            **usual | {"product_key": str(line["product_id"])} | dict(line),
        )
        for position, line in enumerate(lines)
    ]
    return protocol.pk, [line.pk for line in made]
