"""Take a patient, or the whole practice, out: as FHIR, as files and as tables."""
