"""Anticipated failures. `code` is stable and public; adapters map it to their own language."""


class DomainError(Exception):
    """Base of every failure that a caller is expected to handle."""

    code = "domain_error"


class Forbidden(DomainError):
    """The actor may not do this."""

    code = "forbidden"


class NotFound(DomainError):
    """No such thing, or none that this actor may see."""

    code = "not_found"


class Invalid(DomainError):
    """
    What was given cannot be accepted; nothing was changed.

    `field` names the input at fault, '' when the whole is.
    """

    code = "invalid"

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class Conflict(DomainError):
    """The thing has changed, or exists already, in a way that forbids this."""

    code = "conflict"


class RequestKeyReused(Conflict):
    """A request key came a second time with other content; the first stands."""

    code = "request_key_reused"
