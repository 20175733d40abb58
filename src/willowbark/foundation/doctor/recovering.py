"""Getting back into an embedded database whose password was lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import subprocess

from willowbark.foundation.database import DatabaseSettings, StartFailed, configuration, locks, passwords
from willowbark.foundation.database.binaries import usable_by
from willowbark.foundation.database.cluster import SUPERUSER
from willowbark.foundation.database.folder import prepare
from willowbark.foundation.database.postmaster import clear_leftovers

ITERATIONS = 4096


def scram_verifier(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """
    What PostgreSQL keeps of a password (RFC 5802 and RFC 7677, as in `pg_authid.rolpassword`).

    `password` is ASCII, which SASLprep leaves alone.
    """
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (
        base64.b64encode(part).decode() for part in (salt, hashlib.sha256(client_key).digest(), server_key)
    )
    salt_text, stored, server = parts
    return f"SCRAM-SHA-256${iterations}:{salt_text}${stored}:{server}"


def reset_superuser(settings: DatabaseSettings) -> None:
    """
    Give the stopped server's superuser a new password, by the single-user mode of its programs.

    Raises:
        StartFailed: the server runs, or refused.
    """
    folder, account = prepare(settings, lambda message: None)
    with locks.exclusive(folder.keeper_lock) as alone:
        if not alone:
            raise StartFailed("the database runs; stop willow first")
        binaries = usable_by(account, folder.server, lambda message: None)
        configuration.write(folder, account, durable=True)
        clear_leftovers(folder, account, lambda message: None)
        password = passwords.read_or_make(folder.secrets, "superuser")
        verifier = scram_verifier(password, secrets.token_bytes(16))
        done = subprocess.run(
            [
                binaries.program("postgres"),
                "--single",
                "-D",
                str(folder.cluster),
                "-c",
                f"config_file={folder.configuration / 'postgresql.conf'}",
                "-c",
                "logging_collector=off",
                "postgres",
            ],
            input=f"ALTER ROLE {SUPERUSER} PASSWORD '{verifier}'\n",
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.defpath},
            **account.popen_arguments(),
        )
        if done.returncode or "ERROR" in done.stderr:
            raise StartFailed(f"the password could not be reset: {done.stderr.strip()[-400:]}")
