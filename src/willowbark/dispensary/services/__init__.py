"""Hand out what was signed, and take it back."""

from willowbark.dispensary.services.dispensing import dispense
from willowbark.dispensary.services.taking_back import take_back

__all__ = ["dispense", "take_back"]
