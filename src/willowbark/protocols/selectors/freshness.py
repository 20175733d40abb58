"""Whether what was composed still answers how everything is now."""

from __future__ import annotations

from django.db.models import Case, Q, When

from willowbark.foundation.authorisation import Actor
from willowbark.protocols.models import Composition
from willowbark.protocols.selectors.compositions import CompositionView, view_of
from willowbark.protocols.selectors.considering import consider
from willowbark.protocols.selectors.drafts import DraftView


def last_composition(actor: Actor, draft: DraftView) -> tuple[CompositionView | None, bool]:
    """
    The last composition of a draft, None before the first, and whether nothing has changed since.

    Nothing is written but that the record was read.

    Raises:
        Forbidden: the actor may not read the record.
        NotFound: no such patient within reach.
        UnknownMaster, UnknownFact, NothingToCompose: nothing can be composed of what there is.
    """
    now = consider(actor, draft)
    view = last_of(draft, now.basis_sha256)
    return view, view is not None and view.basis_sha256 == now.basis_sha256


def last_of(draft: DraftView, basis_sha256: str) -> CompositionView | None:
    """The draft's composition of just this, rather proven; else its last one; None before the first."""
    just_this = Q(basis_sha256=basis_sha256)
    worth = Case(When(just_this & ~Q(status="unproven"), then=0), When(just_this, then=1), default=2)
    rows = Composition.objects.filter(patient_id=draft.patient_id, draft_id=draft.id)
    row = rows.order_by(worth, "-composed_at", "-id").first()
    return view_of(row) if row else None
