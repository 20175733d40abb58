"""Why a backup could not be made or read: each with a stable `code`, and a message that says what to do."""

from __future__ import annotations

from willowbark.kernel.errors import DomainError


class BackupProblem(DomainError):
    """Base of everything that keeps a backup from being made or read; nothing was changed."""

    code = "backup_problem"


class NothingToBackUp(BackupProblem):
    """There is no practice here yet."""

    code = "backup_nothing"


class PlaceRefused(BackupProblem):
    """The folder or file cannot be written or read: absent, closed, full, or not empty."""

    code = "backup_place_refused"


class ToolMissing(BackupProblem):
    """PostgreSQL's own programs for dumping are missing, or too old for the server."""

    code = "backup_tool_missing"


class DumpFailed(BackupProblem):
    """PostgreSQL's program for dumping or restoring ended with an error."""

    code = "backup_dump_failed"


class BadKey(BackupProblem):
    """What should be a recovery code is none."""

    code = "backup_bad_key"


class WrongKey(BackupProblem):
    """The backup was made with another key."""

    code = "backup_wrong_key"


class NotABackup(BackupProblem):
    """The file is no backup of ours."""

    code = "backup_not_one"


class Damaged(BackupProblem):
    """The file was changed after it was written."""

    code = "backup_damaged"


class CutShort(Damaged):
    """The end of the file is missing."""

    code = "backup_cut_short"


class TooNew(BackupProblem):
    """A newer version made the backup."""

    code = "backup_too_new"


class Different(BackupProblem):
    """What was restored is not what was backed up."""

    code = "backup_different"


class Unreadable(BackupProblem):
    """What is sealed inside the backup cannot be opened with the keys that are in it."""

    code = "backup_unreadable"
