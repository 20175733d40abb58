"""
Rows of the record as FHIR R4 resources: what `interop/fhir/core/mapping` reads, written the other way round.

A row is a dict of its columns. What the record keeps in words goes out in words; its ids are those of the
rows, so that references between resources of one export hold. Source: http://hl7.org/fhir/R4/.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Resource = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_NOTE = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
}
_LENGTHS = {"year": 4, "month": 7, "day": 10}
_ERROR = "entered-in-error"


def said(resource: Resource) -> Resource:
    """The resource without what says nothing: None, '', [] and {}."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def dated(at: datetime | date | None, precision: str) -> str | None:
    """A date no more exact than it is known."""
    if at is None:
        return None
    if precision in _LENGTHS:
        return at.isoformat()[: _LENGTHS[precision]]
    if not isinstance(at, datetime):
        return at.isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def patient(row: Row, numbers: Sequence[Row], contacts: Sequence[Row], addresses: Sequence[Row]) -> Resource:
    """A Patient with identifiers, contact points and addresses."""
    name = said({"use": "official", "family": row["family"], "given": _one(row["given"])})
    return said(
        {
            "resourceType": "Patient",
            "id": str(row["id"]),
            "identifier": [
                said(
                    {
                        "type": _code(each["type_code"]),
                        "system": each["system"],
                        "value": each["value"],
                    }
                )
                for each in numbers
            ],
            "name": [name | said({"prefix": _one(row["prefix"])})],
            "telecom": [
                said(
                    {
                        "system": each["system"],
                        "value": each["value"],
                        "use": each["use"],
                        "rank": each["rank"],
                    }
                )
                for each in contacts
            ],
            "gender": row["sex"],
            "birthDate": dated(row["birth_date"], row["birth_date_precision"]),
            "deceasedDateTime": dated(row["deceased_at"], "instant"),
            "deceasedBoolean": True if row["is_deceased"] and row["deceased_at"] is None else None,
            "address": [
                said(
                    {
                        "use": each["use"],
                        "line": [line for line in each["line"].split("\n") if line],
                        "city": each["city"],
                        "district": each["district"],
                        "state": each["state"],
                        "postalCode": each["postal_code"],
                        "country": each["country"],
                    }
                )
                for each in addresses
            ],
            "communication": [{"language": {"coding": [{"code": row["language"]}]}, "preferred": True}]
            if row["language"]
            else None,
            "link": [{"other": {"reference": f"Patient/{row['linked_to']}"}, "type": "replaced-by"}]
            if row["linked_to"]
            else None,
        }
    )


def encounter(row: Row) -> Resource:
    """An Encounter."""
    return _resource(
        "Encounter",
        row,
        {
            "status": _status(row),
            "class": said({"code": row["class_code"]}),
            "type": [_what(row)],
            "period": said({"start": _when(row), "end": dated(row["ends_at"], "instant")}),
            "reasonCode": _words(row["reason_text"]),
            "participant": _actors(row["practitioner_name"] or row["author_name"], "individual"),
            "location": _actors(row["place_name"], "location"),
        },
        visit="",
    )


def condition(row: Row) -> Resource:
    """A Condition."""
    verified = _ERROR if row["voided_at"] else row["verification_status"]
    return _resource(
        "Condition",
        row,
        {
            "clinicalStatus": _code(row["clinical_status"], _CLINICAL),
            "verificationStatus": _code(verified, _VERIFIED),
            "category": [_code(row["category"])] if row["category"] else None,
            "code": _what(row),
            "onsetDateTime": _when(row),
            "abatementDateTime": dated(row["abated_at"], row["abated_precision"]),
            "recorder": _by(row),
        },
    )


def observation(row: Row, parts: Sequence[Row] = ()) -> Resource:
    """An Observation; `parts` are the rows of its components, in order."""
    return _resource(
        "Observation",
        row,
        {
            "status": _status(row),
            "category": [_code(row["category"])] if row["category"] else None,
            "effectiveDateTime": _when(row),
            "performer": [_by(row)] if row["author_name"] else None,
            **_finding(row),
            "component": [said(_finding(part)) for part in parts],
        },
    )


def _finding(row: Row) -> Resource:
    """The code, the value and what is usual."""
    value: Resource = {}
    if row["value"] is not None:
        unit = {"system": UCUM, "code": row["unit"]} if row["unit"] else {}
        value["valueQuantity"] = said(
            {
                "value": row["value"],
                "comparator": row["value_comparator"],
                "unit": row["unit_text"],
                **unit,
            }
        )
    elif row["value_code"]:
        coding = said({"system": row["value_code_system"], "code": row["value_code"]})
        value["valueCodeableConcept"] = said({"coding": [coding], "text": row["value_text"]})
    else:
        value["valueString"] = row["value_text"]
    usual = said(
        {
            "low": _limit(row["reference_low"]),
            "high": _limit(row["reference_high"]),
            "text": row["reference_text"],
        }
    )
    return {
        "code": _what(row),
        **value,
        "interpretation": [_code(code) for code in row["interpretation"].split()],
        "referenceRange": [usual] if usual else None,
    }


def medication(row: Row) -> Resource:
    """What was ordered, is taken, was handed over or given: the resource that its intent names."""
    return _USES.get(row["intent"], _request)(row)


def _request(row: Row) -> Resource:
    not_to_be = row["status"] == "do-not-perform"
    return _resource(
        "MedicationRequest",
        row,
        {
            "status": _ERROR if row["voided_at"] else "active" if not_to_be else row["status"],
            "intent": row["intent"] or "order",
            "doNotPerform": True if not_to_be else None,
            "category": _supplement(row),
            "medicationCodeableConcept": _what(row),
            "authoredOn": _when(row),
            "requester": _by(row),
            "reasonCode": _words(row["reason_text"]),
            "dosageInstruction": _dosage(row),
            "dispenseRequest": {"validityPeriod": {"end": dated(row["ends_at"], "instant")}}
            if row["ends_at"]
            else None,
        },
    )


def _statement(row: Row) -> Resource:
    return _resource(
        "MedicationStatement",
        row,
        {
            "status": _status(row),
            "category": _first(_supplement(row)),
            "medicationCodeableConcept": _what(row),
            **_span(row, "effective"),
            "informationSource": _by(row),
            "reasonCode": _words(row["reason_text"]),
            "dosage": _dosage(row),
        },
        visit="context",
    )


def _dispense(row: Row) -> Resource:
    return _resource(
        "MedicationDispense",
        row,
        {
            "status": _status(row),
            "category": _first(_supplement(row)),
            "medicationCodeableConcept": _what(row),
            "performer": _actors(row["author_name"], "actor"),
            "whenHandedOver": _when(row),
            "dosageInstruction": _dosage(row),
        },
        visit="context",
    )


def _administration(row: Row) -> Resource:
    dose = said({"value": row["dose_value"], "unit": row["dose_unit"]})
    return _resource(
        "MedicationAdministration",
        row,
        {
            "status": _status(row),
            "category": _first(_supplement(row)),
            "medicationCodeableConcept": _what(row),
            **_span(row, "effective"),
            "performer": _actors(row["author_name"], "actor"),
            "reasonCode": _words(row["reason_text"]),
            "dosage": said({"text": row["dosage_text"], "dose": dose}),
        },
        visit="context",
    )


_USES: dict[str, Callable[[Row], Resource]] = {
    "statement": _statement,
    "dispense": _dispense,
    "administration": _administration,
}


def allergy(row: Row) -> Resource:
    """An AllergyIntolerance."""
    verified = _ERROR if row["voided_at"] else row["verification_status"]
    reaction = said({"manifestation": _words(row["reaction_text"]), "severity": row["severity"]})
    return _resource(
        "AllergyIntolerance",
        row,
        {
            "clinicalStatus": _code(row["clinical_status"], _ALLERGY_CLINICAL),
            "verificationStatus": _code(verified, _ALLERGY_VERIFIED),
            "category": row["category"].split(", ") if row["category"] else None,
            "criticality": row["criticality"],
            "code": _what(row),
            "onsetDateTime": _when(row),
            "recorder": _by(row),
            "reaction": [reaction] if reaction else None,
        },
        of="patient",
    )


def procedure(row: Row) -> Resource:
    """A Procedure."""
    return _resource(
        "Procedure",
        row,
        {
            "status": _status(row),
            "code": _what(row),
            **_span(row, "performed"),
            "performer": _actors(row["author_name"], "actor"),
            "reasonCode": _words(row["reason_text"]),
        },
    )


def immunization(row: Row) -> Resource:
    """An Immunization."""
    return _resource(
        "Immunization",
        row,
        {
            "status": _status(row),
            "vaccineCode": _what(row),
            "occurrenceDateTime": _when(row),
            "lotNumber": row["lot_number"],
            "performer": _actors(row["author_name"], "actor"),
        },
        of="patient",
    )


def document(row: Row) -> Resource:
    """A DiagnosticReport, or a DocumentReference, with its content."""
    content = None if row["content"] is None else base64.b64encode(bytes(row["content"])).decode()
    form = said({"contentType": row["content_type"], "data": content, "url": row["url"]})
    if row["kind"] == "report":
        return _resource(
            "DiagnosticReport",
            row,
            {
                "status": _status(row),
                "code": _what(row),
                "effectiveDateTime": _when(row),
                "performer": [_by(row)] if row["author_name"] else None,
                "conclusion": row["conclusion"],
                "presentedForm": [form] if form else None,
            },
        )
    return _reference(row, _status(row), form, {"description": row["conclusion"]})


def note(row: Row) -> Resource:
    """A note as a DocumentReference of plain text."""
    form = {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode(row["body"].encode()).decode(),
    }
    status = _ERROR if row["voided_at"] else "current"
    return _reference(row, status, form, {"category": [{"coding": [_NOTE]}]})


def _reference(row: Row, status: str, form: Resource, more: Resource) -> Resource:
    visit = f"Encounter/{row['encounter_id']}" if row["encounter_id"] else ""
    return _resource(
        "DocumentReference",
        row,
        {
            "status": status,
            "type": _what(row),
            "date": _when(row),
            "author": [_by(row)] if row["author_name"] else None,
            "content": [{"attachment": form}],
            "context": {"encounter": [{"reference": visit}]} if visit else None,
            **more,
        },
        visit="",
    )


def kept(content: str, patient_id: UUID) -> str:
    """
    A resource that was kept whole, letter for letter, but that it names its patient by the export's id.

    One that names none (a Provenance, which belongs to whomever its target does) is given a `patient`.
    """
    ours, values = json.dumps(f"Patient/{patient_id}"), json.loads(content)
    named = [*_named(values)]
    for reference in dict.fromkeys(named):
        content = content.replace(json.dumps(reference, ensure_ascii=False), ours)
    if named or "patient" in values:
        return content
    return f'{{"patient":{{"reference":{ours}}},{content.lstrip()[1:]}'


def _named(values: Resource) -> list[str]:
    """The references by which a resource names its patient."""
    found: list[str] = []
    for field in ("patient", "subject", "beneficiary", "for", "individual", "candidate"):
        given = values.get(field)
        found += _references(given if isinstance(given, list) else [given])
    parts = values.get("participant")
    actors = (
        [part.get("actor") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    )
    found += [each for each in _references(actors) if "Patient/" in each]
    return found


def _references(given: Sequence[Any]) -> list[str]:
    return [
        each["reference"]
        for each in given
        if isinstance(each, dict) and isinstance(each.get("reference"), str)
    ]


def _resource(
    type_: str, row: Row, content: Resource, *, of: str = "subject", visit: str = "encounter"
) -> Resource:
    """The resource of a row: whose it is, and at which visit (in the field `visit`, '' for none)."""
    whose: Resource = {of: {"reference": f"Patient/{row['patient_id']}"}}
    if visit and row.get("encounter_id"):
        whose[visit] = {"reference": f"Encounter/{row['encounter_id']}"}
    return said({"resourceType": type_, "id": str(row["id"]), **whose, **content})


def _status(row: Row) -> str:
    return _ERROR if row["voided_at"] else str(row["status"])


def _when(row: Row) -> str | None:
    return dated(row["effective_at"], row["effective_precision"])


def _span(row: Row, name: str) -> Resource:
    """From and until as a period, or the one date that there is."""
    end = dated(row["ends_at"], "instant")
    if end is None:
        return {f"{name}DateTime": _when(row)}
    return {f"{name}Period": said({"start": _when(row), "end": end})}


def _what(row: Row) -> Resource:
    coding = said({"system": row["code_system"], "code": row["code"]}) if row["code"] else {}
    return said({"coding": [coding] if coding else None, "text": row["text"]})


def _code(code: str, system: str = "") -> Resource:
    return {"coding": [said({"system": system, "code": code})]} if code else {}


def _words(text: str) -> list[Resource]:
    return [{"text": text}] if text else []


def _by(row: Row) -> Resource:
    return said({"display": row["author_name"]})


def _actors(name: str, field: str) -> list[Resource]:
    return [{field: {"display": name}}] if name else []


def _one(text: str) -> list[str]:
    return [text] if text else []


def _first(given: list[Resource]) -> Resource | None:
    return given[0] if given else None


def _limit(value: object) -> Resource:
    return {} if value is None else {"value": value}


def _supplement(row: Row) -> list[Resource]:
    return [{"text": "supplement"}] if row["kind"] == "supplement" else []


def _dosage(row: Row) -> list[Resource]:
    dose = said({"value": row["dose_value"], "unit": row["dose_unit"]})
    one = said(
        {
            "text": row["dosage_text"],
            "asNeededBoolean": True if row["as_needed"] else None,
            "doseAndRate": [{"doseQuantity": dose}] if dose else None,
        }
    )
    return [one] if one else []
