-- The NHS numbers by which people are joined: those whose check digit holds.
SELECT DISTINCT patient, nhs_digits(value) AS number
FROM patient_identifier
WHERE lower(system) = 'https://fhir.nhs.uk/id/nhs-number'
  AND (use IS NULL OR use <> 'old')
  AND check_digit_holds(nhs_digits(value))
