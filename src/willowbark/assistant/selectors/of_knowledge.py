"""What nobody can check of what is taken, as the facts of a brief."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import Unrecognised
from willowbark.foundation.presentation.words import plain_name
from willowbark.knowledge.core.recognising import read_drug, recognise_supplement
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.selectors import release
from willowbark.record.selectors.lists import MedicationRow


def unrecognised(taken: Sequence[MedicationRow]) -> tuple[Unrecognised, ...]:
    """The medicines and supplements of which nothing is known, or not all of what they hold."""
    known = release()
    return tuple(each for row in taken for each in _of(known, row))


def _of(known: Release, row: MedicationRow) -> Iterator[Unrecognised]:
    source = Source(row.kind, row.patient_id, row.id)
    text = plain_name(row.text)
    if row.medication_kind == "supplement":
        if not recognise_supplement(known, row.text, row.dosage_text).is_recognised:
            yield Unrecognised(source, text, "not recognised")
        return
    _, missing = read_drug(known, row.id, row.text, row.source.code_system, row.source.code, row.dosage_text)
    reasons = "; ".join(each.reason for each in missing)
    if reasons:
        yield Unrecognised(source, text, reasons)
