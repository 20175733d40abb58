"""Code systems by their FHIR names."""

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
CVX = "http://hl7.org/fhir/sid/cvx"
ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
CPT = "http://www.ama-assn.org/go/cpt"
UCUM = "http://unitsofmeasure.org"
DSLD = "https://dsld.od.nih.gov"
SSN = "http://hl7.org/fhir/sid/us-ssn"

ENTERED_IN_ERROR = "entered-in-error"

#: Why an entry that its source has withdrawn does not hold.
WITHDRAWN = "Entered in error, as its source says"
