"""From FHIR resources to entries of the record: pure, one small file a resource."""
