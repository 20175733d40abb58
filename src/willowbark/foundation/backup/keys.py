"""
The key that opens backups: 32 random bytes, kept beside the database and, as a recovery code, elsewhere.

The code is the key in Crockford's base 32 (crockford.com/base32.html) with 20 bits of its SHA-256, in groups
of four: no letters that look like digits, and a slip of the pen is noticed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from willowbark.foundation.database import passwords

from .errors import BadKey, PlaceRefused

KEY_FILE = "backup_key"
KEY_BYTES = 32
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = {**{letter: value for value, letter in enumerate(ALPHABET)}, "O": 0, "I": 1, "L": 1}
_CHECK_BITS = 20
# 256 bits fill 52 characters of 5 bits with 4 bits to spare, which are 0; the check is 4 more.
_KEY_LETTERS, _CHECK_LETTERS, _SPARE_BITS = 52, 4, 4
_GROUP = 4


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The 32 bytes; never shown by accident."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise BadKey(f"a key has {KEY_BYTES} bytes, not {len(self.secret)}")

    @property
    def id(self) -> str:
        """16 hexadecimal digits that say which key this is and nothing of what it is."""
        return self._derive(b"", b"willowbark backup key id", 8).hex()

    def for_file(self, salt: bytes) -> bytes:
        """The 32 bytes that encrypt one file: no two share any, so the counters of both may begin at 0."""
        return self._derive(salt, b"willowbark backup file", KEY_BYTES)

    def _derive(self, salt: bytes, what_for: bytes, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=what_for).derive(self.secret)

    @property
    def code(self) -> str:
        """The recovery code, to be written down."""
        number = (int.from_bytes(self.secret) << _SPARE_BITS) << _CHECK_BITS | _check(self.secret)
        letters = _KEY_LETTERS + _CHECK_LETTERS
        text = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(letters)))
        return "-".join(text[start : start + _GROUP] for start in range(0, letters, _GROUP))


def _check(secret: bytes) -> int:
    return int.from_bytes(sha256(b"willowbark backup key" + secret).digest()[:3]) >> 24 - _CHECK_BITS


def from_code(text: str) -> BackupKey:
    """
    The key that a recovery code stands for; case, blanks and hyphens do not matter.

    Raises:
        BadKey: it is none, or was copied wrongly. The message never repeats it.
    """
    letters = [letter for letter in text.upper() if not letter.isspace() and letter != "-"]
    wanted = _KEY_LETTERS + _CHECK_LETTERS
    if len(letters) != wanted:
        raise BadKey(f"a recovery code has {wanted} letters and digits, and this has {len(letters)}")
    number = 0
    for letter in letters:
        if letter not in _READ_AS:
            raise BadKey("a recovery code has letters and digits only, and no U")
        number = number << 5 | _READ_AS[letter]
    check = number & (1 << _CHECK_BITS) - 1
    number >>= _CHECK_BITS
    secret = (number >> _SPARE_BITS).to_bytes(KEY_BYTES)
    if number & (1 << _SPARE_BITS) - 1 or check != _check(secret):
        raise BadKey("this recovery code was copied wrongly: its last four letters do not fit the others")
    return BackupKey(secret)


def read(secrets_folder: Path) -> BackupKey | None:
    """
    The installation's key, None when it has none yet.

    Raises:
        BadKey: the file was changed.
        PlaceRefused: it cannot be read.
    """
    try:
        kept = passwords.read(secrets_folder, KEY_FILE)
    except OSError as error:
        raise PlaceRefused(f"{secrets_folder / KEY_FILE} cannot be read: {error.strerror}") from error
    if not kept:
        return None
    try:
        return from_code(kept)
    except BadKey as problem:
        raise BadKey(f"{secrets_folder / KEY_FILE}: {problem}") from problem


def read_or_make(secrets_folder: Path) -> tuple[BackupKey, bool]:
    """
    The installation's key and whether it was made just now.

    Raises:
        BadKey: the file was changed.
        PlaceRefused: it cannot be read or written.
    """
    known = read(secrets_folder)
    if known is not None:
        return known, False
    made = BackupKey(secrets.token_bytes(KEY_BYTES))
    keep(secrets_folder, made)
    return made, True


def keep(secrets_folder: Path, key: BackupKey) -> None:
    """
    Make `key` the installation's.

    Raises:
        PlaceRefused: it cannot be written.
    """
    try:
        passwords.keep(secrets_folder, KEY_FILE, key.code)
    except OSError as error:
        raise PlaceRefused(f"{secrets_folder / KEY_FILE} cannot be written: {error.strerror}") from error


def from_file(path: Path) -> BackupKey:
    """
    The key whose recovery code is all that a file holds.

    Raises:
        BadKey: it holds something else.
        PlaceRefused: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(1000).decode("ascii", errors="replace")
    except OSError as error:
        raise PlaceRefused(f"the key file {path} cannot be read: {error.strerror}") from error
    try:
        return from_code(text)
    except BadKey as problem:
        raise BadKey(f"{path}: {problem}") from problem
