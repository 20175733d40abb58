"""FHIR R4: what other systems say about a patient, read into the record."""
