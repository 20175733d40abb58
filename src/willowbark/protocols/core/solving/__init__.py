"""Make the plan that answers a problem: `solve`. Pure: no clock, no chance, one thread."""

from willowbark.protocols.core.solving.cp_sat import load_solver
from willowbark.protocols.core.solving.solve import (
    DETERMINISTIC_LIMIT,
    NotDecided,
    solve,
)

__all__ = ["DETERMINISTIC_LIMIT", "NotDecided", "load_solver", "solve"]
