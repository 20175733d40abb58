"""Count facts into figures."""

from willowbark.metrics.services.counting import count_dispensing, count_effort, count_protocol
from willowbark.metrics.services.rebuilding import Rebuilt, rebuild

__all__ = ["Rebuilt", "count_dispensing", "count_effort", "count_protocol", "rebuild"]
