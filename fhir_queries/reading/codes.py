"""Codes that decide where an entry is shown and what it means. DOMAIN's sources, as data.

Each of the SNOMED CT codes passes its check digit; "unverified" marks those whose meaning was not
read in a published source.
"""

from __future__ import annotations

LOCAL = "https://handover-viewer.example/fhir"

ALL_ALLERGIES_DENIED = frozenset({"716186003", "no-known-allergies"})
"""SNOMED CT "no known allergy"; International Patient Summary ``no-known-allergies``."""

SOME_ALLERGIES_DENIED = frozenset(
    {
        "409137002",
        "428607008",
        "429625007",
        "428197003",
        "no-known-medication-allergies",
        "no-known-environmental-allergies",
        "no-known-food-allergies",
    }
)
"""No known drug, environmental, food or insect allergy: says nothing of the other kinds."""

ABSENT = {
    "AllergyIntolerance": ALL_ALLERGIES_DENIED,
    "Condition": frozenset({"160245001", "no-known-problems"}),
    "MedicationStatement": frozenset({"no-known-medications"}),
    "MedicationRequest": frozenset({"no-known-medications"}),
    "Procedure": frozenset({"no-known-procedures"}),
    "Immunization": frozenset({"no-known-immunizations"}),
    "Device": frozenset({"no-known-devices"}),
}
"""Codes by which a resource states that there are none of its kind. "No information" codes
(``no-allergy-info`` and kin) are left out on purpose: they say nothing. 160245001 "no current
problems or disability" is unverified."""

NO_INFORMATION = frozenset(
    {
        "no-allergy-info",
        "no-problem-info",
        "no-medication-info",
        "no-procedure-info",
        "no-immunization-info",
        "no-device-info",
    }
)

CLINICAL_FRAILTY_LEVELS = {
    "1129331000000101": 1,
    "1129341000000105": 2,
    "1129351000000108": 3,
    "1129361000000106": 4,
    "1129371000000104": 5,
    "1129381000000102": 6,
    "1129391000000100": 7,
    "1129401000000102": 8,
    "1129411000000100": 9,
}
CLINICAL_FRAILTY_SCORES = frozenset({"1129321000000103", "445414007"})
"""Codes of the Clinical Frailty Scale as a score with a number (unverified but for the digit)."""

CPR = frozenset(
    {
        "450476008",
        "450475007",
        "304253006",
        "304252001",
        "304251008",
        "143021000119109",
        "1107891000000106",
    }
)
"""CPR decisions and "has a ReSPECT form"."""

PLAN_DOCUMENTS = frozenset(
    {
        "1382601000000107",
        "736253002",
        "887701000000100",
        "861421000000109",
        "736373009",
        "736366004",
        "325691000000100",
    }
)
"""Types of a document that is a plan: the National Record Locator's pointer types."""

NEWS2_TOTAL = "1104051000000101"
NEWS2_POINTS = {
    "1104301000000104": "respiration",
    "1104311000000102": "spo2",
    "1104321000000108": "spo2",
    "1104331000000105": "oxygen",
    "1104341000000101": "systolic",
    "1104351000000103": "pulse",
    "1104361000000100": "consciousness",
    "1104371000000107": "temperature",
}
"""Sub-scores of NEWS2, by the parameter they are the points of."""
NEWS2_SCALE_2 = "1104321000000108"

VITAL_SIGNS = {
    "86290005": "respiration",
    "9279-1": "respiration",
    "431314004": "spo2",
    "103228002": "spo2",
    "2708-6": "spo2",
    "59408-5": "spo2",
    "72313002": "systolic",
    "271649006": "systolic",
    "8480-6": "systolic",
    "364075005": "pulse",
    "78564009": "pulse",
    "8867-4": "pulse",
    "276885007": "temperature",
    "386725007": "temperature",
    "8310-5": "temperature",
    "1104441000000107": "consciousness",
    "1104331000000105": "oxygen",
}
"""Raw vital signs by SNOMED CT and LOINC code, as the parameter of NEWS2 that they are.
271649006 and 386725007 (the international parents) are unverified."""

ACVPU = {
    "248234008": "A",
    "130987000": "C",
    "300202002": "V",
    "450847001": "P",
    "422768004": "U",
}
ROOM_AIR = "722742002"
ON_OXYGEN = "371825009"
INHALED_OXYGEN = frozenset({"3150-6", "3151-8", "19994-3", "371825009", "722742002"})
"""Observations of inhaled oxygen: LOINC concentration and flow (unverified)."""
