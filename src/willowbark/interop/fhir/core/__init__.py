"""Reading FHIR and saying what it means: pure, files in and values out."""
