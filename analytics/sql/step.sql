-- Each step of each case: from when to when, and whether its end is lost.
SELECT task, 'flag-to-claim' AS name, flagged_us AS from_us, flagged_exact AS from_exact,
  claimed_us AS to_us, claimed_exact AS to_exact, false AS lost
FROM outcome_case WHERE claimed_us IS NOT NULL OR (outcome IS NULL AND NOT withdrawn)
UNION ALL
SELECT task, 'claim-to-decision', claimed_us, claimed_exact, decided_us, decided_exact, false
FROM outcome_case WHERE claimed_us IS NOT NULL AND NOT withdrawn
UNION ALL
SELECT task, 'decision-to-departure', decided_us, decided_exact, departed_us, departed_exact,
  departure = 'not-known'
FROM outcome_case WHERE accepted
UNION ALL
SELECT task, 'ambulance-time-lost', waiting_us, waiting_exact,
  CASE WHEN departure = 'still-here' THEN asked.as_at_us
    WHEN departed_us > asked.as_at_us THEN asked.as_at_us ELSE departed_us END,
  departure = 'still-here' OR departed_exact, true
FROM outcome_case CROSS JOIN asked
