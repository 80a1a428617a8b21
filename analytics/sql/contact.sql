-- Each Encounter as what it is to somebody's other waits.
SELECT encounter, patient, started,
  coalesce(class = 'EMER' AND status IN ('arrived', 'triaged', 'in-progress', 'onleave', 'finished'),
    false) AS attendance,
  coalesce(class IN ('IMP', 'ACUTE', 'NONAC')
    AND status IN ('arrived', 'triaged', 'in-progress', 'onleave', 'finished')
    AND CASE WHEN has_admission_method THEN emergency_method
      ELSE admitted_from IS NULL OR admitted_from = 'emd' END, false) AS admission,
  coalesce(class IN ('HH', 'VR') AND status IN ('arrived', 'in-progress', 'finished'),
    false) AS community,
  coalesce(class = 'HH', false) AS face_to_face
FROM encounter
