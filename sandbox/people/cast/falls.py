"""Those who fell: the clear redirect, the hip fracture, and the head injury on apixaban."""

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
    ConsentGiven,
    Contact,
    Document,
    Filed,
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
    Report,
    Resuscitation,
    Social,
    Team,
    series,
)
from sandbox.people.paper import drawing, pdf
from sandbox.people.person import Birth, Person

YEAR = 365.25
HOME_SKETCH = drawing(
    (
        "##########################",
        "#......#         #       #",
        "#......#         +       #",
        "#......          #  ###  #",
        "#......#         #  ###  #",
        "####.###         #       #",
        "#        ###     ###  ####",
        "#        ###             #",
        "#                    ##  #",
        "#                    ##  #",
        "##########++##############",
    )
)
"""A made-up ground floor: the bedroom grey, the step and the front door red."""
VISIT_REPORT = (
    b"<html><body onload='alert(1)'><h1>Visit report</h1><p>Ate breakfast, walked to the kitchen "
    b"with the frame.</p><script>document.body.innerHTML = 'no'</script></body></html>"
)
"""What a provider's system files as a web page, with a script in it."""

_EDITH = Member(
    number=1,
    path="clear redirect: uninjured fall, NEWS2 1, CFS 6 by the GP, care at home in place",
    person=Person(
        id=identity(1), family="Bramblewick", given=("Edith", "May"), title="Mrs",
        gender="female", birth=Birth(87, 3, 14), nhs=number_of(1), practice="practice-1",
        address=("2 Sorrel Cottages", "Rivermead", "FS1 2AB"), phone=phone(101),
        ethnicity="A", decile=4, language=("en", "English"),
    ),
    call=Call("Fall at home, unable to get up unaided, no apparent injury", "falls", "1912002"),
    minutes=47, place="vehicle",
    vitals=(
        Vitals(minutes=55, respiration=18, spo2=95, oxygen=False, systolic=142, diastolic=78,
               pulse=92, acvpu="A", temperature=36.4, glucose=6.8, pain=2, coma=15),
        Vitals(minutes=-12, respiration=17, spo2=96, oxygen=False, systolic=138, diastolic=76,
               pulse=91, acvpu="A", temperature=36.5, pain=1, coma=15),
    ),
    said=(
        ("Mechanism", "Slipped from the edge of the bed reaching for her slippers, about 06:40."),
        ("Head injury or loss of consciousness", "Denied by patient and daughter; no marks seen."),
        ("Time on the floor", "About 20 minutes; daughter found her."),
        ("Hips and long bones", "Moves all limbs, no shortening, no pain on rolling the hips."),
        ("Mobility", "Stood with two and her frame, took six steps."),
    ),
    history=(
        Problem("Osteoporosis", "64859006", 9 * YEAR),
        Problem("Recurrent falls", "", 2 * YEAR, note="Three falls in twelve months; lying and "
                "standing blood pressure taken, no drop."),
        Problem("Hypertensive disorder", "38341003", 21 * YEAR),
        Problem("Chronic kidney disease stage 3", "433144002", 6 * YEAR),
        Problem("Osteoarthritis of both knees", "396275006", 14 * YEAR, precision="year"),
        Problem("Urinary tract infection", "68566005", 1.2 * YEAR, "acute", "resolved",
                ended=1.15 * YEAR, kind="encounter-diagnosis"),
        Problem("Fracture of distal radius, left", "", 2.1 * YEAR, "acute", "resolved",
                ended=1.9 * YEAR, kind="encounter-diagnosis"),
        Allergy("Penicillin", "764146007", 30 * YEAR, reaction="Widespread itchy rash",
                severity="moderate", criticality="low"),
        Medicine("Alendronic acid 70mg tablets", "One tablet once a week, standing, with water",
                 9 * YEAR, reason="Osteoporosis"),
        Medicine("Colecalciferol 800unit capsules", "One capsule once a day", 9 * YEAR),
        Medicine("Amlodipine 5mg tablets", "One tablet in the morning", 12 * YEAR),
        Medicine("Ramipril 2.5mg capsules", "One capsule at night", 7 * YEAR),
        Medicine("Paracetamol 500mg tablets", "Two tablets up to four times a day", 4 * YEAR,
                 dmd="322236009", as_needed=True),
        Medicine("Mirtazapine 15mg tablets", "One tablet at night", 1.5 * YEAR),
        Medicine("Macrogol compound oral powder sachets", "One sachet a day if constipated", YEAR,
                 as_needed=True),
        Medicine("Zopiclone 3.75mg tablets", "One at night", 3 * YEAR, status="stopped",
                 ended=400, note="Stopped after the second fall."),
        Frailty(6, 96, note="Needs help with washing and all outside activities."),
        Frailty(5, 560),
        Caseload("District nursing: leg ulcer, compression weekly", 210),
        Caseload("Falls prevention programme", 420, ended=330),
        Attendance("Fall, wrist injury", 2.1 * YEAR, 410, "Discharged home with plaster"),
        Attendance("Fall, no injury found", 212, 520, "Discharged home at 02:30"),
        Admission("Urinary tract infection, off legs", 1.2 * YEAR, 9),
        Admission("Cataract surgery, right eye", 3.4 * YEAR, 0, "11", "Ophthalmology"),
        Contact("Leg ulcer dressing", 6),
        Contact("Leg ulcer dressing", 13),
        Contact("Leg ulcer dressing", 20),
        Contact("Occupational therapy: bed lever and commode fitted", 190),
        Contact("GP telephone review of medicines", 96, "VR", "gp", 12),
        Operation("Phacoemulsification of right cataract", "", 3.4 * YEAR),
        series("egfr", 52, 41, 9), series("haemoglobin", 121, 114, 9), series("sodium", 139, 136, 6),
        series("potassium", 4.4, 4.8, 6), series("weight", 63.5, 56.2, 8),
        Measures("bp", ((400, (148, 80)), (300, (144, 82)), (190, (138, 74)), (96, (136, 76)))),
        Report("DXA bone density", 9 * YEAR, "T-score of the femoral neck -2.9: osteoporosis."),
        Report("X-ray of left wrist", 2.1 * YEAR, "Undisplaced fracture of the distal radius."),
        Plan("Falls and bone health plan", 320, "community",
             ("Strength and balance exercises three times a week", "Walking frame indoors",
              "Pendant alarm worn day and night", "Review of sedatives with the GP")),
        Plan("Home care package", 200, "org-council",
             ("Carer at 08:00 and 19:00 every day, 30 minutes", "Key safe at the door: carers know")),
        Team("Community team, Rivermead", (("District nurse", "Sister Wren Alderson"),
             ("Occupational therapist", "Kit Sedgeman"), ("Social worker", "Marla Finchley"))),
        Social("Lives with", "Lives alone, daughter in the next street"),
        Social("Accommodation", "Ground-floor cottage, two steps at the door, rail fitted"),
        Social("Mobility", "Walks with a frame indoors, wheelchair outside"),
        Social("Tobacco", "Never smoked tobacco", 900, code="266919005"),
        Relative("Bramblewick-Shaw", "Hazel", "Daughter", "DAU", phone(102),
                 note="Next of kin; lasting power of attorney, health and welfare"),
        ConsentGiven("Consent to share the record for direct care", 3 * YEAR),
        Resuscitation(False, 96),
        Alert("Key safe: number held by the home care provider", 200, "org-council"),
        Document("Discharge summary: urinary tract infection", "Admitted off legs with a urinary "
                 "tract infection.\nTreated with trimethoprim, 7 days. Penicillin allergy noted.\n"
                 "Therapy: transfers with one and frame. Restarted home care twice a day.\n"
                 "GP please repeat kidney function in two weeks.", 1.2 * YEAR - 9,
                 kind=("", "Discharge summary")),
        Document("Comprehensive geriatric assessment", "Problems: falls, weight loss, low mood, "
                 "chronic kidney disease.\nLying and standing blood pressure 138/76, 132/74.\n"
                 "Cognition: 4AT 0. Wishes: to stay at home whenever that is possible.\n"
                 "Plan: strength and balance, mirtazapine, dietitian, CFS 6.", 97, "community",
                 as_pdf=True),
        Filed("Sketch of the home: bed, commode, step", "image/png", HOME_SKETCH, 96),
        Filed("Visit report of the home care provider", "text/html", VISIT_REPORT, 5, "org-council",
              in_binary=True),
        Filed("Occupational therapy letter", "application/pdf", pdf("Occupational therapy letter",
              "Bed lever and raised toilet seat fitted.\nOne step at the kitchen door: half step "
              "ordered.\nTransfers with one and frame, safe at night with the commode."), 60,
              in_binary=True),
        Social("Key safe", "Left of the back door, code 4719", 200),
        Assessment("Barthel index", 97, (("Transfers", "Minor help"), ("Stairs", "Unable"),
                   ("Mobility", "Walks with help of one person"), ("Total", "12 of 20"))),
        Referral("Falls clinic", 210, status="completed"),
        Referral("Dietitian", 95, to_service="service-ucr"),
        Immunised("Influenza vaccine, adjuvanted", 40), Immunised("COVID-19 mRNA vaccine", 41),
        Immunised("Pneumococcal polysaccharide vaccine", 20 * YEAR),
    ),
)  # fmt: skip

_HIP = Member(
    number=4,
    path="clear not: suspected hip fracture",
    person=Person(
        id=identity(4), family="Thistledown", given=("Walter",), title="Mr", gender="male",
        birth=Birth(82, 11, 2), nhs=number_of(4), practice="practice-4",
        address=("Flat 3", "Moor View", "Northmoor", "FS4 7QD"), phone=phone(104),
        ethnicity="A", decile=2,
    ),
    call=Call("Fall, pain in the right hip, cannot stand", "injury"),
    minutes=22, place="bay", site=2,
    vitals=(
        Vitals(minutes=30, respiration=20, spo2=94, oxygen=False, systolic=152, diastolic=84,
               pulse=104, acvpu="A", temperature=36.1, pain=8, coma=15),
    ),
    said=(
        ("Right leg", "Shortened and externally rotated; will not let it be moved."),
        ("Head injury or loss of consciousness", "None."),
        ("Medicines given by the crew", "Morphine 5 mg IV at scene, paracetamol 1 g IV."),
    ),
    history=(
        Problem("Parkinson's disease", "49049000", 5 * YEAR),
        Problem("Osteoarthritis", "396275006", 11 * YEAR),
        Problem("Osteopenia", "312894000", 3 * YEAR),
        NoKnownAllergies(200),
        Medicine("Co-careldopa 25mg/100mg tablets", "One at 07:00, 12:00, 17:00 and 22:00, on time",
                 5 * YEAR, reason="Parkinson's disease",
                 note="Time-critical: do not miss a dose."),
        Medicine("Codeine 30mg tablets", "One up to three times a day", 300, as_needed=True),
        Frailty(5, 240),
        Attendance("Fall, bruised ribs", 260),
        series("haemoglobin", 138, 131, 5), series("egfr", 74, 70, 5),
        Social("Lives with", "Lives with wife, who is 84"),
        Relative("Thistledown", "Maud", "Wife", "WIFE", phone(105)),
        Document("Movement disorder clinic", "Freezing when turning. Three falls this year.\n"
                 "Increase co-careldopa to four times a day.", 130),
        Immunised("Influenza vaccine", 44),
    ),
)  # fmt: skip

_HEAD = Member(
    number=5,
    path="red flag hidden in the record: a knock to the head, and apixaban the crew knew nothing of",
    person=Person(
        id=identity(5), family="Kestrelman", given=("Doris", "Ann"), title="Mrs", gender="female",
        birth=Birth(79, 7, 21), nhs=number_of(5), practice="practice-2",
        address=("11 Curlew Close", "Heronsgate", "FS2 5TT"), phone=phone(106),
        ethnicity="M", decile=3,
    ),
    call=Call("Fall in the garden, grazed forehead, well otherwise", "falls", "1912002"),
    minutes=33, place="vehicle",
    vitals=(
        Vitals(minutes=28, respiration=16, spo2=97, oxygen=False, systolic=134, diastolic=72,
               pulse=78, acvpu="A", temperature=36.8, pain=1, coma=15),
    ),
    said=(
        ("Head", "Graze of 2 cm above the left eye, oozing. Says she did not black out."),
        ("Medicines", "Not known to the crew: tablets left at home."),
        ("Vomiting", "None."),
    ),
    history=(
        Problem("Atrial fibrillation", "49436004", 4 * YEAR),
        Problem("Hypertensive disorder", "38341003", 12 * YEAR),
        Problem("Transient ischaemic attack", "266257000", 4.1 * YEAR, "acute", "resolved"),
        Medicine("Apixaban 5mg tablets", "One tablet twice a day", 4 * YEAR,
                 reason="Stroke prevention in atrial fibrillation"),
        Medicine("Bisoprolol 2.5mg tablets", "One tablet in the morning", 4 * YEAR),
        Medicine("Atorvastatin 40mg tablets", "One tablet at night", 4 * YEAR),
        Allergy("Aspirin", "387458008", 4 * YEAR, reaction="Indigestion", severity="mild",
                kind="intolerance"),
        Frailty(4, 150), series("egfr", 68, 61, 6), series("haemoglobin", 129, 124, 6),
        Measures("bp", ((330, (140, 78)), (150, (132, 74)))),
        Admission("Transient ischaemic attack", 4.1 * YEAR, 2, specialty="Stroke medicine"),
        Contact("Anticoagulation review", 150, "AMB", "gp", 20),
        Social("Lives with", "Lives alone"), Social("Mobility", "Walks without aids"),
        Relative("Kestrelman", "Leroy", "Son", "SON", phone(107)),
        Immunised("Influenza vaccine", 38),
    ),
)  # fmt: skip

MEMBERS = (_EDITH, _HIP, _HEAD)
