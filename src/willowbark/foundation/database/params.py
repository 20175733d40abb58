"""What it takes to connect as one role."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .errors import BadAddress

RoleName = Literal["app", "owner"]


@dataclass(frozen=True, slots=True)
class ConnectionParams:
    """
    One role's connection to one database.

    Attributes:
        host: a host name, or the folder of a Unix socket.
        options: further libpq keywords, such as `sslmode`.
    """

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = ()

    def libpq(self) -> dict[str, Any]:
        """Keywords for `psycopg.connect(**...)`."""
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "user": self.user,
            "password": self.password,
            **dict(self.options),
        }

    def django(self) -> dict[str, Any]:
        """The value for Django's `DATABASES["default"]`; pooling is left to the settings that use it."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.dbname,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": str(self.port),
            "OPTIONS": dict(self.options),
        }

    def to_database(self, dbname: str) -> ConnectionParams:
        """The same role on another database of the same server."""
        return replace(self, dbname=dbname)

    def where(self) -> str:
        """The address for a message to a person: no password."""
        return f"database {self.dbname!r} as {self.user!r} at {self.host}:{self.port}"

    @classmethod
    def from_url(cls, url: str, *, named: str) -> ConnectionParams:
        """
        Read a `postgresql://user:password@host:port/database?option=value` address.

        `named` is what a person calls the address (the environment variable), for the message.

        Raises:
            BadAddress: it is no such address, or names no user or no database. The message never repeats it,
                for it may hold a password.
        """
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        if not url.startswith(("postgresql://", "postgres://")):
            raise BadAddress(f"{named} must look like postgresql://user:password@host:5432/database")
        try:
            parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
        except ProgrammingError as error:
            raise BadAddress(f"{named} cannot be read as a PostgreSQL address") from error
        if "user" not in parts or "dbname" not in parts:
            raise BadAddress(
                f"{named} must name a user and a database: postgresql://user:password@host/database"
            )
        port = parts.pop("port", "5432")
        if not port.isdigit():
            raise BadAddress(f"{named} must name one port")
        return cls(
            host=parts.pop("host", "localhost"),
            port=int(port),
            dbname=parts.pop("dbname"),
            user=parts.pop("user"),
            password=parts.pop("password", ""),
            options=tuple(sorted(parts.items())),
        )
