-- What came later of each patient who was redirected: their other attendances, emergency
-- admissions and community contacts, over all records of the same person.
SELECT outcome_case.task, contact.attendance, contact.admission,
  contact.community AND encounter_based_on.referral IS NOT NULL AS answers_referral,
  contact.face_to_face,
  earliest_us(contact.started) AS earliest_us, before_us(contact.started) AS before_us,
  is_exact(contact.started) AS exact
FROM outcome_case
JOIN same_person ON same_person.patient = outcome_case.patient
JOIN contact ON contact.patient = same_person.record AND contact.encounter <> outcome_case.encounter
LEFT JOIN (SELECT DISTINCT encounter, referral FROM encounter_based_on) encounter_based_on
  ON encounter_based_on.encounter = contact.encounter
  AND encounter_based_on.referral = outcome_case.referral
WHERE outcome_case.redirected = 'yes'
  AND (contact.attendance OR contact.admission OR contact.community)
UNION ALL
SELECT task, false, false, false, NULL,
  earliest_us(deceased_at), before_us(deceased_at), is_exact(deceased_at)
FROM outcome_case
WHERE redirected = 'yes' AND deceased_at IS NOT NULL
