-- Each Encounter as the wait that it may be, and how that ended.
WITH over AS (
  SELECT encounter, min_by(taken_over_at, earliest_us(taken_over_at)) AS taken_over_at
  FROM encounter_taken_over
  WHERE earliest_us(taken_over_at) IS NOT NULL
  GROUP BY encounter
)
SELECT encounter.encounter, encounter.started AS waiting_since,
  CASE WHEN status = 'arrived' THEN 'still-here'
    WHEN status IN ('in-progress', 'triaged', 'onleave') THEN 'handed-over'
    WHEN status IN ('finished', 'cancelled') AND was_taken_over THEN 'handed-over'
    WHEN status IN ('finished', 'cancelled') AND earliest_us(ended) IS NOT NULL THEN 'left'
    ELSE 'not-known' END AS departure,
  ended,
  coalesce(arrived_until, over.taken_over_at) AS handed_over_at,
  coalesce(encounter.organisation_name, organization.name,
    substr(encounter.organisation, 14)) AS site,
  CASE WHEN reason IS NOT NULL THEN reason WHEN has_reason THEN 'in words only' END AS reason
FROM encounter
LEFT JOIN over ON over.encounter = encounter.encounter
LEFT JOIN organization ON organization.organisation = encounter.organisation
