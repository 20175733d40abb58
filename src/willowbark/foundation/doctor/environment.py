"""Python, the packages, the clock and the port."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from willowbark.foundation.database.settings import running_as_root
from willowbark.foundation.processes.ports import PortTaken, free_port
from willowbark.foundation.processes.serving import holder_of

from .finding import Finding, look, well, wrong

OLDEST_PYTHON = (3, 11)
# No machine of ours has lived before this; a clock that says so would date records wrongly.
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?:\s*;\s*([^\\]+))?")


def look_at_python() -> Iterator[Finding]:
    """The interpreter, and whether it runs as root."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield wrong("python", f"{version} is too old; 3.11 is the oldest that works")
    else:
        yield well("python", version)
    if running_as_root():
        yield look("user", "running as root: pages and worker run as root too; an ordinary user is safer")


def pins(lock: str) -> dict[str, str]:
    """The packages a lock asks for on every platform, with their versions; conditional ones are left out."""
    found = (_PIN.match(line) for line in lock.splitlines())
    return {match[1]: match[2] for match in found if match and not match[3]}


def look_at_packages(checkout: Path) -> Iterator[Finding]:
    """Whether the installed packages are those of the lock."""
    lock = checkout / "requirements.lock"
    if not lock.exists():
        yield look("packages", "not started from a checkout, so there is no lock to compare with")
        return
    differing = []
    for name, version in pins(lock.read_text()).items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != version:
            differing.append(f"{name} is {installed}, not {version}")
    if not differing:
        yield well("packages", "as the lock says")
        return

    def forget() -> None:
        for stamp in Path(sys.prefix).glob("willow-*.lock"):
            stamp.unlink()

    shown = "; ".join(differing[:3]) + (f" and {len(differing) - 3} more" if len(differing) > 3 else "")
    yield wrong("packages", f"{shown}; the next ./willow installs them anew once this is mended", forget)


def look_at_clock(now: datetime) -> Iterator[Finding]:
    """Whether the machine's clock can be right at all."""
    if EARLIEST <= now <= LATEST:
        yield well("clock", now.isoformat(timespec="seconds"))
    else:
        yield wrong("clock", f"it says {now.isoformat(timespec='seconds')}; set the machine's clock")


def look_at_port(data: Path, host: str, port: int, *, served: bool) -> Iterator[Finding]:
    """Whether pages can be served, or are."""
    if served:
        holder = holder_of(data)
        where = holder.address if holder and holder.address else "starting"
        yield well("port", f"this practice is being served ({where})")
        return
    try:
        free_port(host, port, search=False)
    except PortTaken as error:
        yield wrong("port", str(error))
    else:
        yield well("port", f"{port} of {host} is free")
