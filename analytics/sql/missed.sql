-- Would-be redirects refused for want of room, by what was needed, where and in which hour.
SELECT reason, service, hour, count(*) AS missed
FROM outcome_case
WHERE outcome = 'no-capacity'
GROUP BY reason, service, hour
