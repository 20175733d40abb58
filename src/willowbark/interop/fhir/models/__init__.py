"""The tables of FHIR imports."""

from willowbark.interop.fhir.models.kept import KeptResource, SharedResource
from willowbark.interop.fhir.models.originals import Original, OriginalChunk
from willowbark.interop.fhir.models.quarantine import Quarantined
from willowbark.interop.fhir.models.runs import ImportFile, ImportRun
from willowbark.interop.fhir.models.waiting import WaitingForVisit

__all__ = [
    "ImportFile",
    "ImportRun",
    "KeptResource",
    "Original",
    "OriginalChunk",
    "Quarantined",
    "SharedResource",
    "WaitingForVisit",
]
