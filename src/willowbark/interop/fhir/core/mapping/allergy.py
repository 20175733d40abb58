"""AllergyIntolerance: http://hl7.org/fhir/R4/allergyintolerance.html."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept, Domain, Element, Period, Reference
from willowbark.interop.fhir.core.mapping.limits import CHARACTERS
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, clip, one_of, words
from willowbark.interop.fhir.core.mapping.systems import RXNORM, SNOMED
from willowbark.record.core.entries import Allergy

_WORST_FIRST = ("severe", "moderate", "mild")
_CRITICALITIES = frozenset(("low", "high", "unable-to-assess"))


class Reaction(Element):
    """What happened once."""

    substance: CodeableConcept | None = None
    manifestation: list[CodeableConcept] | None = None
    description: str | None = None
    severity: str | None = None


class AllergyResource(Domain):
    """What is read of an AllergyIntolerance."""

    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    category: list[str | None] | None = None
    criticality: str | None = None
    code: CodeableConcept | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    onset_date_time: str | None = None
    onset_period: Period | None = None
    recorded_date: str | None = None
    recorder: Reference | None = None
    asserter: Reference | None = None
    reaction: list[Reaction] | None = None


def map_allergy(resource: AllergyResource, reading: Reading) -> Mapped:
    """
    Map an allergy or intolerance; its severity is that of the worst reaction.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.patient, "patient")
    if owner is None:
        return Mapped(None)
    verification = reading.simple_code(
        resource.verification_status, "verification_status", "verificationStatus"
    )
    reactions = resource.reaction or []
    entry = Allergy(
        **dated(
            reading.first_date(
                (resource.onset_date_time, "onsetDateTime"),
                ((resource.onset_period or Period()).start, "onsetPeriod.start"),
                (resource.recorded_date, "recordedDate"),
            )
        ),
        **reading.code(_what(resource), "code", RXNORM, SNOMED),
        **sourced(
            reading, status=verification, author=reading.person_or_place(resource.recorder, resource.asserter)
        ),
        clinical_status=reading.simple_code(resource.clinical_status, "clinical_status", "clinicalStatus"),
        verification_status=verification,
        category=reading.text(", ".join(filter(None, resource.category or ())), "category", "category"),
        criticality=_criticality(resource.criticality),
        reaction_text=_reactions(reactions, reading),
        severity=_worst(reactions),
    )
    row = Row(entry, encounter_key=reading.encounter(resource.encounter, "encounter"))
    return Mapped(owner, (row,), tuple(reading.warnings))


def _what(resource: AllergyResource) -> CodeableConcept | None:
    """The substance; some systems name it in the reaction alone."""
    if resource.code is not None:
        return resource.code
    return next((one.substance for one in resource.reaction or () if one.substance is not None), None)


def _criticality(given: str | None) -> str:
    return one_of(given, _CRITICALITIES, "criticality") if given else ""


def _worst(reactions: list[Reaction]) -> str:
    said = {one_of(one.severity, _WORST_FIRST, "reaction.severity") for one in reactions if one.severity}
    return next((severity for severity in _WORST_FIRST if severity in said), "")


def _reactions(reactions: list[Reaction], reading: Reading) -> str:
    """Every manifestation once, in the order in which they are told."""
    said: dict[str, None] = {}
    for one in reactions:
        for concept in one.manifestation or ():
            said[words(concept, best_coding(concept, ()))] = None
        if one.description:
            said[one.description] = None
    joined = "; ".join(text for text in said if text)
    if len(joined) > CHARACTERS["reaction_text"]:
        reading.warn(f"reaction was clipped at {CHARACTERS['reaction_text']:,} characters")
    return clip(joined, CHARACTERS["reaction_text"])
