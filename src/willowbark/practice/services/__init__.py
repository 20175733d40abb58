"""Open the practice; say who works there, where, when and as what."""

from willowbark.foundation.authorisation import Reach
from willowbark.practice.services.factors import reset_factors
from willowbark.practice.services.hours import set_working_hours
from willowbark.practice.services.opening import Opened, open_practice
from willowbark.practice.services.passwords import set_password
from willowbark.practice.services.people import (
    NewColleague,
    add_staff,
    change_details,
    hire,
    set_active,
)
from willowbark.practice.services.policy import ask_for_second_factor
from willowbark.practice.services.roles import assign_role, take_role_away
from willowbark.practice.services.sites import add_site

__all__ = [
    "NewColleague",
    "Opened",
    "Reach",
    "add_site",
    "add_staff",
    "ask_for_second_factor",
    "assign_role",
    "change_details",
    "hire",
    "open_practice",
    "reset_factors",
    "set_active",
    "set_password",
    "set_working_hours",
    "take_role_away",
]
