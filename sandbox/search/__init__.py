"""Search as FHIR R4 defines it (http://hl7.org/fhir/R4/search.html)."""
