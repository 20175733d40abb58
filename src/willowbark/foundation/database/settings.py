"""Where the database is, read from the environment; nothing is started or touched here."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOTS_DATA = Path("/var/lib/willowbark")
DATABASE_NAME = "willowbark"


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """
    Which database to use.

    Attributes:
        data: the data folder; the embedded server, its secrets and its sockets live in it.
        url: the owner's address of a practice's own server, '' for the embedded one.
        app_url: the application role's address on that server, '' to have the role made.
        account: as root only: the unprivileged account that runs the server, '' to choose one.
        name: the database's name on the embedded server; tests work on clones.
        durable: False only for tests: what is committed may be lost with the machine.
    """

    data: Path
    url: str = ""
    app_url: str = ""
    account: str = ""
    name: str = DATABASE_NAME
    durable: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> DatabaseSettings:
        """
        Read WILLOWBARK_DATA, DATABASE_URL, DATABASE_APP_URL, WILLOWBARK_SERVER_ACCOUNT and, for tests,
        WILLOWBARK_DATABASE and WILLOWBARK_DURABLE=no.
        """
        values = os.environ if environment is None else environment
        named = values.get("WILLOWBARK_DATA", "")
        return cls(
            data=Path(named).expanduser().absolute() if named else default_data_folder(),
            url=values.get("DATABASE_URL", ""),
            app_url=values.get("DATABASE_APP_URL", ""),
            account=values.get("WILLOWBARK_SERVER_ACCOUNT", ""),
            name=values.get("WILLOWBARK_DATABASE", DATABASE_NAME),
            durable=values.get("WILLOWBARK_DURABLE", "yes") != "no",
        )


def running_as_root() -> bool:
    """Whether this process is the superuser of the machine, whom PostgreSQL refuses to run as."""
    return os.geteuid() == 0


def default_data_folder() -> Path:
    """
    The user's own data folder; for root one that an unprivileged account can reach.

    Root's home is closed to every other account, and the server runs under one.
    """
    if running_as_root():
        return ROOTS_DATA
    # Imported late: `willow version` needs no folder.
    from platformdirs import user_data_path

    return user_data_path("willowbark", appauthor=False)


def socket_path_limit_bytes() -> int:
    """The longest path of a Unix socket here: sun_path (108 on Linux, 104 on macOS) less its final NUL."""
    return 103 if sys.platform == "darwin" else 107
