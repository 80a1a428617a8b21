-- For each patient redirected and each window: whether what it waits for can lie within it (a time
-- that is only partly known counts when any part of it can, one that isn't recorded always), and
-- what else the definitions ask.
SELECT outcome_case.task, time_window.name, time_window.kind,
  time_window.length_us + CASE WHEN time_window.kind = 'community-response'
    THEN outcome_case.referred_us ELSE outcome_case.left_us END AS end_us,
  max(CASE WHEN (CASE time_window.kind
        WHEN 'attendance-avoided' THEN event.attendance
        WHEN 'reattendance' THEN event.attendance
        WHEN 'admission-avoided' THEN event.admission
        WHEN 'admission' THEN event.admission
        WHEN 'death' THEN event.face_to_face IS NULL AND event.earliest_us IS NOT NULL
        ELSE event.answers_referral AND event.face_to_face END)
      AND (event.earliest_us IS NULL
        OR (event.earliest_us <= asked.as_at_us
          AND event.earliest_us <= time_window.length_us
            + CASE WHEN time_window.kind = 'community-response'
              THEN outcome_case.referred_us ELSE outcome_case.left_us END
          AND CASE WHEN event.exact
            THEN event.earliest_us >= CASE WHEN time_window.kind = 'community-response'
              THEN outcome_case.referred_us ELSE outcome_case.left_us END
            ELSE event.before_us > CASE WHEN time_window.kind = 'community-response'
              THEN outcome_case.referred_us ELSE outcome_case.left_us END END))
    THEN 1 ELSE 0 END) AS can_lie,
  max(CASE WHEN event.answers_referral AND event.face_to_face
      AND event.earliest_us >= outcome_case.referred_us
      AND event.before_us <= outcome_case.referred_us + time_window.length_us
      AND event.before_us <= asked.as_at_us THEN 1 ELSE 0 END) AS visited,
  max(CASE WHEN event.answers_referral THEN 1 ELSE 0 END) AS contacted
FROM outcome_case
CROSS JOIN asked
CROSS JOIN time_window
LEFT JOIN event ON event.task = outcome_case.task
WHERE outcome_case.redirected = 'yes'
GROUP BY outcome_case.task, time_window.name, time_window.kind, time_window.length_us,
  outcome_case.referred_us, outcome_case.left_us
