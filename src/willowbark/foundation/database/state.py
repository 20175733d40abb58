"""What the keeper says about the server, in a file of the data folder, for everybody who wants to use it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from .folder import DataFolder

Phase = Literal["starting", "ready", "restarting", "stopping", "failed"]


@dataclass(frozen=True, slots=True)
class ServerState:
    """
    One saying of the keeper.

    Attributes:
        message: for a person: what is being done, or why it failed.
        keeper_pid, server_pid: 0 when there is none.
        socket: the folder of the server's socket.
        problem: when failed, the `code` of the problem.
    """

    phase: Phase
    message: str
    keeper_pid: int
    server_pid: int
    socket: str
    problem: str = ""


def say(folder: DataFolder, state: ServerState) -> None:
    """Replace what was said before."""
    folder.keep("state.json", json.dumps(asdict(state)))


def read(folder: DataFolder) -> ServerState | None:
    """The last saying, None when there is none; whether its keeper still lives, the keeper's lock tells."""
    try:
        return ServerState(**json.loads(folder.state.read_text()))
    except (FileNotFoundError, PermissionError):
        return None


def forget(folder: DataFolder) -> None:
    """Remove what an earlier keeper said."""
    folder.state.unlink(missing_ok=True)
