"""How the secret of a factor is kept: sealed with the practice's field keys, outside the database."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from uuid import UUID

from willowbark.foundation.encryption.columns import Connection
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.encryption.sealing import Place, seal, unseal

# allauth does not say whose secret it wants sealed: it is bound to its column, not to its row.
_PLACE = Place("mfa_authenticator", "data", UUID(int=0))


def sealed(text: str) -> str:
    """What is kept of a secret."""
    return base64.b64encode(seal(keyring(), _PLACE, text.encode())).decode()


def unsealed(kept: str) -> str:
    """
    A secret that was kept.

    Raises:
        UnknownKey: it was sealed with a key that the practice does not have.
        NotAuthentic: it was changed.
    """
    return unseal(keyring(), _PLACE, base64.b64decode(kept)).decode()


def all_sealed(owner: Connection) -> Iterator[tuple[Place, bytes]]:
    """Everybody's secrets of apps and seeds of recovery codes, for who checks the keys."""
    there = owner.execute("SELECT to_regclass('public.mfa_authenticator') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return
    rows = owner.execute(
        "SELECT kept FROM mfa_authenticator,"
        " LATERAL (VALUES (data ->> 'secret'), (data ->> 'seed')) AS secrets (kept)"
        " WHERE type IN ('totp', 'recovery_codes') AND kept IS NOT NULL"
    )
    for (kept,) in rows:
        yield _PLACE, base64.b64decode(kept)
