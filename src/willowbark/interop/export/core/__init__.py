"""From rows of the record to FHIR and to cells: values in, values out."""
