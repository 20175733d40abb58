"""
The embedded server's configuration, written whole at every start.

It lies outside the cluster and belongs to who runs the keeper: as root, a server that has been broken
into cannot loosen its own authentication. A practice's own tuning goes in by ALTER SYSTEM, which wins.
"""

from __future__ import annotations

import os
import sys

from .account import Account
from .folder import PORT, DataFolder

MIB = 1024 * 1024

# Nothing but the Unix socket, nobody without a SCRAM password. There is no line for replication on purpose.
HBA = "local all all scram-sha-256\n"


def memory_bytes() -> int:
    """The machine's memory; a container's own smaller bound is not looked at."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _shared_memory_is_small() -> bool:
    """Whether /dev/shm is missing or small (Docker's default is 64 MiB), which parallel queries exceed."""
    if sys.platform != "linux":
        return False
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - only asked for its size
    except OSError:
        return True
    return found.f_frsize * found.f_blocks < 512 * MIB


def server_settings(*, socket: str, durable: bool, memory: int) -> dict[str, str]:
    """
    What the server runs with: modest memory, and every acknowledged write on disk unless not `durable`.

    `memory` is in bytes. Statements that fail and the details of errors stay out of the log, since they
    quote what people wrote in a record: `log_min_messages = log` drops clients' errors, which the client
    is told anyway.
    """
    buffers = min(max(memory // 16, 64 * MIB), 512 * MIB)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": socket,
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "250",
        "superuser_reserved_connections": "5",
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{buffers // MIB}MB",
        "effective_cache_size": f"{memory // 2 // MIB}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64 * MIB), 256 * MIB) // MIB}MB",
        "max_wal_size": "2GB",
        "min_wal_size": "160MB",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_level": "replica",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "restart_after_crash": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "datestyle": "iso, ymd",
        "default_text_search_config": "pg_catalog.simple",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_file_mode": "0600",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_startup_progress_interval": "2s",
        "log_checkpoints": "off",
    }
    if _shared_memory_is_small():
        settings["dynamic_shared_memory_type"] = "mmap"
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= {"autovacuum_naptime": "10min", "wal_level": "minimal", "max_wal_senders": "0"}
        # Tests make and drop databases all the time, and each drop looks at every buffer.
        settings |= {"shared_buffers": "128MB"}
    return settings


def render(settings: dict[str, str]) -> str:
    """The text of a postgresql.conf; quotes in values are doubled as the server reads them."""
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    head = "# Written at every start; change settings with ALTER SYSTEM instead."
    return "\n".join([head, *lines, ""])


def write(folder: DataFolder, account: Account, *, durable: bool) -> None:
    """Write the three files that the server reads, readable by its account and writable by nobody else."""
    texts = {
        "postgresql.conf": render(
            server_settings(socket=str(folder.socket), durable=durable, memory=memory_bytes())
        ),
        "pg_hba.conf": HBA,
        "pg_ident.conf": "",
    }
    for name, text in texts.items():
        path = folder.configuration / name
        partial = path.with_name(f".{name}.partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if account.switched:
                os.fchown(file.fileno(), os.geteuid(), account.gid)
            os.fchmod(file.fileno(), 0o640)
        partial.replace(path)
