"""Want an amount of an ingredient by hand, or take over what a language model proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from willowbark.foundation.authorisation import Actor
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.proposed import Proposed
from willowbark.protocols.core.wanting import NotWanted, Wantable, Wanted
from willowbark.protocols.selectors.drafts import DraftView, draft
from willowbark.protocols.selectors.wanting import wantable
from willowbark.protocols.services.drafts import change_draft


@dataclass(frozen=True, slots=True)
class Amounts:
    """A target as somebody says it: so much of an ingredient a day in `unit`; `most` None is no bound."""

    ingredient_key: str
    least: Decimal
    aim: Decimal
    most: Decimal | None
    unit: str


def want(*, actor: Actor, patient_id: UUID, draft_id: UUID, amounts: Amounts) -> DraftView:
    """
    Have a target by hand in a draft.

    Raises:
        Forbidden: the actor composes no protocols.
        NotFound: no such draft of a patient within reach.
        DraftClosed: it was signed or set aside.
        Invalid: not of the closed list or not within its bounds, or too many.
    """
    wanted = _wanted(wantable(actor), amounts)
    return change_draft(
        actor=actor, patient_id=patient_id, draft_id=draft_id, change=lambda choices: choices.want(wanted)
    )


def take_over(
    *,
    actor: Actor,
    patient_id: UUID,
    draft_id: UUID,
    masters: Sequence[Proposed],
    targets: Sequence[tuple[Amounts, Proposed]],
) -> DraftView:
    """
    Take into a draft what a language model proposed, as by hand: Master Protocols, and targets.

    What is in the draft already stays as it is. Where each part came from is kept with the draft.

    Raises:
        Forbidden, NotFound, DraftClosed, UnknownMaster, RetiredMaster, Invalid: as `change_draft` and `want`.
    """
    before, known = draft(actor, patient_id, draft_id), wantable(actor)
    new = [each for each in masters if each.key not in before.master_keys]
    wanted = [(_wanted(known, amounts), each) for amounts, each in targets]

    def change(choices: Choices) -> Choices:
        for target, each in wanted:
            choices = choices.want(target).propose(each)
        return choices.propose(*new)

    return change_draft(
        actor=actor,
        patient_id=patient_id,
        draft_id=draft_id,
        master_keys=[*before.master_keys, *(each.key for each in new)],
        change=change,
    )


def _wanted(known: Mapping[str, Wantable], amounts: Amounts) -> Wanted:
    if amounts.ingredient_key not in known:
        raise NotWanted(
            "Nothing of the catalog holds it, or no row says how much may be given.", field="ingredient"
        )
    return known[amounts.ingredient_key].wanted(amounts.least, amounts.aim, amounts.most, amounts.unit)
