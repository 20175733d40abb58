"""
The processes of an installation, and who sees to them.

`supervise` keeps the children of `willow up` running; `follow` has a child end with whoever started it;
`serving` lets one supervisor work on a data folder at a time; `free_port` finds where to listen; `settle`
leaves what a process keeps for good alone.
"""

from .following import follow, follow_supervisor
from .ports import PortTaken, free_port
from .serving import AlreadyServed, serving
from .settling import settle
from .supervisor import Child, Supervisor

__all__ = [
    "AlreadyServed",
    "Child",
    "PortTaken",
    "Supervisor",
    "follow",
    "follow_supervisor",
    "free_port",
    "serving",
    "settle",
]
