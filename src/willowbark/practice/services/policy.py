"""What the practice asks of everybody who signs in."""

from __future__ import annotations

from django.db import transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Conflict
from willowbark.practice.models import Organisation
from willowbark.practice.services.managers import take_turns


@transaction.atomic
def ask_for_second_factor(*, actor: Actor, of_everybody: bool) -> None:
    """
    Say whether everybody needs a second factor; who has none is led to add one, from their next click.

    Raises:
        Forbidden: the actor does not manage the practice.
        Conflict: this is a demo, whose people step in with one click.
    """
    require(actor, "practice.manage")
    take_turns()
    if of_everybody and Organisation.objects.filter(is_demo=True).exists():
        raise Conflict("In a demo one steps in with one click; nobody can be asked for more.")
    if Organisation.objects.exclude(needs_second_factor=of_everybody).update(
        needs_second_factor=of_everybody
    ):
        said = "practice.second_factor_asked" if of_everybody else "practice.second_factor_not_asked"
        access.record_change(actor, said)
