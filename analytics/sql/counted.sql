-- Each named count, over everybody or for each group: yes, of (everybody asked about), pending and
-- unknown, neither of which is ever a yes or a no.
SELECT
  outcome_case.part,
  verdict.name,
  sum(CASE WHEN verdict = 'yes' THEN 1 ELSE 0 END) AS yes,
  count(*) AS of_all,
  sum(CASE WHEN verdict = 'pending' THEN 1 ELSE 0 END) AS pending,
  sum(CASE WHEN verdict = 'unknown' THEN 1 ELSE 0 END) AS not_known
FROM verdict
JOIN outcome_case ON outcome_case.task = verdict.task
GROUP BY outcome_case.part, verdict.name
