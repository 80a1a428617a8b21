"""Those whom community care is for: frailty, confusion, end of life, catheter, hypo, carer."""

# ruff: noqa: E501 (tables of entries: a break would hide which line belongs to which)
from __future__ import annotations

from sandbox.people.cast.member import Call, Member, identity, number_of, phone
from sandbox.people.early_warning import Vitals
from sandbox.people.entries import (
    Admission,
    Alert,
    Allergy,
    Assessment,
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
    Referral,
    Relative,
    Resuscitation,
    Social,
    Team,
    series,
)
from sandbox.people.person import Birth, Person

YEAR = 365.25

_UNKNOWN = Member(
    number=6,
    path="unknowns: no observations at all, no frailty score, no allergy recorded either way",
    person=Person(
        id=identity(6), family="Hawthornley", given=("Ernest",), title="Mr", gender="male",
        birth=Birth(76, 4, 4), nhs=number_of(6), practice="practice-6",
        address=("Rose Farm", "Marsh End", "FS3 8XX"), phone=phone(121),
    ),
    call=Call("Not coping at home", "reduced-mobility"),
    minutes=61, place="vehicle",
    history=(
        Problem("Hearing loss", "", 10 * YEAR, precision="year"),
        Medicine("Omeprazole 20mg capsules", "One capsule a day", 3 * YEAR),
        Contact("Ear syringing", 500, "AMB", "gp", 15),
    ),
)  # fmt: skip

_DELIRIUM = Member(
    number=19,
    path="delirium: NEWS2 3, all of it for new confusion (a reason for community response)",
    person=Person(
        id=identity(19), family="Fieldfare", given=("Constance",), title="Miss", gender="female",
        birth=Birth(84, 2, 27), nhs=number_of(19), practice="practice-3",
        address=("Willow Grange Care Home", "Heronsgate", "FS2 6WG"), phone=phone(135),
        ethnicity="A", decile=7,
    ),
    call=Call("More confused than usual since yesterday, not eating", "confusion"),
    minutes=52, place="bay", site=2,
    vitals=(
        Vitals(minutes=22, respiration=19, spo2=96, oxygen=False, systolic=128, diastolic=70,
               pulse=86, acvpu="C", temperature=37.3, glucose=6.1, coma=14),
    ),
    said=(
        ("Collateral history", "Care home staff: at baseline knows them by name; today does not."),
        ("Urine and bowels", "Passing urine; bowels not open for five days."),
        ("Intake", "Two cups of tea since yesterday."),
    ),
    history=(
        Problem("Alzheimer's disease", "26929004", 4 * YEAR),
        Problem("Delirium", "2776000", 1.1 * YEAR, "acute", "resolved", ended=1.05 * YEAR),
        Problem("Constipation", "14760008", 2 * YEAR),
        NoKnownAllergies(340),
        Medicine("Donepezil 10mg tablets", "One tablet at night", 3 * YEAR),
        Medicine("Senna 7.5mg tablets", "Two tablets at night", 2 * YEAR),
        Medicine("Codeine 15mg tablets", "One up to four times a day", 11, as_needed=True,
                 note="New: back pain."),
        Frailty(7, 75, "community"),
        Caseload("Care home support team", 400),
        Contact("Weekly care home round", 5), Contact("Weekly care home round", 12),
        Admission("Delirium, constipation", 1.1 * YEAR, 6),
        Resuscitation(False, 210, respect="Priority: comfort and staying in familiar surroundings.\n"
                      "Would go to hospital for a broken bone or if in distress that can't be "
                      "helped here.\nNot for attempted CPR.\nDiscussed with niece, who agrees."),
        Plan("Advance care plan", 210, "community", ("Treat infections in the home with tablets",)),
        Assessment("4AT", 75, (("Alertness", "0"), ("AMT4", "2"), ("Total", "2"))),
        Relative("Fieldfare", "Jessamy", "Niece", "NIECE", phone(136), note="Next of kin"),
        series("sodium", 138, 134, 5), series("weight", 54, 49.8, 6),
        Immunised("Influenza vaccine", 46), Immunised("COVID-19 mRNA vaccine", 46),
    ),
)  # fmt: skip

_PALLIATIVE = Member(
    number=20,
    path="end of life with a ReSPECT form; review already asked for",
    person=Person(
        id=identity(20), family="Nightjarrow", given=("Raymond", "Paul"), title="Mr",
        gender="male", birth=Birth(66, 10, 3), nhs=number_of(20), practice="practice-5",
        address=("5 Teal Terrace", "Marshgate", "FS3 4DL"), phone=phone(137),
        ethnicity="A", decile=2,
    ),
    call=Call("Pain no longer held at home, cancer of the lung", "palliative"),
    minutes=74, place="vehicle", review="requested",
    vitals=(
        Vitals(minutes=35, respiration=22, spo2=95, oxygen=False, systolic=112, diastolic=66,
               pulse=98, acvpu="A", temperature=36.6, pain=8, coma=15),
    ),
    said=(("Wishes", "Does not want to stay in hospital; wants the pain under control."),),
    history=(
        Problem("Non-small cell lung cancer", "254637007", 1.3 * YEAR, "acute",
                note="Metastases in the spine and liver. No further chemotherapy."),
        Problem("Palliative care", "", 60, note="On the practice's palliative care register."),
        Allergy("Co-danthramer", "", 40, reaction="Rash", severity="mild"),
        Medicine("Morphine 30mg modified-release capsules", "One capsule every 12 hours", 21),
        Medicine("Oramorph 10mg/5ml oral solution", "5 ml up to hourly for pain", 21,
                 as_needed=True),
        Medicine("Dexamethasone 2mg tablets", "Two tablets in the morning", 21, "practice-5",
                 note="Steroid emergency card held."),
        Medicine("Just-in-case medicines: morphine, midazolam, haloperidol, glycopyrronium",
                 "By injection, by the community nurse, see chart", 20, "org-hospice",
                 as_needed=True),
        Frailty(8, 20, "org-hospice", as_number=True),
        Caseload("Hospice community team", 58, "org-hospice"),
        Caseload("District nursing", 45),
        Contact("Hospice nurse visit", 3, by="org-hospice"), Contact("Hospice nurse call", 1, "VR",
                                                                    "org-hospice", 15),
        Resuscitation(False, 55, "org-hospice", "Priority: comfort over prolonging life.\n"
                      "Recommended: symptom control at home or in the hospice.\n"
                      "Hospital only for what can't be managed there, such as a fracture or cord "
                      "compression.\nNot for attempted CPR. Has capacity; agrees."),
        Plan("End of life care coordination", 55, "org-hospice",
             ("Preferred place of death: home", "Hospice advice line day and night"),
             kind="End of life"),
        Relative("Nightjarrow", "Bryony", "Wife", "WIFE", phone(138)),
        Document("Oncology clinic: no further treatment", "Progressive disease on CT.\nStopped "
                 "chemotherapy. Spine metastases at T8 and L2, no cord signs.\nReferred to Larkrise "
                 "Hospice.", 62, as_pdf=True),
        Document("End of life coordination summary", "Knows diagnosis and prognosis (weeks to short "
                 "months).\nPreferred place of care: home.", 55, "org-hospice",
                 ("861421000000109", "End of life care coordination summary")),
        series("haemoglobin", 118, 97, 4), series("weight", 78, 61, 5),
    ),
)  # fmt: skip

_CATHETER = Member(
    number=21,
    path="blocked catheter; redirected to district nursing and still here; NEWS2 total miswritten",
    person=Person(
        id=identity(21), family="Dotterel", given=("Clifford",), title="Mr", gender="male",
        birth=Birth(80, 12, 19), nhs=number_of(21), practice="practice-4",
        address=("21 Harebell Drive", "Northmoor", "FS4 6HH"), phone=phone(139),
        ethnicity="C", decile=8,
    ),
    call=Call("Catheter not draining since midnight, bladder pain", "catheter"),
    minutes=88, place="vehicle", site=2, review="redirected",
    vitals=(
        # 0 + 1 + 0 + 0 + 1 + 0 + 0 = 2; the crew wrote 4
        Vitals(minutes=26, respiration=18, spo2=95, oxygen=False, systolic=148, diastolic=82,
               pulse=94, acvpu="A", temperature=37.1, pain=6, written_total=4),
    ),
    said=(("Abdomen", "Bladder felt to the navel, tender."), ("Catheter", "Size 14, debris seen.")),
    history=(
        Problem("Malignant tumour of prostate", "399068003", 6 * YEAR, "acute"),
        Problem("Long-term urinary catheter", "", 2 * YEAR),
        Problem("Benign skin lesion", "", 12 * YEAR, status="inactive", precision="month"),
        Allergy("Latex", "111088007", 8 * YEAR, about="environment", reaction="Contact rash",
                severity="mild", note="Use silicone catheters."),
        Allergy("Nitrofurantoin", "", 3 * YEAR, verification="refuted",
                note="Challenged and tolerated."),
        Medicine("Goserelin 10.8mg implant", "Every 12 weeks", 5 * YEAR),
        Medicine("Tamsulosin 400microgram capsules", "One a day", 6 * YEAR, status="stopped",
                 ended=700),
        Frailty(5, 180, "community"),
        Caseload("District nursing: catheter changes every 10 weeks", 2 * YEAR),
        Contact("Catheter change", 48), Contact("Blocked catheter, changed", 130, minutes=55),
        Attendance("Blocked catheter", 300, 420), Attendance("Blocked catheter", 190, 380),
        Plan("Catheter care plan (catheter passport)", 2 * YEAR, "community",
             ("Silicone size 14, 10 ml balloon", "Bladder washout on blockage")),
        Team("Northmoor district nurses", (("District nurse", "Sister Ivy Marten"),)),
        Relative("Dotterel", "Fern", "Wife", "WIFE", phone(140)),
        series("egfr", 58, 55, 6), series("creatinine", 110, 114, 6),
    ),
)  # fmt: skip

_HYPO = Member(
    number=22,
    path="diabetes: hypoglycaemia, corrected by the crew; another clinician already has it",
    person=Person(
        id=identity(22), family="Marigoldsen", given=("Pauline",), title="Mrs", gender="female",
        birth=Birth(73, 8, 8), nhs=number_of(22), practice="practice-1",
        address=("7 Sundew Street", "Rivermead", "FS1 4KJ"), phone=phone(141),
        ethnicity="K", decile=1, language=("bn", "Bengali"), interpreter=True,
    ),
    call=Call("Found sweaty and drowsy, blood glucose 2.1, better after treatment", "diabetes"),
    minutes=37, place="vehicle and bay", review="claimed",
    vitals=(
        Vitals(minutes=60, respiration=16, spo2=97, oxygen=False, systolic=136, diastolic=74,
               pulse=104, acvpu="V", temperature=35.9, glucose=2.1, coma=12),
        Vitals(minutes=20, respiration=15, spo2=98, oxygen=False, systolic=132, diastolic=72,
               pulse=84, acvpu="A", temperature=36.4, glucose=7.4, coma=15),
    ),
    said=(("Given by the crew", "Glucose gel twice, then toast."),
          ("Cause", "Took her evening insulin and did not eat.")),
    history=(
        Problem("Type 2 diabetes mellitus", "44054006", 22 * YEAR),
        Problem("Hypoglycaemia", "302866003", 130, "acute", "resolved", ended=130),
        NoKnownAllergies(300),
        Medicine("Humulin M3 KwikPen", "24 units before breakfast, 18 units before supper", 6 * YEAR),
        Medicine("Gliclazide 80mg tablets", "One tablet twice a day", 9 * YEAR,
                 note="Review: on insulin too."),
        Medicine("Atorvastatin 20mg tablets", "One at night", 8 * YEAR),
        Frailty(5, 200), Caseload("Community diabetes nurses", 400),
        Attendance("Hypoglycaemia", 130, 260),
        series("hba1c", 72, 49, 8), series("egfr", 61, 44, 8),
        Contact("Diabetes nurse visit: insulin technique", 60),
        Relative("Marigoldsen", "Rafi", "Son", "SON", phone(142), note="Gives some of the injections"),
        Social("Lives with", "Lives with son, alone in the day"),
        Alert("Interpreter needed: Bengali (Sylheti)", 900, kind="RA"),
        Referral("Community diabetes team: insulin review", 129, to_service="service-diabetes"),
    ),
)  # fmt: skip

_CARER = Member(
    number=23,
    path="carer breakdown, waiting in the corridor",
    person=Person(
        id=identity(23), family="Cornflowerdale", given=("Albert", "Edward", "George"),
        title="Mr", gender="male", birth=Birth(90, 5, 5), nhs=number_of(23), practice="practice-2",
        address=("16 Old Orchard", "Heronsgate", "FS2 2EE"), phone=phone(143),
        ethnicity="A", decile=9,
    ),
    call=Call("Wife taken to hospital last night, he can't be left alone", "carer-breakdown"),
    minutes=131, place="corridor",
    vitals=(
        Vitals(minutes=15, respiration=16, spo2=96, oxygen=False, systolic=126, diastolic=68,
               pulse=72, acvpu="A", temperature=36.5),
        Vitals(minutes=-95, respiration=17, spo2=96, oxygen=False, systolic=122, diastolic=66,
               pulse=76, acvpu="A", temperature=36.6),
    ),
    history=(
        Problem("Dementia", "52448006", 5 * YEAR), Problem("Heart failure", "84114007", 3 * YEAR),
        Problem("Pressure ulcer of heel, category 2", "", 50, "community"),
        Allergy("Simvastatin", "387584000", 9 * YEAR, reaction="Muscle pain", severity="moderate",
                kind="intolerance"),
        Medicine("Furosemide 40mg tablets", "One tablet in the morning", 3 * YEAR),
        Medicine("Ramipril 5mg capsules", "One capsule a day", 3 * YEAR),
        Medicine("Rivastigmine 9.5mg/24hours patches", "One patch a day", 4 * YEAR),
        Frailty(7, 50, "community", as_number=True),
        Caseload("District nursing: pressure ulcer", 50), Contact("Heel dressing", 2),
        Contact("Heel dressing", 5), Contact("Memory service review", 250, "AMB"),
        Admission("Heart failure", 2 * YEAR, 8), Admission("Inguinal hernia repair", 7 * YEAR, 1, "12",
                                                          "General surgery"),
        Operation("Repair of inguinal hernia", "", 7 * YEAR),
        Plan("Carer's contingency plan", 400, "org-council",
             ("If his wife can't care: Carer Crisis service, then daughter in Wales",)),
        Relative("Cornflowerdale", "Vera", "Wife", "WIFE", note="Main carer, in hospital now"),
        Relative("Cornflowerdale-Price", "Gwen", "Daughter", "DAU", phone(144)),
        Social("Mobility", "Transfers with one person"), Social("Lives with", "Lives with wife"),
        Resuscitation(True, 800), Measures("bp", ((300, (128, 70)), (50, (124, 66)))),
        series("egfr", 49, 43, 6), Immunised("Influenza vaccine", 35),
        Assessment("Waterlow pressure ulcer risk", 50, (("Score", "19, high risk"),)),
    ),
)  # fmt: skip

MEMBERS = (_UNKNOWN, _DELIRIUM, _PALLIATIVE, _CATHETER, _HYPO, _CARER)
