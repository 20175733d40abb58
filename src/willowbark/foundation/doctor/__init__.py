"""
`willow doctor`: what is wrong with an installation, in words, and the mending of what it names.

Mends are safe: they lose nothing, and doing one twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from willowbark.foundation.database import DatabaseProblem, DatabaseSettings, locks

from . import database, environment, storage
from .finding import Finding

MARKS = {"well": "ok", "look": "note", "wrong": "WRONG"}


def findings(
    settings: DatabaseSettings, *, host: str, port: int, checkout: Path, report: Callable[[str], None]
) -> Iterator[Finding]:
    """Look at everything in turn; what comes later is looked at after what came before was mended."""
    yield from environment.look_at_python()
    yield from environment.look_at_packages(checkout)
    yield from environment.look_at_clock(datetime.now(UTC))
    yield from storage.look_at_folder(settings)
    yield from storage.look_at_disk(settings.data)
    yield from storage.look_at_backups(settings, datetime.now(UTC))
    if not settings.url:
        yield from storage.look_at_server(settings)
        yield from storage.look_at_leftovers(settings)
        yield from database.look_at_secrets(settings)
    yield from database.look_at_database(settings, report)
    served = locks.is_held(settings.data / "locks" / "serving")
    yield from environment.look_at_port(settings.data, host, port, served=served)


def examine(*, mend: bool, host: str, port: int, checkout: Path, say: Callable[[str], None]) -> bool:
    """
    Say a line for everything looked at; with `mend`, put right what can be.

    Returns whether nothing is wrong, or all that was wrong has been mended.
    """
    healthy = True
    settings = DatabaseSettings.from_environment()
    for finding in findings(settings, host=host, port=port, checkout=checkout, report=say):
        say(f"{MARKS[finding.verdict]:<6} {finding.subject}: {finding.message}")
        if finding.verdict == "wrong":
            healthy = _mended(finding, say, wanted=mend) and healthy
    return healthy


def _mended(finding: Finding, say: Callable[[str], None], *, wanted: bool) -> bool:
    if finding.mend is None:
        return False
    if not wanted:
        say("       `willow doctor --mend` puts this right")
        return False
    try:
        finding.mend()
    except (DatabaseProblem, OSError) as error:
        say(f"       mending failed: {error}")
        return False
    say("       mended")
    return True
