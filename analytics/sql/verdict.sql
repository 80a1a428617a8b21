-- What each count says of each case that it asks about: yes, no, pending (its time isn't over, or
-- they are still here) or unknown (the record can't show it).
SELECT task, 'flagged' AS name, CASE WHEN flagged_us IS NOT NULL THEN 'yes' ELSE 'no' END AS verdict
FROM outcome_case
UNION ALL
SELECT task, 'decided', CASE WHEN outcome IS NOT NULL THEN 'yes' ELSE 'no' END FROM outcome_case
UNION ALL
SELECT outcome_case.task, decision.name,
  CASE WHEN outcome_case.outcome = decision.name THEN 'yes' ELSE 'no' END
FROM outcome_case
CROSS JOIN (VALUES ('not-suitable'), ('patient-declined'), ('no-capacity'), ('deferred'),
  ('handed-over-first')) AS decision(name)
WHERE outcome_case.outcome IS NOT NULL
UNION ALL
SELECT task, 'withdrawn', CASE WHEN withdrawn THEN 'yes' ELSE 'no' END FROM outcome_case
UNION ALL
SELECT task, 'accepted', CASE WHEN accepted THEN 'yes' ELSE 'no' END
FROM outcome_case WHERE outcome IS NOT NULL
UNION ALL
SELECT task, 'redirected', redirected FROM outcome_case WHERE accepted
UNION ALL
SELECT task, 'redirect-reversed',
  CASE WHEN outcome = 'redirect-reversed' OR departure = 'handed-over' THEN 'yes'
    WHEN redirected = 'yes' THEN 'no'
    ELSE redirected END
FROM outcome_case WHERE accepted
UNION ALL
SELECT followed.task, followed.name,
  CASE WHEN kind = 'community-response' THEN
      CASE WHEN referred_us IS NULL THEN 'unknown'
        WHEN visited = 1 THEN 'yes'
        WHEN as_at_us <= end_us THEN 'pending'
        WHEN contacted = 0 OR can_lie = 1 THEN 'unknown'
        ELSE 'no' END
    WHEN can_lie = 1 THEN CASE WHEN kind LIKE '%-avoided' THEN 'no' ELSE 'yes' END
    WHEN kind = 'death' AND deceased AND earliest_us(deceased_at) IS NULL THEN 'unknown'
    WHEN NOT follow_up_visible THEN 'unknown'
    WHEN as_at_us <= end_us THEN 'pending'
    ELSE CASE WHEN kind LIKE '%-avoided' THEN 'yes' ELSE 'no' END END
FROM followed
JOIN outcome_case ON outcome_case.task = followed.task
CROSS JOIN asked
