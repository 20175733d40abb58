"""Hand out what was signed, and take it back; tell patients of what is recalled."""

from willowbark.dispensary.services.dispensing import dispense
from willowbark.dispensary.services.recalling import say_contact, undo_contact
from willowbark.dispensary.services.taking_back import take_back

__all__ = ["dispense", "say_contact", "take_back", "undo_contact"]
