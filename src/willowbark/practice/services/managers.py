"""That somebody always manages the practice: whoever locked everybody out could not be let in again."""

from __future__ import annotations

from django.db import connection

from willowbark.foundation.authorisation import ActorKind
from willowbark.kernel.errors import Conflict, Forbidden
from willowbark.practice.models import Organisation, RoleAssignment


def take_turns() -> None:
    """
    Let one transaction at a time change who manages the practice; the others wait for its end.

    What is read afterwards is what the one before has left.

    Raises:
        Forbidden: the one before left the actor without the right to manage.
    """
    Organisation.objects.select_for_update(no_key=True).values_list("pk").first()
    # Asked again, and of the database: while this one waited, the other may have decided.
    require_now("practice.manage")


def require_now(permission: str) -> None:
    """
    Ask the database whether the actor holds a permission at this moment.

    Raises:
        Forbidden: no longer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_holds(ARRAY[%s])", [permission])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise Forbidden(f"needs {permission}")


def require_a_manager() -> None:
    """
    Let a change of this transaction pass that leaves a person who manages the practice.

    Raises:
        Conflict: nobody would be left.
    """
    managing = RoleAssignment.objects.filter(
        role__permissions__permission="practice.manage",
        staff__is_active=True,
        staff__user__is_active=True,
        staff__user__kind=ActorKind.PERSON,
    )
    if not managing.exists():
        raise Conflict(
            "Somebody has to run the practice, and this is the last person who can."
            " Give the owner's role to somebody else first."
        )
