"""
A practice's field keys: those that seal, of which the newest seals what is new, and one for look-up.

They are kept as one JSON text:

    {"format": "willowbark.field_keys/1", "look_up": <32 bytes>,
     "keys": [{"made_at": <instant>, "secret": <32 bytes>}, ...]}      oldest first; bytes in base 64

A key is never taken off the ring: row history and backups hold values that it sealed. The one for look-up
is never replaced, since what it made of a value stands in unique constraints.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, Self

from .errors import BadKeys, UnknownKey

FORMAT = "willowbark.field_keys/1"
KEY_BYTES = 32
ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class FieldKey:
    """One key of AES-256-GCM; never shown by accident."""

    made_at: datetime
    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """8 bytes that say which key this is and nothing of what it is."""
        return _id_of(self.secret)


@cache
def _id_of(secret: bytes) -> bytes:
    return sha256(b"willowbark field key id" + secret).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class Keyring:
    """`keys` oldest first, at least one; `look_up` makes blind indexes."""

    keys: tuple[FieldKey, ...]
    look_up: bytes = field(repr=False)

    @property
    def current(self) -> FieldKey:
        """What seals from now on."""
        return self.keys[-1]

    def find(self, key_id: bytes) -> FieldKey:
        """
        The key of this id.

        Raises:
            UnknownKey: it is not on the ring.
        """
        for key in reversed(self.keys):
            if key.id == key_id:
                return key
        raise UnknownKey(f"the field key {key_id.hex()} is not among the practice's keys")

    @classmethod
    def made(cls, now: datetime) -> Self:
        """A new ring, of random keys."""
        return cls((_new_key(now),), secrets.token_bytes(KEY_BYTES))

    def with_new_key(self, now: datetime) -> Self:
        """The same ring, and one random key more, which is the current one."""
        return replace(self, keys=(*self.keys, _new_key(now)))

    def to_text(self) -> str:
        """As it is kept."""
        keys = [{"made_at": one.made_at.isoformat(), "secret": _written(one.secret)} for one in self.keys]
        return json.dumps({"format": FORMAT, "look_up": _written(self.look_up), "keys": keys})

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read it back.

        Raises:
            BadKeys: it was not written by `to_text`. The message never repeats it.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            if said["format"] != FORMAT:
                raise BadKeys(f"these field keys are not of the format {FORMAT}")
            keys = tuple(
                FieldKey(datetime.fromisoformat(one["made_at"]), _read(one["secret"])) for one in said["keys"]
            )
            look_up = _read(said["look_up"])
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise BadKeys("the field keys cannot be read: they were changed or cut") from None
        if not keys:
            raise BadKeys("the field keys name no key")
        return cls(keys, look_up)


def _new_key(now: datetime) -> FieldKey:
    return FieldKey(now, secrets.token_bytes(KEY_BYTES))


def _written(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _read(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != KEY_BYTES:
        raise ValueError("not a key")
    return secret
