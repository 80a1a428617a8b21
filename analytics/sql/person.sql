-- What is known of each patient of a review over all records of the same person. Somebody very
-- restricted, or without a valid number, can be followed only through a linked record that has one.
SELECT same_person.patient,
  max(CASE WHEN same_person.record = same_person.patient AND person_number.number IS NOT NULL
      AND NOT held.very_restricted THEN 1
    WHEN patient_link.other IS NOT NULL AND person_number.number IS NOT NULL THEN 1
    ELSE 0 END) * max(CASE WHEN same_person.record = same_person.patient
      AND held.patient IS NOT NULL THEN 1 ELSE 0 END) = 1 AS follow_up_visible,
  max(CASE WHEN coalesce(held.deceased, false) OR held.deceased_at IS NOT NULL THEN 1 ELSE 0 END)
    = 1 AS deceased,
  min_by(held.deceased_at, held.patient)
    FILTER (WHERE earliest_us(held.deceased_at) IS NOT NULL) AS deceased_at
FROM same_person
LEFT JOIN patient held ON held.patient = same_person.record
LEFT JOIN (SELECT patient, min(number) AS number FROM person_number GROUP BY patient) person_number
  ON person_number.patient = same_person.record
LEFT JOIN (SELECT DISTINCT patient, other FROM patient_link) patient_link
  ON patient_link.patient = same_person.patient AND patient_link.other = same_person.record
GROUP BY same_person.patient
