"""Those whose identity or record is the difficulty: restricted, doubled, missing, dead."""

from __future__ import annotations

from sandbox.people.cast.member import Call, Member, OtherRecord, identity, number_of, phone
from sandbox.people.early_warning import Vitals
from sandbox.people.entries import (
    Admission,
    Alert,
    Allergy,
    Attendance,
    Caseload,
    ConsentGiven,
    Contact,
    Document,
    Frailty,
    Immunised,
    Medicine,
    NoKnownAllergies,
    Plan,
    Problem,
    Relative,
    Social,
    series,
)
from sandbox.people.nhs_number import failing_nhs_number
from sandbox.people.person import Birth, Person

YEAR = 365.25

_RESTRICTED = Member(
    number=7,
    path="restricted record (R): no address, telephone, practice",
    person=Person(
        id=identity(7), family="Woodruff", given=("Selina",), title="Ms", gender="female",
        birth=Birth(44, 6, 30), nhs=number_of(7), practice="", source="trust-1", security="R",
        ethnicity="A",
    ),
    call=Call("Red, hot lower leg, spreading", "infection"),
    minutes=28, place="vehicle",
    vitals=(
        Vitals(minutes=22, respiration=17, spo2=98, oxygen=False, systolic=124, diastolic=76,
               pulse=92, acvpu="A", temperature=38.2),
    ),
    history=(
        Problem("Cellulitis", "128045006", 2, "acute", kind="encounter-diagnosis"),
        Allergy("Clarithromycin", "", 3 * YEAR, "acute", reaction="Vomiting", severity="mild",
                kind="intolerance"),
        Medicine("Flucloxacillin 500mg capsules", "One four times a day", 2, "acute"),
        Alert("Do not disclose whereabouts", 700, "acute", "SG"),
        ConsentGiven("Refuses sharing of the record outside the trust", 700, permit=False,
                     by="acute"),
    ),
)  # fmt: skip

_VERY_RESTRICTED = Member(
    number=8,
    path="very restricted record (V): no birth date, no demographics beyond the name",
    person=Person(
        id=identity(8), family="Nettlefold", given=("Jay",), gender="unknown", birth=None,
        nhs=number_of(8), practice="", source="trust-2", security="V",
    ),
    call=Call("Abdominal pain", "other"),
    minutes=42, place="bay", site=2,
    vitals=(
        Vitals(minutes=18, respiration=18, spo2=97, oxygen=False, systolic=118, diastolic=70,
               pulse=88, acvpu="A", temperature=37.0, pain=5),
    ),
)  # fmt: skip

_TWO_RECORDS = Member(
    number=9,
    path="two records with one NHS number whose allergies disagree",
    person=Person(
        id=identity(9), family="Larkspur", given=("Winifred",), title="Mrs", gender="female",
        birth=Birth(81, 1, 17), nhs=number_of(9), practice="practice-2",
        address=("Weir House", "Heronsgate", "FS2 8AA"), phone=phone(151), ethnicity="A", decile=6,
    ),
    call=Call("Burning on passing water, off her legs", "frailty"),
    minutes=58, place="vehicle",
    vitals=(
        Vitals(minutes=24, respiration=20, spo2=96, oxygen=False, systolic=118, diastolic=64,
               pulse=96, acvpu="A", temperature=37.9),
    ),
    history=(
        Problem("Type 2 diabetes mellitus", "44054006", 9 * YEAR), NoKnownAllergies(4 * YEAR),
        Medicine("Metformin 500mg tablets", "One tablet twice a day", 9 * YEAR), Frailty(6, 140),
        Relative("Larkspur", "Giles", "Son", "SON", phone(152)), series("hba1c", 55, 58, 5),
        Contact("Annual review", 140, "AMB", "gp", 25),
    ),
    others=(
        OtherRecord(
            Person(
                id="person-09-hospital", family="LARKSPUR", given=("Winnie",), gender="female",
                birth=Birth(81, 1, 17), nhs=number_of(9), practice="practice-2", source="trust-1",
                hospital_number="RF-330091",
            ),
            (
                Allergy("Nitrofurantoin", "", 1.6 * YEAR, "acute", reaction="Shortness of breath, "
                        "lung inflammation", severity="severe", criticality="high"),
                Admission("Drug-induced pneumonitis", 1.6 * YEAR, 6),
                Document("Discharge summary: pneumonitis", "Lung inflammation after "
                         "nitrofurantoin.\nNOT to be given again.", 1.6 * YEAR - 6),
            ),
        ),
    ),
)  # fmt: skip

_LINKED = Member(
    number=10,
    path="Patient.link: an older record of the same person; review already asked for",
    person=Person(
        id=identity(10), family="Brackenbury", given=("Harold",), title="Mr", gender="male",
        birth=Birth(85, 9, 1), nhs=number_of(10), practice="practice-3",
        address=("40 Reedmace Road", "Heronsgate", "FS2 1LM"), phone=phone(153),
        ethnicity="B", decile=4, links=(("person-10-old", "replaces"),),
    ),
    call=Call("Legs have given way twice, can't manage the stairs", "reduced-mobility"),
    minutes=66, place="bay", review="requested",
    vitals=(
        Vitals(minutes=30, respiration=17, spo2=95, oxygen=False, systolic=146, diastolic=76,
               pulse=80, acvpu="A", temperature=36.2, loinc=True),
    ),
    history=(
        Problem("Osteoarthritis of both hips", "396275006", 12 * YEAR),
        Problem("Hypothyroidism", "40930008", 9 * YEAR), NoKnownAllergies(500),
        Medicine("Levothyroxine 75microgram tablets", "One in the morning", 9 * YEAR),
        Medicine("Naproxen 250mg tablets", "One twice a day with food", 60), Frailty(5, 260),
        Attendance("Fall on the stairs", 150), series("egfr", 70, 63, 5),
        Social("Accommodation", "House, stairs of 13 steps, one rail"),
    ),
    others=(
        OtherRecord(
            Person(
                id="person-10-old", family="Brackenbury", given=("Harry",), gender="male",
                birth=Birth(85, 9, 1), nhs="", number_status="04", practice="practice-3",
                source="org-community", links=(("person-10", "replaced-by"),),
                more={"active": False},
            ),
            (Caseload("Community rehabilitation", 900, ended=820),
             Plan("Home exercise plan", 900, "community", ("Sit to stand, ten times a day",))),
        ),
    ),
)  # fmt: skip

_PERHAPS = Member(
    number=11,
    path="an unproven double: same name and birth date, no NHS number",
    person=Person(
        id=identity(11), family="Rowansmith", given=("John",), title="Mr", gender="male",
        birth=Birth(78, 2, 2), nhs=number_of(11), practice="practice-1",
        address=("1 Mill Lane", "Rivermead", "FS1 1AA"), phone=phone(154), ethnicity="A", decile=5,
    ),
    call=Call("Cough and breathlessness for three days", "breathless"),
    minutes=19, place="vehicle",
    vitals=(
        Vitals(minutes=20, respiration=22, spo2=94, oxygen=False, systolic=130, diastolic=74,
               pulse=94, acvpu="A", temperature=37.8),
    ),
    history=(
        Problem("Asthma", "195967001", 30 * YEAR), NoKnownAllergies(250),
        Medicine("Fostair 100/6 inhaler", "Two puffs twice a day", 5 * YEAR), Frailty(4, 250),
        Immunised("Influenza vaccine", 42),
    ),
    others=(
        OtherRecord(
            Person(
                id="person-11-perhaps", family="Rowansmith", given=("John",), gender="male",
                birth=Birth(78, 2, 2), nhs="", number_status="03", practice="",
                source="org-ambulance",
            ),
            (Allergy("Penicillin", "764146007", 3 * YEAR, "org-ambulance", reaction="Collapse",
                     severity="severe", criticality="high"),),
        ),
    ),
)  # fmt: skip

_DIED = Member(
    number=12,
    path="died since, and the Encounter still says waiting",
    person=Person(
        id=identity(12), family="Teasdale-Heron", given=("Muriel",), title="Mrs", gender="female",
        birth=Birth(93, 12, 6), nhs=number_of(12), practice="practice-6", died_minutes_ago=25,
        address=("Willow Grange Care Home", "Heronsgate", "FS2 6WG"), ethnicity="A", decile=7,
    ),
    call=Call("Very unwell, end of life", "palliative"),
    minutes=112, place="bay", site=2,
    vitals=(
        Vitals(minutes=20, respiration=8, spo2=84, oxygen=True, systolic=82, diastolic=44,
               pulse=48, acvpu="P", temperature=35.2),
    ),
    history=(
        Problem("Heart failure", "84114007", 6 * YEAR), Problem("Dementia", "52448006", 7 * YEAR),
        Frailty(9, 20), NoKnownAllergies(700),
        Medicine("Furosemide 80mg tablets", "One in the morning", 2 * YEAR),
        Document("Advance care plan", "Wishes to die in the care home.", 300, "gp",
                 ("736366004", "Advance care plan")),
    ),
)  # fmt: skip

_TOURIST = Member(
    number=13,
    path="no NHS number: a visitor from abroad",
    person=Person(
        id=identity(13), family="Løvetann", given=("Åse",), gender="female",
        birth=Birth(58, 7, 7), nhs="", number_status="07", practice="", source="org-ambulance",
        address=("Hotell Havørn", "Bergen", "0000"), language=("no", "Norwegian"),
    ),
    call=Call("Twisted ankle on the coast path, bears weight", "injury"),
    minutes=14, place="vehicle",
    vitals=(
        Vitals(minutes=30, respiration=14, spo2=99, oxygen=False, systolic=128, diastolic=80,
               pulse=70, acvpu="A", temperature=36.6, pain=3),
    ),
)  # fmt: skip

_FAILS_CHECK = Member(
    number=14,
    path="NHS number fails its check digit; arrival without a time of day",
    person=Person(
        id=identity(14), family="Siskinberg", given=("Naomi",), title="Dr", gender="female",
        birth=Birth(62, 10, 29), nhs=failing_nhs_number(28), number_status="02",
        practice="practice-4", address=("3 Ling Road", "Northmoor", "FS4 9ZZ"), phone=phone(155),
    ),
    call=Call("Palpitations, settled now", "other"),
    minutes=95, place="vehicle", timed=False, site=2,
    vitals=(
        Vitals(minutes=18, respiration=16, spo2=98, oxygen=False, systolic=132, diastolic=80,
               pulse=88, acvpu="A", temperature=36.7),
    ),
    history=(Problem("Migraine", "37796009", 20 * YEAR, precision="year"),
             Medicine("Propranolol 40mg tablets", "One twice a day", 700)),
)  # fmt: skip

_NO_HISTORY = Member(
    number=15,
    path="no history held at all; only the year of birth known",
    person=Person(
        id=identity(15), family="Oleander", given=("Yusra",), gender="female", birth=Birth(70),
        nhs=number_of(15), number_status="02", practice="practice-5", source="practice-5",
        address=("Temporary: Harbour Hostel", "Marshgate", "FS3 0AA"),
        language=("ar", "Arabic"), interpreter=True, ethnicity="S",
    ),
    call=Call("Dizzy on standing, two days", "other"),
    minutes=30, place="vehicle",
    # blood pressure and temperature were not taken: no total can be given
    vitals=(
        Vitals(minutes=20, respiration=17, spo2=97, oxygen=False, pulse=84, acvpu="A"),
    ),
)  # fmt: skip

MEMBERS = (
    _RESTRICTED,
    _VERY_RESTRICTED,
    _TWO_RECORDS,
    _LINKED,
    _PERHAPS,
    _DIED,
    _TOURIST,
    _FAILS_CHECK,
    _NO_HISTORY,
)
