"""The other kinds of entry."""

from __future__ import annotations

import base64
from dataclasses import replace
from decimal import Decimal

import pytest

from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS
from willowbark.interop.fhir.core.identity import source_key
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.mapping.pointed_at import learn
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.references import ByIdentifier
from willowbark.interop.fhir.tests.shapes import concept, entry_of, mapped, read, resource

SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def fields_of(entry, *names):
    return tuple(getattr(entry, name) for name in names)


def test_an_encounter():
    entry = entry_of(
        resource(
            "Encounter",
            type=[concept("424619006", "Prenatal visit", SNOMED)],
            period={"start": "2020-05-26T16:13:53Z", "end": "2020-05-26T16:58:53Z"},
            reasonCode=[{"coding": [{"code": "1", "display": "Normal pregnancy"}]}, {"text": "Nausea"}],
            participant=[{"individual": {"reference": "Practitioner/9", "display": "Dr. Fay"}}],
            serviceProvider={"display": "Cambridge Health"},
        )
    )

    assert fields_of(entry, "text", "code", "class_code", "status") == (
        "Prenatal visit",
        "424619006",
        "AMB",
        "finished",
    )
    assert entry.reason_text == "Normal pregnancy; Nausea"
    assert (entry.practitioner_name, entry.author_name, entry.place_name) == (
        "Dr. Fay",
        "Dr. Fay",
        "Cambridge Health",
    )
    assert entry.ends_at.isoformat() == "2020-05-26T16:58:53+00:00"


@pytest.mark.parametrize(
    ("fields", "text", "class_code"),
    [
        ({"class": {"code": "AMB", "display": "ambulatory"}}, "ambulatory", "AMB"),
        ({"class": {"code": "AMB"}}, "AMB", "AMB"),
        ({"class": [{"coding": [{"code": "IMP", "display": "inpatient"}]}]}, "inpatient", "IMP"),
        ({"class": None}, "Visit", ""),
        ({"serviceType": {"text": "Cardiology"}}, "Cardiology", "AMB"),
    ],
)
def test_a_visit_without_a_type_is_named_by_what_there_is(fields, text, class_code):
    assert fields_of(entry_of(resource("Encounter", **fields)), "text", "class_code") == (text, class_code)


def test_only_a_planned_visit_may_lie_ahead():
    period = {"start": "2026-06-01T10:00:00Z"}

    assert entry_of(resource("Encounter", status="planned", period=period)).effective_at.year == 2026
    with pytest.raises(Refused, match="in the future"):
        mapped(resource("Encounter", period=period))
    with pytest.raises(Refused, match="too far ahead"):
        mapped(resource("Encounter", status="planned", period={"start": "2999"}))


def test_a_condition():
    entry = entry_of(
        resource(
            "Condition",
            clinicalStatus={"coding": [{"code": "resolved"}]},
            verificationStatus={"coding": [{"code": "confirmed"}]},
            category=[{"coding": [{"code": "problem-list-item"}]}],
            code={
                "coding": [
                    {"system": "http://x", "code": "9"},
                    {"system": SNOMED, "code": "44054006", "display": "T2DM"},
                ]
            },
            onsetDateTime="2010",
            abatementPeriod={"end": "2012-03"},
            recorder={"display": "Dr. Fay"},
        )
    )

    assert fields_of(
        entry, "clinical_status", "verification_status", "category", "text", "code", "code_system"
    ) == (
        "resolved",
        "confirmed",
        "problem-list-item",
        "T2DM",
        "44054006",
        SNOMED,
    )
    assert (entry.effective_precision, entry.abated_precision, entry.abated_at.month) == ("year", "month", 3)
    assert entry_of(resource("Condition", recordedDate="2015-01-01")).effective_at.year == 2015
    assert entry_of(
        resource("Condition", verificationStatus={"coding": [{"code": "entered-in-error"}]})
    ).void_reason


def test_a_prescription_in_words_and_numbers():
    entry = entry_of(
        resource(
            "MedicationRequest",
            medicationCodeableConcept=concept("849574", "Naproxen sodium 220 MG Oral Tablet", RXNORM),
            authoredOn="2020-04-05",
            requester={"display": "Ronald Bone, MD"},
            dosageInstruction=[
                {
                    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["C"]}},
                    "asNeededBoolean": True,
                    "route": {"text": "by mouth"},
                    "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}],
                }
            ],
            dispenseRequest={"validityPeriod": {"end": "2021-04-05"}},
            reasonCode=[{"text": "Pain"}],
        )
    )

    assert entry.dosage_text == "1.0 tablet, by mouth, twice a day, with meals, as needed"
    assert fields_of(
        entry, "dose_value", "dose_unit", "as_needed", "kind", "intent", "status", "reason_text"
    ) == (
        Decimal("1.0"),
        "tablet",
        True,
        "drug",
        "order",
        "active",
        "Pain",
    )
    assert entry.ends_at.year == 2021


@pytest.mark.parametrize(
    ("repeat", "says"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, "once a day"),
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, "3 times a day"),
        ({"frequency": 3, "frequencyMax": 4, "period": 1, "periodUnit": "d"}, "3 to 4 times a day"),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "every 8 hours"),
        ({"frequency": 2, "period": 3.0, "periodUnit": "wk"}, "twice every 3 weeks"),
        ({"frequency": 1, "period": 1, "periodUnit": "h"}, "once an hour"),
        (
            {"period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"], "timeOfDay": ["08:00:00"]},
            "once a week, on Monday, at 08:00",
        ),
        ({"when": ["HS"]}, "at bedtime"),
        ({}, ""),
    ],
)
def test_how_often(repeat, says):
    entry = entry_of(resource("MedicationRequest", dosageInstruction=[{"timing": {"repeat": repeat}}]))

    assert entry.dosage_text == says


def test_an_instructions_own_words_win_and_a_taper_is_words_only():
    two = [
        {"text": "20 mg for 5 days", "doseAndRate": [{"doseQuantity": {"value": 20}}]},
        {"text": "10 mg for 5 days"},
    ]
    entry = entry_of(resource("MedicationRequest", dosageInstruction=two))

    assert entry.dosage_text == "20 mg for 5 days; then 10 mg for 5 days"
    assert entry.dose_value is None


def test_an_order_not_to_take_never_reads_as_active():
    assert entry_of(resource("MedicationRequest", doNotPerform=True)).status == "do-not-perform"


def test_the_neighbours_of_a_prescription():
    said = entry_of(resource("MedicationStatement", effectivePeriod={"start": "2019", "end": "2999-12-31"}))
    handed = entry_of(
        resource("MedicationDispense", whenHandedOver="2020-01-02", performer=[{"actor": {"display": "Ph"}}])
    )
    gave = entry_of(
        resource(
            "MedicationAdministration",
            effectiveDateTime="2020-01-02",
            dosage={"dose": {"value": 5, "unit": "mL"}},
        )
    )

    assert (said.intent, said.ends_at, said.effective_precision) == ("statement", None, "year")
    assert (handed.intent, handed.author_name) == ("dispense", "Ph")
    assert (gave.intent, gave.dosage_text, gave.dose_value) == ("administration", "5 mL", Decimal(5))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "drug"),
        ({"category": {"text": "Dietary supplement"}}, "supplement"),
        ({"category": [{"coding": [{"code": "community"}]}]}, "drug"),
        ({"medicationCodeableConcept": concept("123", "Fish oil", "https://dsld.od.nih.gov")}, "supplement"),
    ],
)
def test_a_supplement_is_one_only_when_its_source_says_so(fields, kind):
    assert entry_of(resource("MedicationStatement", **fields)).kind == kind


def test_a_medication_may_be_contained_sent_along_or_named_by_its_display():
    tablet = {"resourceType": "Medication", "id": "med", "code": concept("1", "Iron 325 mg", RXNORM)}
    directory = Directory()
    learn(read(tablet), directory, "fhir")

    def named(reference, **options):
        return entry_of(
            resource(
                "MedicationRequest",
                medicationCodeableConcept=None,
                medicationReference=reference,
                **options.pop("fields", {}),
            ),
            **options,
        ).text

    assert named({"reference": "#med"}, fields={"contained": [tablet]}) == "Iron 325 mg"
    assert named({"reference": "Medication/med"}, directory=directory) == "Iron 325 mg"
    assert named({"reference": "Medication/absent", "display": "Zinc"}) == "Zinc"
    with pytest.raises(Refused, match="Medication/absent") as refusal:
        named({"reference": "Medication/absent"})
    assert refusal.value.reason == "unknown_medication"


def test_an_allergy():
    entry = entry_of(
        resource(
            "AllergyIntolerance",
            clinicalStatus={"coding": [{"code": "active"}]},
            category=["food", "medication"],
            criticality="high",
            reaction=[
                {"manifestation": [{"text": "Hives"}], "severity": "mild"},
                {"manifestation": [{"text": "Hives"}, {"text": "Anaphylaxis"}], "severity": "severe"},
            ],
        )
    )

    assert fields_of(entry, "category", "criticality", "severity", "reaction_text", "clinical_status") == (
        "food, medication",
        "high",
        "severe",
        "Hives; Anaphylaxis",
        "active",
    )
    by_substance = resource("AllergyIntolerance", code=None, reaction=[{"substance": {"text": "Latex"}}])
    assert entry_of(by_substance).text == "Latex"


def test_a_procedure_and_an_immunization():
    done = entry_of(
        resource(
            "Procedure", performedPeriod={"start": "2020-01-02T10:00:00Z", "end": "2020-01-02T11:00:00Z"}
        )
    )
    given = entry_of(
        resource("Immunization", occurrenceDateTime="2020-10", lotNumber="A1", status="not-done")
    )

    assert (done.effective_at.hour, done.ends_at.hour, done.status) == (10, 11, "completed")
    assert fields_of(given, "lot_number", "status", "effective_precision") == ("A1", "not-done", "month")
    assert mapped(resource("Immunization", occurrenceString="as a child")).warnings


def test_a_report_and_its_forms():
    pdf, text = (base64.b64encode(content).decode() for content in (b"%PDF", b"Findings"))
    made = mapped(
        resource(
            "DiagnosticReport",
            conclusion="All well",
            issued="2020-01-02T10:00:00Z",
            presentedForm=[
                {"contentType": "application/pdf", "data": pdf},
                {"contentType": "text/plain", "data": text},
            ],
        )
    )
    first, second = (row.entry for row in made.rows)

    assert fields_of(first, "kind", "content", "content_type", "conclusion") == (
        "report",
        b"%PDF",
        "application/pdf",
        "All well",
    )
    assert fields_of(second, "content", "conclusion") == (b"Findings", "")
    assert first.source_key != second.source_key


def test_a_clinical_note_in_plain_text_becomes_a_note_and_anything_else_a_document():
    note = base64.b64encode("Slept well. Übel".encode()).decode()
    clinical = [{"coding": [{"code": "clinical-note"}]}]
    text = [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": note}}]

    written = entry_of(resource("DocumentReference", category=clinical, content=text))
    plain = entry_of(resource("DocumentReference", content=text, description="A letter"))
    elsewhere = entry_of(
        resource(
            "DocumentReference",
            type=None,
            category=clinical,
            content=[{"attachment": {"url": "http://a.example/1.pdf", "title": "Scan"}}],
        )
    )

    assert (written.KIND, written.body, written.kind) == ("note", "Slept well. Übel", "clinical")
    assert (plain.KIND, plain.content, plain.conclusion) == (
        "document",
        b"Slept well. \xc3\x9cbel",
        "A letter",
    )
    assert (elsewhere.KIND, elsewhere.url, elsewhere.text) == ("document", "http://a.example/1.pdf", "Scan")


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [({"data": "%%%"}, "attachment"), ({"data": "A" * 200}, "too_large"), ({"data": 5}, "wrong_type")],
)
def test_an_attachment_that_cannot_be_read(attachment, reason):
    with pytest.raises(Refused) as refusal:
        mapped(
            resource("DocumentReference", content=[{"attachment": attachment}]),
            bounds=replace(DEFAULT_BOUNDS, attachment=100),
        )

    assert refusal.value.reason == reason


def test_names_come_from_practitioners_that_came_along():
    directory = Directory()
    npi = "http://hl7.org/fhir/sid/us-npi"
    doctor = {
        "resourceType": "Practitioner",
        "id": "9",
        "name": [{"family": "Fay", "given": ["Loren"], "prefix": ["Dr."]}],
    }
    learn(read(doctor | {"identifier": [{"system": npi, "value": "40"}]}), directory, "fhir")
    learn(read({"resourceType": "Organization", "id": "o", "name": "Cambridge Health"}), directory, "fhir")

    by_id = entry_of(resource("Condition", recorder={"reference": "Practitioner/9"}), directory=directory)
    by_npi = entry_of(
        resource("Condition", recorder={"reference": f"Practitioner?identifier={npi}|40"}),
        directory=directory,
    )
    place = entry_of(
        resource("Encounter", serviceProvider={"reference": "Organization/o"}), directory=directory
    )
    inside = entry_of(
        resource(
            "Condition",
            recorder={"reference": "#x"},
            contained=[{"resourceType": "Practitioner", "id": "x", "name": [{"text": "Dr. Inside"}]}],
        )
    )

    assert by_id.author_name == by_npi.author_name == "Dr. Loren Fay"
    assert place.place_name == "Cambridge Health"
    assert inside.author_name == "Dr. Inside"


def test_a_patient_may_be_meant_by_identifier():
    by_number = resource("Observation", subject={"reference": "Patient?identifier=http://a.example|42"})
    logical = resource(
        "Observation",
        subject={"type": "Patient", "identifier": {"system": "http://a.example", "value": "42"}},
    )
    directory = Directory()
    learn(
        read(
            {
                "resourceType": "Patient",
                "id": "p7",
                "identifier": [{"system": "http://a.example", "value": "42"}],
            }
        ),
        directory,
        "fhir",
    )

    for one in (by_number, logical):
        assert mapped(one).owner == ByIdentifier("Patient", "http://a.example", "42")
        assert mapped(one, directory=directory).owner == source_key("fhir", "Patient", "p7")


def test_an_encounter_elsewhere_is_left_out_with_a_warning():
    made = mapped(resource("Observation", encounter={"reference": "urn:oid:1.2.3"}))

    assert made.rows[0].encounter_key is None
    assert made.warnings == ("encounter leads to a visit that was not sent along",)
    assert not mapped(resource("MedicationStatement", context={"reference": "EpisodeOfCare/1"})).warnings


@pytest.mark.parametrize(
    ("kept", "has_patient"),
    [
        ({"resourceType": "Claim", "patient": {"reference": "Patient/p1"}}, True),
        ({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/p1"}}, True),
        ({"resourceType": "Task", "for": {"reference": "Patient/p1"}}, True),
        (
            {"resourceType": "Account", "subject": [{"reference": "Group/1"}, {"reference": "Patient/p1"}]},
            True,
        ),
        (
            {
                "resourceType": "Goal",
                "subject": {"reference": "urn:uuid:2d95f315-808c-4b67-836b-e56bdba9dd21"},
            },
            True,
        ),
        (
            {
                "resourceType": "Appointment",
                "participant": [
                    {"actor": {"reference": "Location/1"}},
                    {"actor": {"reference": "Patient/p1"}},
                ],
            },
            True,
        ),
        ({"resourceType": "Provenance", "target": [{"reference": "Patient/p1"}]}, True),
        ({"resourceType": "Provenance", "target": [{"reference": "Device/1"}]}, False),
        ({"resourceType": "Organization", "name": "x"}, False),
        ({"resourceType": "Flag", "subject": {"reference": "Practitioner/1"}}, False),
        ({"resourceType": "Questionnaire", "subjectType": ["Patient"]}, False),
        ({"resourceType": "Unheard", "anything": [1, {"a": None}]}, False),
    ],
)
def test_what_has_no_table_is_kept_with_its_patient_or_shared(kept, has_patient):
    made = mapped(kept | {"id": "k1"})

    assert made.rows == ()
    assert (made.owner is not None) == has_patient
