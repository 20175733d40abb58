"""Compare what there is with what is needed, raise alerts, and answer them."""

from willowbark.command_center.services.answering import answer
from willowbark.command_center.services.reviewing import refresh_cover, review, review_work

__all__ = ["answer", "refresh_cover", "review", "review_work"]
