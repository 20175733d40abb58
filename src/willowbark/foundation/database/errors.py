"""Failures of the database that a person can act on: a stable `code`, and a message that says what to do."""


class DatabaseProblem(Exception):
    """Base of everything that keeps the database from being used."""

    code = "database_problem"


class FolderRefused(DatabaseProblem):
    """The data folder cannot be used as it is: it is another's, or not one of ours, or cannot be reached."""

    code = "database_folder_refused"


class ServerMissing(DatabaseProblem):
    """The server's binaries are not installed, or do not run on this machine."""

    code = "database_server_missing"


class StartFailed(DatabaseProblem):
    """The embedded server could not be made or started."""

    code = "database_start_failed"


class Unreachable(DatabaseProblem):
    """No server answers at the address."""

    code = "database_unreachable"


class WrongPassword(DatabaseProblem):
    """The server answers and refuses the role or its password."""

    code = "database_wrong_password"


class ServerTooOld(DatabaseProblem):
    """The server runs a version of PostgreSQL older than the platform supports."""

    code = "database_server_too_old"


class NotEnoughRights(DatabaseProblem):
    """The owner's role may not do what setting up needs."""

    code = "database_not_enough_rights"


class UnsafeRole(DatabaseProblem):
    """The application's role could go around row-level security, so the platform refuses to work with it."""

    code = "database_unsafe_role"


class BadAddress(DatabaseProblem):
    """A database address that cannot be read."""

    code = "database_bad_address"
