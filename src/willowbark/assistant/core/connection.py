"""Where the practice's language model is, and whether a patient's words may be sent there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Connection:
    """
    A language model behind an OpenAI-compatible `endpoint`, and the key for it ('' where none is needed).

    `outside_host` is the one host, not this machine, to which the owner said that patients' words may be
    sent. An answer is waited for `seconds` at most.
    """

    model: str
    endpoint: str
    key: str = field(repr=False)
    outside_host: str
    seconds: int

    @property
    def host(self) -> str:
        """The host of the endpoint, '' when it has none."""
        try:
            return urlsplit(self.endpoint).hostname or ""
        except ValueError:
            return ""

    @property
    def is_inside(self) -> bool:
        """Whether nothing leaves this machine."""
        return self.host == "localhost" or _in(self.host, "is_loopback")

    @property
    def problem(self) -> str:
        """Why nothing may be sent there, in a sentence; '' when it may."""
        host = self.host
        try:
            scheme = urlsplit(self.endpoint).scheme
        except ValueError:
            scheme = ""
        if not host or scheme not in ("http", "https"):
            return "The address of the language model is none: WILLOWBARK_LANGUAGE_MODEL_ENDPOINT."
        if not self.is_inside and self.outside_host.lower() != host:
            return (
                f"The language model is at {host}, and the practice has not said that patients' words may be"
                " sent there."
            )
        if scheme == "http" and not self.is_inside and not _in(host, "is_private"):
            return f"The language model at {host} is not reached over TLS (https), so nothing is sent there."
        return ""


class Said(Protocol):
    """What the practice's settings say of a language model."""

    language_model: str
    language_model_endpoint: str
    language_model_key: str
    language_model_outside_host: str
    language_model_seconds: int


def connection_of(said: Said) -> Connection | None:
    """The practice's language model, None when none is set up."""
    if not said.language_model:
        return None
    return Connection(
        model=said.language_model,
        endpoint=said.language_model_endpoint,
        key=said.language_model_key,
        outside_host=said.language_model_outside_host,
        seconds=said.language_model_seconds,
    )


def told(connection: Connection | None) -> str:
    """What the settings come to, in words for who looks after the practice's machine."""
    if connection is None:
        return "none, so nobody's words are sent anywhere"
    if connection.problem:
        return f"not in use. {connection.problem}"
    if connection.is_inside:
        return f"{connection.model} at {connection.host}: nothing leaves this machine"
    return f"{connection.model} at {connection.host}: patients' words are sent there when somebody sends them"


def _in(host: str, kind: str) -> bool:
    """Whether a host is a number of that kind of network; a name is of none, for anybody may answer to it."""
    try:
        return bool(getattr(ipaddress.ip_address(host), kind))
    except ValueError:
        return False
