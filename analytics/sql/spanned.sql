-- How long each step took, over the cases in which both its ends are instants and in order. Of
-- ambulance time what is lost is what lies beyond 15 minutes.
WITH timed AS (
  SELECT task, name, from_us, to_us, lost,
    CASE WHEN from_exact AND to_exact AND to_us >= from_us THEN
      CASE WHEN name <> 'ambulance-time-lost' THEN to_us - from_us
        WHEN to_us - from_us > 900000000 THEN to_us - from_us - 900000000
        ELSE 0 END END AS took_us
  FROM step
)
SELECT
  outcome_case.part,
  timed.name, count(*) AS of_all, count(took_us) AS known,
  sum(CASE WHEN to_us IS NULL AND from_us IS NOT NULL AND NOT lost THEN 1 ELSE 0 END) AS pending,
  coalesce(sum(took_us), 0) AS total_us, median(took_us) AS median_us
FROM timed
JOIN outcome_case ON outcome_case.task = timed.task
GROUP BY outcome_case.part, timed.name
