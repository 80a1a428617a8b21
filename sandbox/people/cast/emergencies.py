"""Those who need the emergency department: stroke, sepsis, the child, the pregnancy."""

from __future__ import annotations

from sandbox.people.cast.member import Call, Member, identity, number_of, phone
from sandbox.people.early_warning import Vitals
from sandbox.people.entries import (
    Admission,
    Alert,
    Allergy,
    Attendance,
    Caseload,
    Contact,
    Document,
    Frailty,
    Immunised,
    Measures,
    Medicine,
    NoKnownAllergies,
    Operation,
    Plan,
    Problem,
    Relative,
    Report,
    Social,
    series,
)
from sandbox.people.person import Birth, Person

YEAR = 365.25

_STROKE = Member(
    number=2,
    path="clear not: FAST positive",
    person=Person(
        id=identity(2), family="Goldfinch-Amari", given=("Leonard",), title="Mr", gender="male",
        birth=Birth(71, 1, 30), nhs=number_of(2), practice="practice-3",
        address=("8 Reedmace Road", "Heronsgate", "FS2 1LL"), phone=phone(111),
        ethnicity="H", decile=6,
    ),
    call=Call("Sudden weakness of the right arm and slurred speech", "stroke"),
    minutes=4, place="bay",
    vitals=(
        Vitals(minutes=18, respiration=18, spo2=96, oxygen=False, systolic=186, diastolic=98,
               pulse=88, acvpu="A", temperature=36.7, glucose=7.9, coma=14),
    ),
    said=(
        ("FAST (face, arms, speech, time)", "POSITIVE: right facial droop, right arm drifts, "
         "speech slurred."),
        ("Onset", "Seen by his wife, 65 minutes before arrival."),
        ("Pre-alert", "Stroke team alerted."),
    ),
    history=(
        Problem("Type 2 diabetes mellitus", "44054006", 12 * YEAR),
        Problem("Hypertensive disorder", "38341003", 15 * YEAR),
        NoKnownAllergies(90),
        Medicine("Metformin 500mg tablets", "Two tablets twice a day with meals", 12 * YEAR),
        Medicine("Losartan 50mg tablets", "One tablet a day", 6 * YEAR),
        series("hba1c", 61, 68, 6), series("egfr", 80, 71, 6),
        Measures("bp", ((500, (158, 92)), (210, (162, 94)), (90, (156, 90)))),
        Social("Tobacco", "Ex-smoker", 90, code="8517006"),
        Social("Lives with", "Lives with wife"),
        Relative("Goldfinch-Amari", "Nalini", "Wife", "WIFE", phone(112)),
        Contact("Diabetic foot and eye review", 210, "AMB", "gp", 30),
        Immunised("Influenza vaccine", 50),
    ),
)  # fmt: skip

_SEPSIS = Member(
    number=3,
    path="clear not: NEWS2 9, suspected sepsis",
    person=Person(
        id=identity(3), family="Sandpiper", given=("Margaret", "Rose"), title="Ms",
        gender="female", birth=Birth(68, 5, 9), nhs=number_of(3), practice="practice-5",
        address=("30 Bittern Way", "Marshgate", "FS3 3PP"), phone=phone(113),
        ethnicity="A", decile=1,
    ),
    call=Call("Unwell two days, fever, shivering, drowsy", "infection"),
    minutes=9, place="vehicle and bay", site=2,
    vitals=(
        # 2 + 2 + 0 + 1 + 2 + 0 + 2: respiration, saturation, air, pressure, pulse, alert, heat
        Vitals(minutes=25, respiration=24, spo2=92, oxygen=False, systolic=104, diastolic=58,
               pulse=124, acvpu="A", temperature=39.4, glucose=8.1, coma=15),
    ),
    said=(
        ("Skin", "Mottled to the knees, capillary refill 4 seconds."),
        ("Sepsis screen", "Red flag: mottled skin; no urine passed today."),
        ("Given by the crew", "Sodium chloride 0.9 % 250 ml by vein."),
    ),
    history=(
        Problem("Rheumatoid arthritis", "69896004", 16 * YEAR),
        Problem("Recurrent urinary tract infection", "", 3 * YEAR),
        Medicine("Methotrexate 2.5mg tablets", "Six tablets once a week, on Mondays", 10 * YEAR,
                 by="acute", note="Immunosuppressed."),
        Medicine("Prednisolone 5mg tablets", "One tablet a day", 3 * YEAR,
                 note="Steroid emergency card held."),
        Medicine("Folic acid 5mg tablets", "One tablet once a week, on Fridays", 10 * YEAR),
        Allergy("Trimethoprim", "387170002", 5 * YEAR, reaction="Anaphylaxis", severity="severe",
                criticality="high"),
        Alert("Immunosuppressed: low threshold for sepsis", 900, "acute"),
        Admission("Urosepsis", 1.4 * YEAR, 7), Attendance("Fever, urinary symptoms", 260),
        series("white-cells", 5.1, 4.0, 7), series("crp", 9, 22, 7), series("egfr", 66, 60, 5),
        Social("Lives with", "Lives alone"), Frailty(4, 300),
        Document("Rheumatology clinic", "Stable on methotrexate 15 mg weekly and prednisolone 5 "
                 "mg.\nBloods monthly. Seek help early in any fever.", 120),
    ),
)  # fmt: skip

_CHILD = Member(
    number=17,
    path="a child of nine: none of the adult rules apply, no NEWS2",
    person=Person(
        id=identity(17), family="Lapwing", given=("Otis",), gender="male", birth=Birth(9, 6, 18),
        nhs=number_of(17), practice="practice-4",
        address=("4 Clover Rise", "Northmoor", "FS4 2BB"), phone=phone(131),
        ethnicity="D", decile=5,
    ),
    call=Call("Wheezy since the night, blue inhaler not helping", "breathless"),
    minutes=6, place="bay", site=2,
    vitals=(
        Vitals(minutes=15, respiration=34, spo2=93, oxygen=False, pulse=138, acvpu="A",
               temperature=37.4, scored=False),
    ),
    said=(
        ("Speech", "Short sentences. Using the muscles of his neck to breathe."),
        ("Given by the crew", "Salbutamol 5 mg nebulised, ipratropium 250 micrograms."),
        ("With him", "His mother."),
    ),
    history=(
        Problem("Asthma", "195967001", 4 * YEAR),
        Allergy("Peanut", "", 5 * YEAR, about="food", reaction="Lip swelling and wheeze",
                severity="severe", criticality="high"),
        Medicine("Salbutamol 100micrograms/dose inhaler", "Two puffs when wheezy, with spacer",
                 4 * YEAR, as_needed=True),
        Medicine("Clenil Modulite 50micrograms/dose inhaler", "Two puffs twice a day", 3 * YEAR),
        Admission("Acute exacerbation of asthma", 300, 2, specialty="Paediatrics"),
        Attendance("Wheeze", 95, 240), Immunised("Influenza vaccine, live nasal", 30),
        Plan("Personal asthma action plan", 95, "gp", ("Blue inhaler ten puffs, then call 999",)),
        Relative("Lapwing", "Sorrel", "Mother", "MTH", phone(132), note="Parental responsibility"),
        Alert("Known to children's social care: family support plan", 150, "org-council", "SG"),
        Measures("weight", ((700, 24.1), (300, 27.8), (95, 29.3))),
    ),
)  # fmt: skip

_PREGNANT = Member(
    number=18,
    path="pregnancy: NEWS2 not valid, a red flag",
    person=Person(
        id=identity(18), family="Honeysuckle", given=("Amara",), title="Mrs", gender="female",
        birth=Birth(31, 9, 12), nhs=number_of(18), practice="practice-6",
        address=("19 Marsh Lane", "Marshgate", "FS3 9RA"), phone=phone(133),
        ethnicity="N", decile=3,
    ),
    call=Call("32 weeks pregnant, headache and swelling of the hands", "other", "77386006"),
    minutes=16, place="vehicle",
    vitals=(
        Vitals(minutes=20, respiration=18, spo2=98, oxygen=False, systolic=164, diastolic=106,
               pulse=96, acvpu="A", temperature=36.9, scored=False),
    ),
    said=(("Urine", "Protein ++ on the strip."), ("Fetal movements", "Felt this morning.")),
    history=(
        Problem("Pregnant", "77386006", 32 * 7, "community", note="Estimated date of delivery in "
                "eight weeks. Second pregnancy."),
        Problem("Pre-eclampsia in previous pregnancy", "", 3 * YEAR, "acute", "resolved"),
        NoKnownAllergies(180, "community"),
        Medicine("Aspirin 75mg dispersible tablets", "Two tablets at night until 36 weeks", 140),
        Medicine("Labetalol 100mg tablets", "One tablet twice a day", 12, by="acute"),
        Operation("Caesarean section", "11466000", 3 * YEAR),
        Caseload("Community midwifery", 150),
        Contact("Antenatal visit", 12, "AMB"), Contact("Antenatal visit", 40, "AMB"),
        Measures("bp", ((150, (118, 70)), (40, (138, 86)), (12, (146, 92))), "community"),
        series("haemoglobin", 118, 109, 4, until=12),
        Report("Ultrasound of fetus", 30, "Growth on the 20th centile, liquor normal.", "RUS"),
        Social("Lives with", "Lives with husband and a son of three"),
        Relative("Honeysuckle", "Tobias", "Husband", "HUSB", phone(134)),
    ),
)  # fmt: skip

MEMBERS = (_STROKE, _SEPSIS, _CHILD, _PREGNANT)
