"""Why an input cannot be taken in. Every message says what is wrong and where."""

from __future__ import annotations

from uuid import UUID

from willowbark.kernel.errors import Invalid


class Refused(Invalid):
    """
    A resource, or a whole file, that cannot be read; it is set aside as it came, never dropped.

    `reason` is a stable word for the kind of fault (see `REASONS`); the message is for a person. `needs` is
    the source key of what is missing, when its coming would mend the fault.
    """

    def __init__(self, reason: str, message: str, *, needs: UUID | None = None) -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a known reason")
        self.reason = reason
        self.needs = needs
        super().__init__(message)


#: Each kind of fault, and the heading under which a person finds it in the import report.
REASONS: dict[str, str] = {
    "empty": "Nothing in it",
    "not_json": "Not JSON",
    "encoding": "Not UTF-8 text",
    "truncated": "Ends too early",
    "too_large": "Larger than is taken",
    "too_deep": "Nested too deeply",
    "expands": "Expands beyond all measure",
    "damaged_gzip": "Damaged compression",
    "malformed": "Malformed JSON",
    "not_fhir": "Not a FHIR resource",
    "no_resource": "An entry without a resource",
    "nul": "Has a NUL character",
    "repeated_key": "Says one thing twice",
    "wrong_type": "A value of the wrong type",
    "missing": "Something needed is missing",
    "date": "An impossible or implausible date",
    "number": "An impossible number",
    "too_long": "A text that is too long",
    "unknown_code": "A code that FHIR does not know",
    "attachment": "An attachment that cannot be read",
    "modifier": "An extension that may turn its meaning",
    "conflict": "The same id, with other content",
    "unknown_patient": "Belongs to a patient who is not known",
    "unknown_medication": "Names a medication that is not known",
    "other_person": "The same id, but another person",
    "unreadable_file": "The file cannot be opened",
}
