-- The table of cases: one row a review, times in microseconds, "exact" where the record gives an
-- instant. Redirected: accepted, and left the site without being handed over.
WITH scored AS (
  SELECT review.task, max_by(frailty.level, frailty.at_us * 10 + frailty.level) AS frailty
  FROM review
  JOIN same_person ON same_person.patient = review.patient
  JOIN frailty ON frailty.patient = same_person.record
  WHERE earliest_us(review.decided_at) IS NULL OR frailty.at_us <= earliest_us(review.decided_at)
  GROUP BY review.task
), grouped AS (
  SELECT review.task, review.encounter, review.patient, review.outcome, review.withdrawn,
    review.referral, review.departure, review.follow_up_visible,
    earliest_us(flagged_at) AS flagged_us, is_exact(flagged_at) AS flagged_exact,
    earliest_us(claimed_at) AS claimed_us, is_exact(claimed_at) AS claimed_exact,
    earliest_us(decided_at) AS decided_us, is_exact(decided_at) AS decided_exact,
    earliest_us(waiting_since) AS waiting_us, is_exact(waiting_since) AS waiting_exact,
    earliest_us(departed_at) AS departed_us, is_exact(departed_at) AS departed_exact,
    earliest_us(left_at) AS left_us,
    CASE WHEN is_exact(referred_at) THEN earliest_us(referred_at) END AS referred_us,
    deceased, deceased_at,
    CASE WHEN is_exact(decided_at) THEN london_hour(earliest_us(decided_at)) END AS hour,
    coalesce(outcome IN ('redirected', 'redirect-reversed'), false) AS accepted,
    CASE WHEN coalesce(outcome, '') <> 'redirected' OR departure = 'handed-over' THEN 'no'
      WHEN departure = 'still-here' THEN 'pending'
      WHEN departure <> 'left' OR NOT is_exact(left_at) THEN 'unknown'
      WHEN earliest_us(left_at) <= asked.as_at_us THEN 'yes'
      ELSE 'pending' END AS redirected,
    coalesce(site, 'not recorded') AS site,
    coalesce(service, 'not recorded') AS service,
    coalesce(reason, 'not recorded') AS reason,
    CASE WHEN scored.frailty IS NULL THEN 'not recorded' WHEN scored.frailty <= 3 THEN '1-3'
      WHEN scored.frailty = 4 THEN '4' WHEN scored.frailty <= 6 THEN '5-6' ELSE '7-9' END AS frailty,
    CASE WHEN deprivation BETWEEN 1 AND 2 THEN '1-2' WHEN deprivation BETWEEN 3 AND 4 THEN '3-4'
      WHEN deprivation BETWEEN 5 AND 6 THEN '5-6' WHEN deprivation BETWEEN 7 AND 8 THEN '7-8'
      WHEN deprivation BETWEEN 9 AND 10 THEN '9-10' ELSE 'not recorded' END AS deprivation,
    coalesce(ethnicity, 'not recorded') AS ethnicity,
    age_band(
      years_between(CAST(day_after(birth_date) - INTERVAL '1' DAY AS DATE), london_day(earliest_us(waiting_since))),
      years_between(first_day(birth_date), london_day(earliest_us(waiting_since)))) AS age
  FROM review
  CROSS JOIN asked
  LEFT JOIN scored ON scored.task = review.task
  WHERE (asked.period_from_us IS NULL OR coalesce(earliest_us(decided_at), earliest_us(flagged_at),
      earliest_us(waiting_since)) >= asked.period_from_us)
    AND (asked.period_to_us IS NULL OR coalesce(earliest_us(decided_at), earliest_us(flagged_at),
      earliest_us(waiting_since)) < asked.period_to_us)
)
SELECT grouped.*,
  CASE asked.by_group WHEN 'site' THEN site WHEN 'service' THEN service WHEN 'reason' THEN reason
    WHEN 'age' THEN age WHEN 'frailty' THEN frailty WHEN 'deprivation' THEN deprivation
    WHEN 'ethnicity' THEN ethnicity ELSE '' END AS part
FROM grouped CROSS JOIN asked
