"""Whether what was composed still answers how everything is now."""

from __future__ import annotations

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
    rows = Composition.objects.filter(patient_id=draft.patient_id, draft_id=draft.id)
    row = rows.order_by("-composed_at", "-id").first()
    if row is None:
        return None, False
    return view_of(row), row.basis_sha256 == now.basis_sha256
