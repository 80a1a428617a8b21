"""The words and codes by which indicators recognise what a crew or a record writes.

UNVERIFIED, all of it: these lists were put together for this program, not taken from a published
value set, and need the sign-off of a clinical lead. SNOMED CT codes pass their check digit, which
proves their form and not their meaning. A site adds to them or replaces them in its settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinical.codes import SNOMED, Coding

CALL_REASON = "https://handover-viewer.example/fhir/CodeSystem/call-reason"


@dataclass(frozen=True, slots=True)
class WordList:
    """Something that free text or a code may name.

    ``terms`` are as in ``clinical.mentions``. ``codes`` are SNOMED CT codes, or ``system|code``.
    """

    title: str
    """What it is, in words: "a stroke"."""
    terms: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()

    def holds(self, coding: Coding) -> bool:
        """Whether a code of a record is one of these. A code without a system counts as SNOMED."""
        return f"{coding.system}|{coding.code}" in self.codes or (
            coding.system in (SNOMED, "") and coding.code in self.codes
        )


def _reason(code: str) -> str:
    return f"{CALL_REASON}|{code}"


NEEDS: Mapping[str, WordList] = MappingProxyType(
    {
        "falls": WordList(
            "a fall",
            ("fall", "falls", "fell", "fallen", "slipped", "tripped", "found on the floor",
             "found on floor", "unable to get up", "could not get up"),
            frozenset({_reason("falls"), "1912002", "161898004", "217082002"}),
        ),
        "frailty": WordList(
            "decompensation of frailty",
            ("frail", "frailty", "off legs", "off her legs", "off his legs", "off their legs",
             "generally weak", "generally weaker", "weak and unsteady", "weak & unsteady",
             "not coping", "failing to cope", "not eating", "acopia"),
            frozenset({_reason("frailty"), "248279007"}),
        ),
        "reduced-mobility": WordList(
            "reduced function, deconditioning or reduced mobility",
            ("reduced mobility", "reduced function", "decondition*", "not mobilising",
             "cannot mobilise", "can't mobilise", "immobile", "can't manage the stairs",
             "cannot manage the stairs", "gave way", "given way", "not coping at home"),
            frozenset({_reason("reduced-mobility")}),
        ),
        "palliative": WordList(
            "a palliative or end-of-life crisis",
            ("palliative", "end of life", "eol", "eolc", "dying", "terminally ill", "hospice",
             "syringe driver"),
            frozenset({_reason("palliative")}),
        ),
        "equipment": WordList(
            "urgent provision of equipment",
            ("hoist", "hospital bed", "pressure mattress", "commode", "equipment"),
            frozenset({_reason("equipment")}),
        ),
        "confusion": WordList(
            "confusion or delirium",
            ("confused", "confusion", "delirium", "delirious", "disorientat*", "wandering",
             "muddled"),
            frozenset({_reason("confusion"), "130987000", "2776000", "40917007"}),
        ),
        "catheter": WordList(
            "urgent catheter care",
            ("catheter", "catheter*"),
            frozenset({_reason("catheter")}),
        ),
        "diabetes": WordList(
            "urgent support for diabetes",
            ("blood glucose", "blood sugar", "glucose", "hypo", "hypoglycaemi*", "hypoglycemi*",
             "hyperglycaemi*", "hyperglycemi*", "diabetic emergency", "insulin"),
            frozenset({_reason("diabetes"), "302866003"}),
        ),
        "carer-breakdown": WordList(
            "an unpaid carer who can't go on",
            ("carer breakdown", "carer taken ill", "carer unwell", "carer in hospital", "no carer",
             "can't be left", "cannot be left", "can't go on caring", "cannot go on caring",
             "can't cope with caring"),
            frozenset({_reason("carer-breakdown")}),
        ),
    }
)  # fmt: skip
"""The nine conditions and needs of the 2-hour urgent community response. Six of them were read in
a source that quotes NHS England; catheter care and diabetes in another; carer breakdown in none."""

OTHER_REASONS = frozenset(
    _reason(code) for code in ("breathless", "infection", "chest-pain", "stroke", "injury")
)
"""Codes of the call-reason list that name something and none of the nine."""

RED_FLAGS: Mapping[str, WordList] = MappingProxyType(
    {
        "stroke": WordList(
            "a stroke",
            ("stroke", "strokes", "tia", "cva", "fast positive", "fast +ve", "face drooping",
             "facial droop", "face droop", "slurred speech", "speech slurred", "slurring",
             "arm weakness", "weakness of the arm", "weakness of the right arm",
             "weakness of the left arm", "weak left arm", "weak right arm", "one sided weakness",
             "left sided weakness", "right sided weakness", "hemipar*", "hemipleg*", "dysphasi*",
             "aphasi*"),
            frozenset({_reason("stroke"), "230690007", "266257000"}),
        ),
        "chest-pain": WordList(
            "chest pain that may be cardiac",
            ("chest pain", "chest pains", "chest tightness", "tight chest", "chest pressure",
             "crushing chest", "cardiac pain", "angina", "heart attack", "stemi", "nstemi", "acs",
             "myocardial infarction"),
            frozenset({_reason("chest-pain"), "29857009", "22298006", "194828000"}),
        ),
        "sepsis": WordList(
            "sepsis",
            ("sepsis", "septic", "septicaemi*", "septicemi*", "urosepsis", "red flag sepsis"),
            frozenset({"91302008"}),
        ),
        "suspected-fracture": WordList(
            "a fracture of hip, long bone or spine",
            ("fracture", "fractures", "fractured", "nof", "#nof", "# nof", "broken hip",
             "broken leg", "broken arm", "painful hip", "hip pain", "pain in the hip",
             "pain in the right hip", "pain in the left hip", "right hip pain", "left hip pain",
             "shortened and rotated", "shortening and rotation", "shortened and externally rotated",
             "deformed", "deformity"),
            frozenset({"5913000", "125605004", "263225007"}),
        ),
        "loss-of-consciousness": WordList(
            "loss of consciousness or a seizure",
            ("loc", "loss of consciousness", "lost consciousness", "collapse", "collapsed",
             "blackout", "blacked out", "black out", "passed out", "faint", "fainted", "syncop*",
             "unconscious", "unresponsive", "seizure", "seizures", "fitting", "convulsion*"),
            frozenset({"419045004", "271594007", "91175000"}),
        ),
        "major-bleeding": WordList(
            "major bleeding, bleeding from the gut, or an acute abdomen",
            ("haemorrhag*", "hemorrhag*", "haematemesis", "hematemesis", "vomiting blood",
             "melaena", "melena", "pr bleed", "pr bleeding", "gi bleed", "rectal bleeding",
             "acute abdomen", "peritoni*", "aaa"),
            frozenset({"74474003", "131148009", "9209005"}),
        ),
        "anaphylaxis": WordList(
            "anaphylaxis",
            ("anaphyla*", "throat closing", "tongue swelling", "facial swelling"),
            frozenset({"39579001"}),
        ),
        "overdose-or-self-harm": WordList(
            "an overdose, self-harm or a mental-health crisis",
            ("overdose", "self harm", "self harmed", "suicid*", "ligature", "poisoning",
             "intentional ingestion", "mental health crisis"),
            frozenset({"55680006", "248062006", "6471006"}),
        ),
        "pregnancy": WordList(
            "pregnancy",
            ("pregnan*", "antenatal", "in labour", "postpartum", "post partum", "postnatal",
             "miscarriage", "eclamp*", "pre-eclamp*", "preeclamp*"),
            frozenset({"77386006"}),
        ),
    }
)  # fmt: skip
"""Red flags that words or codes can name, most of them of a list that needs clinical sign-off.
Sepsis, stroke and mental-health crisis are published exclusions."""

HEAD_INJURY = WordList(
    "a head injury",
    ("head injury", "head injuries", "hit head", "hit her head", "hit his head", "hit their head",
     "banged head", "banged her head", "banged his head", "struck head", "head wound",
     "head laceration", "scalp laceration", "scalp wound", "bump to head", "bump on head",
     "grazed forehead", "cut to head", "forehead laceration", "black eye", "facial injury",
     "facial injuries", "skull"),
    frozenset({"82271004"}),
)  # fmt: skip

ANTICOAGULANTS = WordList(
    "an anticoagulant",
    ("anticoagula*", "apixaban", "eliquis", "rivaroxaban", "xarelto", "edoxaban", "lixiana",
     "dabigatran", "pradaxa", "warfarin", "marevan", "coumadin", "acenocoumarol", "sinthrome",
     "phenindione", "enoxaparin", "clexane", "inhixa", "dalteparin", "fragmin", "tinzaparin",
     "innohep", "fondaparinux", "arixtra", "heparin", "doac", "noac"),
)  # fmt: skip

HIGH_RISK_MEDICINES: Mapping[str, WordList] = MappingProxyType(
    {
        "anticoagulant": ANTICOAGULANTS,
        "insulin": WordList(
            "insulin",
            ("insulin", "novorapid", "humalog", "humulin", "novomix", "lantus", "levemir",
             "tresiba", "toujeo", "abasaglar", "actrapid", "apidra", "fiasp"),
        ),
        "steroid": WordList(
            "a steroid by mouth",
            ("prednisolone", "dexamethasone", "hydrocortisone", "fludrocortisone",
             "methylprednisolone"),
        ),
        "opioid": WordList(
            "a strong opioid",
            ("morphine", "oramorph", "mst", "zomorph", "oxycodone", "oxycontin", "oxynorm",
             "longtec", "shortec", "fentanyl", "buprenorphine", "butec", "methadone", "tapentadol",
             "hydromorphone", "diamorphine"),
        ),
        "immunosuppressant": WordList(
            "an immunosuppressant",
            ("methotrexate", "azathioprine", "ciclosporin", "tacrolimus", "mycophenolate",
             "leflunomide", "adalimumab", "etanercept", "infliximab", "rituximab", "tocilizumab"),
        ),
    }
)  # fmt: skip

HOME_OXYGEN = WordList(
    "oxygen at home",
    ("home oxygen", "ltot", "long term oxygen", "oxygen concentrator", "domiciliary oxygen",
     "oxygen therapy at home"),
    frozenset({"426990007"}),
)  # fmt: skip

ON_THE_FLOOR = WordList(
    "time on the floor",
    ("long lie", "on the floor", "on floor", "lying on the floor", "lay on the floor", "long lay",
     "floor"),
)  # fmt: skip
LONG_LIE = WordList("a long lie", ("long lie", "long lay", "on the floor overnight",
                                   "on floor overnight", "floor all night"))  # fmt: skip

PLAN = WordList(
    "a plan on file",
    ("respect form", "has respect", "respect plan", "recommended summary plan", "dnacpr", "dnar",
     "for attempted cardiopulmonary resuscitation", "not for attempted cpr",
     "for attempted cpr", "cardiopulmonary resuscitation", "advance care plan",
     "advance decision", "treatment escalation plan", "emergency health care plan",
     "emergency healthcare plan", "end of life care plan", "lasting power of attorney"),
    frozenset(
        {
            "450476008", "450475007", "304253006", "304252001", "304251008", "143021000119109",
            "1107891000000106", "1382601000000107", "887701000000100", "861421000000109",
            "736373009", "736366004", "325691000000100", "736253002",
            "https://fhir.nhs.uk/CodeSystem/flag-categories-bars|RT",
        }
    ),
)  # fmt: skip

SAFEGUARDING = WordList(
    "a safeguarding concern",
    ("safeguarding", "vulnerable adult", "adult at risk", "child protection", "domestic abuse"),
    frozenset({"766561000000109", "417430008"}),
)
NO_SAFEGUARDING_ISSUES = frozenset({"861931000000100"})
"""BaRS writes this into a safeguarding flag that says there are none: it is no alert."""

LIVES_ALONE = WordList("living alone", ("lives alone", "living alone"), frozenset({"105529008"}))
LIVES_WITH = WordList(
    "living with somebody",
    ("lives with", "living with wife", "living with husband", "living with family",
     "nursing home", "care home", "residential home"),
)  # fmt: skip
CARER = WordList(
    "care at home",
    ("care package", "package of care", "carers", "carer", "home care", "live in carer"),
)

ACCESS_CODES = WordList(
    "a way into the home",
    (
        "key safe*", "keysafe*", "key code*", "keycode*", "key box", "keybox", "key pad", "keypad",
        "key number", "door code*", "door entry", "entry code*", "entrance code*", "access code*",
        "gate code*", "alarm code*", "lock box", "lockbox", "lock code", "intercom code",
    ),
)  # fmt: skip
"""UNVERIFIED: the words by which key safes and door codes are found in free text."""
