"""Take what a language model proposed into the patient's draft, by the services that a person's hand uses."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from willowbark.assistant.core.proposing import proposals_of
from willowbark.assistant.models import Asking
from willowbark.assistant.selectors.asking import COMPOSE
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.selectors import require_reach
from willowbark.protocols.core.proposed import MASTER, TARGET, Proposed
from willowbark.protocols.services.drafts import open_draft
from willowbark.protocols.services.wanting import Amounts, take_over


class NothingProposed(Conflict):
    """The question has no answer to take anything of."""

    code = "nothing_proposed"


@transaction.atomic
def take(
    *, actor: Actor, patient_id: UUID, asking_id: UUID, masters: Collection[str], targets: Collection[str]
) -> None:
    """
    Take these Master Protocols and targets, by their keys, into the patient's draft. Again changes nothing.

    Raises:
        Forbidden, NotFound: the actor composes no protocols, or there is no such question within reach.
        NothingProposed: it has no answer.
        Invalid: nothing was ticked, or something that was not proposed; or what a draft refuses.
        UnknownMaster, RetiredMaster, DraftClosed, MergedPatient: what a draft refuses.
    """
    require_reach(actor, patient_id, COMPOSE)
    row = Asking.objects.select_for_update().filter(patient_id=patient_id, pk=asking_id).first()
    if row is None:
        raise NotFound("question")
    if row.proposals is None:
        raise NothingProposed("There is no answer to take anything of.")
    proposals = proposals_of(row.proposals)
    picked = {each.key: each for each in proposals.masters}
    wanted = {each.wanted.ingredient_key: each for each in proposals.targets}
    if not masters and not targets:
        raise Invalid("Tick what to take.", field="take")
    if not set(masters) <= set(picked) or not set(targets) <= set(wanted):
        raise Invalid("That was not proposed.", field="take")

    def origin(what: str, key: str, quote: str) -> Proposed:
        return Proposed(
            what=what,
            key=key,
            model=row.model,
            quote=" ".join(quote.split())[:200],
            taken_by=actor.name,
            taken_by_id=str(actor.user_id),
            asking_id=str(row.pk),
        )

    take_over(
        actor=actor,
        patient_id=patient_id,
        draft_id=open_draft(actor=actor, patient_id=patient_id).id,
        masters=[origin(MASTER, key, picked[key].quote) for key in sorted(masters)],
        targets=[
            (
                Amounts(key, each.wanted.least, each.wanted.aim, each.wanted.most, each.wanted.unit),
                origin(TARGET, key, each.quote),
            )
            for key, each in sorted(wanted.items())
            if key in targets
        ],
    )
    row.taken = {"masters": sorted(masters), "targets": sorted(targets)}
    row.taken_by_id, row.taken_at = actor.user_id, clock.now()
    row.save(update_fields=["taken", "taken_by", "taken_at"])
    access.record_write(actor, "assistant.taken", patient_id=patient_id, subject=str(row.pk))
