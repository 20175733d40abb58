"""The key that signs sessions and forms: made once for an installation, kept beside its database."""

from __future__ import annotations

from willowbark.foundation.database import DatabaseSettings, passwords
from willowbark.foundation.database.folder import DataFolder


def secret_key() -> str:
    """The installation's key. Before its data folder exists, one that holds for this process alone."""
    folder = DataFolder(DatabaseSettings.from_environment().data).secrets
    if not folder.is_dir():
        import secrets

        return secrets.token_urlsafe(48)
    return passwords.read_or_make(folder, "session_key")
