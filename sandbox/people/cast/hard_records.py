"""Those whose record is hard to show: very long, or valid FHIR of the kind that nobody expects."""

# ruff: noqa: E501 (tables of entries: a break would hide which line belongs to which)
from __future__ import annotations

from collections.abc import Iterator

from sandbox.people.cast.member import Call, Member, identity, number_of, phone
from sandbox.people.county import source
from sandbox.people.early_warning import Vitals
from sandbox.people.entries import (
    Admission,
    Allergy,
    Attendance,
    Caseload,
    Contact,
    Document,
    Frailty,
    Immunised,
    Measures,
    Medicine,
    Plan,
    Problem,
    Raw,
    Relative,
    Report,
    Resuscitation,
    Social,
    Teller,
    series,
)
from sandbox.people.fhir import HL7, LOCAL, Resource, coding, concept, encounter_class
from sandbox.people.person import Birth, Person

YEAR = 365.25
_ELSEWHERE = "https://records.elsewhere.example/fhir/R4/"

_COPD = Member(
    number=16,
    path="more than 600 entries of history; hypercapnic COPD, so NEWS2 on scale 2",
    person=Person(
        id=identity(16), family="Puffinworth", given=("Dennis",), title="Mr", gender="male",
        birth=Birth(74, 8, 23), nhs=number_of(16), practice="practice-5",
        address=("9 Harbour Row", "Marshgate", "FS3 1QQ"), phone=phone(161),
        ethnicity="A", decile=1,
    ),
    call=Call("More breathless than usual, green sputum", "breathless"),
    minutes=160, place="corridor", site=2,
    vitals=(
        # 2 + 0 + 2 + 0 + 1 + 0 + 0: saturation 89 % on oxygen is right for him (target 88 to 92)
        Vitals(minutes=40, respiration=22, spo2=89, oxygen=True, systolic=138, diastolic=76,
               pulse=98, acvpu="A", temperature=37.4, scale_2=True,
               note="Scale 2: alert card held."),
        Vitals(minutes=-120, respiration=21, spo2=91, oxygen=True, systolic=134, diastolic=74,
               pulse=92, acvpu="A", temperature=37.2, scale_2=True),
    ),
    history=(
        Problem("Chronic obstructive lung disease", "13645005", 14 * YEAR, severity="Very severe"),
        Problem("Confirmed hypercapnic respiratory failure, target saturation 88-92 %", "",
                3 * YEAR, "acute", note="Arterial gas: pCO2 8.1 kPa. Use NEWS2 SpO2 scale 2."),
        Problem("Steroid-induced hyperglycaemia", "", 2 * YEAR, status="resolved", ended=YEAR),
        Allergy("Doxycycline", "372478003", 6 * YEAR, reaction="Photosensitivity rash",
                severity="moderate"),
        Allergy("Penicillin", "764146007", 15 * YEAR, verification="entered-in-error",
                note="Entered for another patient."),
        Medicine("Trelegy Ellipta", "One inhalation a day", 3 * YEAR),
        Medicine("Salbutamol 2.5mg/2.5ml nebules", "One up to four times a day", 5 * YEAR,
                 as_needed=True),
        Medicine("Prednisolone 5mg tablets", "Six tablets a day for five days (rescue pack)", 30,
                 as_needed=True),
        Medicine("Home oxygen concentrator", "1 litre a minute, 16 hours a day", 2 * YEAR, "acute",
                 statement=True),
        Frailty(6, 65, "community"), Caseload("Community respiratory team", 800),
        Resuscitation(True, 300),
        *(Admission("Infective exacerbation of COPD", ago, 5) for ago in (120, 310, 505, 720, 990)),
        *(Attendance("Breathlessness", ago) for ago in (45, 200, 260, 410, 600)),
        *(Contact("Respiratory nurse visit", 7 + 14 * index) for index in range(50)),
        Measures("spo2", tuple((1.0 + index, 88 + index % 4) for index in range(300)), "community"),
        Measures("pulse", tuple((1.0 + index, 82 + index % 11) for index in range(180)),
                 "community"),
        Measures("bp", tuple((10.0 + 30 * index, (130 + index % 14, 74)) for index in range(36))),
        series("weight", 71, 58, 24), series("haemoglobin", 148, 162, 12),
        series("white-cells", 8.2, 9.6, 12), series("egfr", 82, 77, 12),
        *(Report("Chest X-ray", ago, "Hyperinflated lungs. No consolidation. No mass.")
          for ago in (120, 310, 505, 720)),
        *(Document("Discharge summary: exacerbation of COPD", "Treated with nebulisers, "
                   "prednisolone and antibiotics.\nController oxygen 88-92 %.\nRescue pack renewed.", ago - 5)
          for ago in (120, 310, 505)),
        Plan("Respiratory self-management plan", 300, "community",
             ("Rescue pack when sputum turns green", "Oxygen alert card 88-92 %")),
        Social("Tobacco", "Ex-smoker", 800, code="8517006"), Relative(
            "Puffinworth", "Sheila", "Wife", "WIFE", phone(162)),
        *(Immunised("Influenza vaccine", 40 + YEAR * index) for index in range(8)),
    ),
)  # fmt: skip


def _imperfect(to: Teller) -> Iterator[Resource]:
    """Valid R4, each with something that a reader built on tidy examples trips over."""
    yield to.start("Condition", "gp") | {
        "clinicalStatus": concept("", coding(f"{HL7}condition-clinical", "active")),
        "code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.2.1.3.2.4.99", "code": "X7q"}]},
        "subject": to.subject,
        "recorder": {"reference": f"{_ELSEWHERE}Practitioner/77", "type": "Practitioner"},
        "_recordedDate": {
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                    "valueCode": "unknown",
                }
            ]
        },
    }
    yield to.start("Condition", "acute") | {"subject": to.subject}
    yield to.start("MedicationRequest", "gp") | {
        "modifierExtension": [
            {"url": f"{LOCAL}StructureDefinition/do-not-take-as-instruction", "valueBoolean": True}
        ],
        "contained": [
            {
                "resourceType": "Medication",
                "id": "med",
                "code": {"text": "Warfarin 1mg tablets"},
            }
        ],
        "status": "on-hold",
        "intent": "order",
        "doNotPerform": True,
        "medicationReference": {"reference": "#med"},
        "subject": to.subject,
        "authoredOn": to.partial(900, "year"),
    }
    yield to.start("Observation", "acute") | {
        "status": "preliminary",
        "code": {"coding": [{"system": f"{LOCAL}CodeSystem/elsewhere", "code": "K"}]},
        "subject": to.subject,
        "effectivePeriod": {"start": to.partial(70, "month")},
        "valueQuantity": {"value": 4.20, "comparator": "<"},
        "performer": [{"identifier": {"system": f"{LOCAL}Id/laboratory", "value": "LAB-9"}}],
    }
    yield to.start("Observation", "acute") | {
        "status": "cancelled",
        "code": concept("Troponin"),
        "subject": to.subject,
        "dataAbsentReason": concept("", coding(f"{HL7}data-absent-reason", "not-performed")),
    }
    yield to.start("AllergyIntolerance", "acute") | {
        "code": {"coding": [{"system": "urn:x-unknown:allergens", "code": "?7"}]},
        "patient": to.subject,
        "clinicalStatus": concept("", coding(f"{HL7}allergyintolerance-clinical", "active")),
        "verificationStatus": concept(
            "", coding(f"{HL7}allergyintolerance-verification", "unconfirmed")
        ),
        "asserter": {"reference": f"{_ELSEWHERE}Practitioner/77"},
    }
    yield to.start("Encounter", "acute") | {
        "status": "finished",
        "class": encounter_class("AMB"),
        "subject": to.subject,
        "serviceProvider": {"identifier": {"system": f"{LOCAL}Id/clinic", "value": "C-12"}},
        "period": {"start": to.partial(400, "year")},
    }
    yield to.start("DocumentReference", "acute") | {
        "status": "current",
        "subject": to.subject,
        "content": [
            {"attachment": {"contentType": "image/tiff", "url": f"{_ELSEWHERE}Binary/1"}},
            {"attachment": {"title": "<script>alert('no')</script> & co"}},
        ],
    }
    yield {
        "resourceType": "Basic",
        "id": to.id("Basic"),
        "meta": {"source": source("trust-1")},
        "code": concept("", coding(f"{LOCAL}CodeSystem/elsewhere", "something-else")),
        "subject": to.subject,
    }


_AWKWARD = Member(
    number=24,
    path="a name with markup, apostrophe, diacritics and great length; imperfect but valid entries",
    person=Person(
        id=identity(24),
        family="O'Testé <b>Ŵhitebeam-Ó Súilleabháin-Größenwahn-Featherstonehaugh</b> & Daughters",
        given=("Zoë-Noëlle", "D'Arcy", "<img src=x onerror=alert(1)>"), title="The Rt Hon. Dame",
        gender="other", birth=Birth(69, 2, 28), nhs=number_of(24), practice="practice-1",
        address=("Flat `7`, *The* _Old_ [Chapel](https://handover-viewer.example)", "Rivermead",
                 "FS1 3<>"), phone=phone(163), ethnicity="Z",
    ),
    call=Call("Weak & unsteady; says \"it's the <b>new</b> tablets\" | wants to go home",
              "frailty"),
    minutes=2, place="vehicle",
    vitals=(
        Vitals(minutes=15, respiration=18, spo2=96, oxygen=False, systolic=108, diastolic=60,
               pulse=58, acvpu="A", temperature=36.3, note="# heading | *stars* <u>tags</u>"),
    ),
    history=(
        Problem("Ménière's disease", "13445001", 6 * YEAR, precision="month",
                note="Line one\nLine two | $E=mc^2$ :red[no]"),
        Allergy("Allergy <i>to</i> *elastic* plasters", "", 4 * YEAR, about="environment"),
        Medicine("Bendroflumethiazide 2.5mg tablets", "One in the morning & stop if < 3 drinks", 9),
        Raw(_imperfect),
    ),
)  # fmt: skip

MEMBERS = (_COPD, _AWKWARD)
