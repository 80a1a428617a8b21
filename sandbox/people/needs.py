"""Why people are brought in, for those who are not of the cast: what goes with each need."""

# ruff: noqa: E501 (tables of entries: a break would hide which line belongs to which)
from __future__ import annotations

from dataclasses import dataclass

from sandbox.people.early_warning import Vitals


@dataclass(frozen=True, slots=True)
class Need:
    """A reason for the call, with what is usual for it."""

    code: str
    words: tuple[str, ...]
    services: tuple[str, ...]
    """Who takes them in the community, first choice first; empty: nobody should."""
    vitals: Vitals
    ages: tuple[int, int]
    problems: tuple[tuple[str, str], ...]
    """(words, SNOMED code or empty)."""
    medicines: tuple[tuple[str, str], ...]


def _vitals(  # noqa: PLR0917 (a row of numbers, as on the chart)
    respiration: int, spo2: int, systolic: int, pulse: int, temperature: float, acvpu: str = "A"
) -> Vitals:
    return Vitals(
        minutes=20, respiration=respiration, spo2=spo2, oxygen=False, systolic=systolic,
        diastolic=systolic // 2 + 8, pulse=pulse, acvpu=acvpu, temperature=temperature,
    )  # fmt: skip


_UCR, _FALLS, _WARD = "service-ucr", "service-falls", "service-hospital-at-home"
_NURSING, _END, _UNIT = "service-nursing", "service-palliative", "service-catu"
_DIABETES, _CARERS = "service-diabetes", "service-carers"

NEEDS: tuple[Need, ...] = (
    Need("falls", ("Fall, uninjured, could not get up", "Slipped in the bathroom, no injury seen"),
         (_FALLS, _UCR, _UNIT), _vitals(17, 96, 138, 84, 36.5), (66, 98),
         (("Recurrent falls", ""), ("Osteoporosis", "64859006")),
         (("Alendronic acid 70mg tablets", "One a week"), ("Amlodipine 5mg tablets", "One a day"))),
    Need("frailty", ("Generally weaker for a week", "Off legs, not eating"),
         (_UCR, _WARD, _UNIT), _vitals(19, 95, 118, 92, 36.9), (70, 99),
         (("Frailty", "248279007"), ("Heart failure", "84114007")),
         (("Furosemide 40mg tablets", "One a day"), ("Bisoprolol 1.25mg tablets", "One a day"))),
    Need("reduced-mobility", ("Can't manage the stairs any more", "Knee gave way, no fall"),
         (_UCR, _UNIT), _vitals(16, 97, 142, 80, 36.4), (60, 96),
         (("Osteoarthritis", "396275006"),), (("Paracetamol 500mg tablets", "Two four times a day"),)),
    Need("palliative", ("Pain not held, cancer", "Breathless at the end of life"),
         (_END, _NURSING), _vitals(21, 94, 108, 98, 36.7), (48, 95),
         (("Malignant neoplastic disease", "363346000"),),
         (("Oramorph 10mg/5ml oral solution", "5 ml when needed"),)),
    Need("equipment", ("Bed or hoist has failed at home", "Can't be moved: hoist broken"),
         (_CARERS, _UCR), _vitals(16, 97, 130, 76, 36.5), (45, 95),
         (("Multiple sclerosis", "24700007"),), (("Baclofen 10mg tablets", "One three times a day"),)),
    Need("confusion", ("More confused since yesterday", "Wandering, not himself"),
         (_WARD, _UCR), _vitals(18, 96, 128, 86, 37.2, "C"), (72, 99),
         (("Dementia", "52448006"),), (("Donepezil 10mg tablets", "One at night"),)),
    Need("catheter", ("Catheter blocked", "Catheter bypassing, pain"),
         (_NURSING,), _vitals(17, 97, 144, 88, 36.9), (55, 97),
         (("Long-term urinary catheter", ""),), (("Tamsulosin 400microgram capsules", "One a day"),)),
    Need("diabetes", ("Low blood glucose, better now", "Glucose high, out of insulin"),
         (_DIABETES, _UCR), _vitals(16, 98, 134, 82, 36.4), (24, 92),
         (("Type 2 diabetes mellitus", "44054006"),),
         (("Humulin M3 KwikPen", "Twice a day"), ("Metformin 500mg tablets", "Twice a day"))),
    Need("carer-breakdown", ("Carer taken ill, can't be left", "Husband can't go on caring"),
         (_CARERS, _UCR), _vitals(16, 96, 128, 76, 36.5), (65, 99),
         (("Dementia", "52448006"),), (("Memantine 10mg tablets", "Two a day"),)),
    Need("breathless", ("More breathless than usual", "Cough and breathlessness"),
         (_WARD,), _vitals(23, 92, 134, 98, 37.6), (50, 93),
         (("Chronic obstructive lung disease", "13645005"),),
         (("Salbutamol 100micrograms/dose inhaler", "When needed"),)),
    Need("infection", ("Fever and shivering", "Red swollen leg"),
         (_WARD,), _vitals(20, 95, 112, 104, 38.6), (30, 94),
         (("Urinary tract infection", "68566005"),), (("Nitrofurantoin 50mg capsules", "Four a day"),)),
    Need("chest-pain", ("Central chest pain", "Chest tightness on walking"),
         (), _vitals(18, 96, 148, 92, 36.6), (42, 92),
         (("Ischaemic heart disease", "414545008"),), (("Aspirin 75mg tablets", "One a day"),)),
    Need("stroke", ("Face drooping, speech slurred", "Weak left arm since this morning"),
         (), _vitals(18, 96, 176, 86, 36.6), (55, 96),
         (("Atrial fibrillation", "49436004"),), (("Apixaban 5mg tablets", "One twice a day"),)),
    Need("injury", ("Fall, painful hip", "Wrist deformed after a fall"),
         (), _vitals(19, 96, 146, 98, 36.3), (20, 96),
         (("Osteopenia", "312894000"),), (("Ibuprofen 400mg tablets", "When needed"),)),
    Need("other", ("Abdominal pain", "Dizzy", "Nosebleed"),
         (_UCR,), _vitals(17, 97, 132, 84, 36.7), (18, 95),
         (("Hypertensive disorder", "38341003"),), (("Ramipril 5mg capsules", "One a day"),)),
)  # fmt: skip

BY_CODE = {need.code: need for need in NEEDS}

FAMILIES = (
    "Alderley", "Ashbloom", "Avocetson", "Barleyfield", "Birchmoor", "Bluebellman", "Buntingham",
    "Campionsey", "Cedarwick", "Chaffinchley", "Cloverdale", "Coltsfoot", "Cootham", "Curlewson",
    "Daisywell", "Dunlinson", "Elderflower", "Fennelly", "Fernhollow", "Foxgloveson", "Gannetby",
    "Gorseman", "Harebellow", "Hazelnutter", "Hollyoakley", "Ivyhurst", "Jackdawson", "Juniperley",
    "Kingcupper", "Lavenderby", "Linnetfield", "Mallowson", "Maplethorn", "Meadowsweet",
    "Nightshade", "Nuthatcher", "Oakapple", "Orchidson", "Ospreyman", "Ouzelby", "Peewit-Jones",
    "Pimpernell", "Plovercote", "Primroseley", "Quincewood", "Ravensedge", "Redpollard",
    "Rushlight", "Saffronby", "Sedgewarbler", "Shrikefield", "Snowdropper", "Stonechatham",
    "Swallowtail", "Tansyman", "Thrushcross", "Twayblade", "Vetchling", "Violetson", "Wagtailer",
    "Wheatearley", "Willowherb", "Woodlarkin", "Wrenfield", "Yarrowby", "Yellowhammer",
)  # fmt: skip
GIVEN = {
    "female": ("Ada", "Agnes", "Beryl", "Chidi", "Dilys", "Elspeth", "Farida", "Gwendolen",
               "Halina", "Ines", "Joyce", "Kamala", "Lilian", "Mavis", "Nora", "Olive", "Phyllis",
               "Rosa", "Shirin", "Thelma", "Una", "Vera", "Wanda", "Yvonne"),
    "male": ("Abdul", "Bernard", "Cyril", "Desmond", "Edwin", "Felix", "Gordon", "Hector", "Idris",
             "Jerzy", "Kenneth", "Lionel", "Mohan", "Neville", "Oswald", "Percy", "Quentin",
             "Ronald", "Stanley", "Trevor", "Umar", "Victor", "Wilfred", "Yusuf"),
}  # fmt: skip
