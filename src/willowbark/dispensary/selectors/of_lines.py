"""How much of which signed lines is out, over all patients, for what compares the shelf with them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.kernel.errors import Forbidden

READ = "dispensary.read"

_CONTAINERS = """
SELECT l.patient_id, l.protocol_line_id, sum(l.containers)::integer
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (patient_id, line_id)
JOIN dispensary_dispensedline l ON l.patient_id = wanted.patient_id AND l.protocol_line_id = wanted.line_id
JOIN dispensary_dispensing d ON d.patient_id = l.patient_id AND d.id = l.dispensing_id
WHERE d.taken_back_at IS NULL
GROUP BY l.patient_id, l.protocol_line_id
"""


def dispensed_containers(actor: Actor, lines: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    """
    (patient, protocol line) -> its containers that are out; lines of which none is, left out. One statement.

    Raises:
        Forbidden: the actor does not read what was handed out to everybody.
    """
    require(actor, READ)
    if all(grant.reach is not Reach.ORGANISATION for grant in actor.grants_of(READ)):
        raise Forbidden("reads what was handed out to some patients alone")
    if not lines:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CONTAINERS, [[one for one, _ in lines], [line for _, line in lines]])
        return {(patient_id, line_id): containers for patient_id, line_id, containers in cursor.fetchall()}
