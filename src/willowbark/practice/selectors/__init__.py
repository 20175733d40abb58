"""Read the practice, and find out who somebody is."""

from willowbark.practice.selectors.holders import holders
from willowbark.practice.selectors.hours import Shift, shifts_on
from willowbark.practice.selectors.people import (
    Caregiver,
    Colleague,
    Held,
    WorkedSpan,
    caregivers,
    colleague,
    colleagues,
    held_role,
    myself,
    names_of_users,
    require_staff,
    staff,
    staff_id_of,
    writes_charts,
)
from willowbark.practice.selectors.places import get_site, organisation, sites
from willowbark.practice.selectors.who import (
    DEMO_ORDER,
    DemoPerson,
    actor_for,
    demo_people,
    mark_of,
    system_actor,
    user_id_of,
)

__all__ = [
    "DEMO_ORDER",
    "Caregiver",
    "Colleague",
    "DemoPerson",
    "Held",
    "Shift",
    "WorkedSpan",
    "actor_for",
    "caregivers",
    "colleague",
    "colleagues",
    "demo_people",
    "get_site",
    "held_role",
    "holders",
    "mark_of",
    "myself",
    "names_of_users",
    "organisation",
    "require_staff",
    "shifts_on",
    "sites",
    "staff",
    "staff_id_of",
    "system_actor",
    "user_id_of",
    "writes_charts",
]
