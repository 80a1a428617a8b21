-- Each review with its wait, its referral and who it is about; times still as the record says them.
WITH review AS (
  SELECT task_review.*,
    coalesce(encounter, focus, CASE WHEN wait_id IS NOT NULL THEN concat('Encounter/', wait_id) END)
      AS wait_key,
    CASE WHEN business IN ('redirected', 'not-suitable', 'patient-declined', 'no-capacity',
      'deferred', 'handed-over-first', 'redirect-reversed') THEN business END AS outcome,
    coalesce((status = 'cancelled' AND business IS NULL)
      OR (status IN ('completed', 'rejected', 'cancelled', 'failed') AND business = 'withdrawn'),
      false) AS withdrawn
  FROM task_review
)
SELECT review.task, review.wait_key AS encounter, review.patient, review.outcome, review.withdrawn,
  review.referral, review.flagged_at, review.claimed_at, review.decided_at,
  wait.waiting_since, coalesce(wait.departure, 'not-known') AS departure,
  CASE WHEN wait.departure = 'left' THEN wait.ended END AS left_at,
  CASE WHEN wait.departure = 'left' THEN wait.ended
    WHEN wait.departure = 'handed-over' THEN wait.handed_over_at END AS departed_at,
  service_request.referred_at,
  coalesce(service_request.service, review.service, substr(review.service_key, 19)) AS service,
  wait.site, wait.reason,
  coalesce(person.follow_up_visible, false) AS follow_up_visible,
  coalesce(person.deceased, false) AS deceased, person.deceased_at,
  patient.birth_date, patient.deprivation,
  CASE WHEN patient.ethnicity <> 'Z' THEN patient.ethnicity END AS ethnicity
FROM review
LEFT JOIN wait ON wait.encounter = review.wait_key
LEFT JOIN service_request ON service_request.referral = review.referral
LEFT JOIN person ON person.patient = review.patient
LEFT JOIN patient ON patient.patient = review.patient
