"""How the secret of a factor is kept: sealed with the practice's field keys, outside the database."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from uuid import UUID

from willowbark.foundation.encryption.columns import Connection, SealedElsewhere
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.encryption.keyring import ID_BYTES, Keyring
from willowbark.foundation.encryption.sealing import VERSION, Place, seal, unseal

# allauth does not say whose secret it wants sealed: it is bound to its column, not to its row.
_PLACE = Place("mfa_authenticator", "data", UUID(int=0))
_KEPT = (
    "SELECT id, name, kept FROM mfa_authenticator,"
    " LATERAL (VALUES ('secret', data ->> 'secret'), ('seed', data ->> 'seed')) AS secrets (name, kept)"
    " WHERE type IN ('totp', 'recovery_codes') AND kept IS NOT NULL"
)


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


def _is_there(owner: Connection) -> bool:
    found = owner.execute("SELECT to_regclass('public.mfa_authenticator') IS NOT NULL").fetchone()
    return found is not None and bool(found[0])


def _all_sealed(owner: Connection) -> Iterator[tuple[Place, bytes]]:
    if not _is_there(owner):
        return
    for _, _, kept in owner.execute(_KEPT):
        yield _PLACE, base64.b64decode(kept)


def _reseal(owner: Connection, ring: Keyring, most: int) -> int:
    """Those under other keys than the current one, while nobody else changes their rows."""
    if not _is_there(owner):
        return 0
    rows = owner.execute(
        f"{_KEPT} AND substring(decode(kept, 'base64') FROM {len(VERSION) + 1} FOR {ID_BYTES}) <> %s"
        " ORDER BY id LIMIT %s FOR UPDATE OF mfa_authenticator",
        [ring.current.id, most],
    ).fetchall()
    for row, name, kept in rows:
        plain = unseal(ring, _PLACE, base64.b64decode(kept))
        owner.execute(
            "UPDATE mfa_authenticator SET data = jsonb_set(data, ARRAY[%s], to_jsonb(%s::text)) WHERE id ="
            " %s",
            [name, base64.b64encode(seal(ring, _PLACE, plain)).decode(), row],
        )
    return len(rows)


#: Everybody's secrets of apps and seeds of recovery codes.
SEALED = SealedElsewhere(_all_sealed, _reseal)
