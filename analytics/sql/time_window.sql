-- The windows of the definitions (clinical.outcomes.OutcomeSettings), by the names of their counts.
SELECT name, kind, CAST(hours AS BIGINT) * 3600000000 AS length_us
FROM (VALUES
  ('attendance-avoided-24h', 'attendance-avoided', 24),
  ('admission-avoided-72h', 'admission-avoided', 72),
  ('admission-avoided-7d', 'admission-avoided', 168),
  ('admission-avoided-30d', 'admission-avoided', 720),
  ('reattendance-72h', 'reattendance', 72),
  ('reattendance-7d', 'reattendance', 168),
  ('admission-7d', 'admission', 168),
  ('admission-30d', 'admission', 720),
  ('death-7d', 'death', 168),
  ('death-30d', 'death', 720),
  ('community-response-2h', 'community-response', 2)
) AS listed(name, kind, hours)
