-- For each patient of a review, every record of the same person, their own too: by NHS number, and
-- by Patient.link either way.
WITH reviewed AS (SELECT DISTINCT patient FROM task_review WHERE patient IS NOT NULL)
SELECT patient, patient AS record FROM reviewed
UNION
SELECT reviewed.patient, patient_link.other
FROM reviewed JOIN patient_link ON patient_link.patient = reviewed.patient
WHERE patient_link.other IS NOT NULL
UNION
SELECT reviewed.patient, patient_link.patient
FROM reviewed JOIN patient_link ON patient_link.other = reviewed.patient
UNION
SELECT reviewed.patient, others.patient
FROM reviewed
JOIN person_number own ON own.patient = reviewed.patient
JOIN person_number others ON others.number = own.number
