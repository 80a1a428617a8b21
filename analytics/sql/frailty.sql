-- Scores of the Clinical Frailty Scale as levels, each with the first instant that it may be of.
WITH level(code, level) AS (
  VALUES ('1129331000000101', 1), ('1129341000000105', 2), ('1129351000000108', 3),
    ('1129361000000106', 4), ('1129371000000104', 5), ('1129381000000102', 6),
    ('1129391000000100', 7), ('1129401000000102', 8), ('1129411000000100', 9)
), scored AS (
  SELECT observation_frailty.patient,
    earliest_us(coalesce(effective_at, effective_start)) AS at_us,
    coalesce(own.level, valued.level,
      CASE WHEN TRY_CAST(score_quantity AS DOUBLE) IN (1, 2, 3, 4, 5, 6, 7, 8, 9)
        THEN CAST(TRY_CAST(score_quantity AS DOUBLE) AS INT) END,
      CASE WHEN score BETWEEN 1 AND 9 THEN score END) AS level
  FROM observation_frailty
  LEFT JOIN level own ON own.code = observation_frailty.level_code
  LEFT JOIN level valued ON valued.code = observation_frailty.level_value
)
SELECT patient, at_us, level FROM scored WHERE level IS NOT NULL AND at_us IS NOT NULL
