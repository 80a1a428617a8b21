"""The people of the years of history: lean, and each with what the books have to know of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sandbox.people.county import PRACTICES, gp_of, org, source, trust
from sandbox.people.entries.measured import FRAILTY_LEVELS, FRAILTY_SCORE
from sandbox.people.fhir import (
    HL7,
    NHS_NUMBER,
    SNOMED,
    UK_CODES,
    UK_CORE,
    Resource,
    category,
    coding,
    concept,
    instant,
    london_date,
    ref,
    snomed,
)
from sandbox.people.ledger import Life, day_span
from sandbox.people.needs import FAMILIES, GIVEN, Need
from sandbox.people.nhs_number import failing_nhs_number, nhs_number
from sandbox.people.person import (
    DEPRIVATION_DECILE,
    ETHNIC_CATEGORIES,
    ETHNIC_CATEGORY,
    NUMBER_STATUS,
    SECURITY,
    age_on,
)
from sandbox.people.rates import Rates

_SERIALS_FROM = 5000
_PRACTICES = tuple(PRACTICES)
_ETHNICITIES = "A" * 68 + "B" * 3 + "C" * 6 + "D" * 2 + "H" * 6 + "J" * 4 + "KMMNNRSZZ"
_FRAILTY_OF_OLD = (3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8)
_STATUS_SYSTEM = f"{UK_CODES}UKCore-NHSNumberVerificationStatusEngland"
_NUMBER_STATUS = f"{UK_CORE}Extension-UKCore-NHSNumberVerificationStatus"
_SECURITY_SYSTEM = f"{HL7}v3-Confidentiality"


@dataclass(slots=True)
class Citizen:
    """Somebody of the years of history."""

    key: int
    life: Life
    patient: Resource
    """Their Patient as first written."""
    elsewhere: Resource | None = None
    """Another organisation's Patient with the same NHS number."""
    free_from: datetime | None = None
    """When their last wait was over."""
    scores: int = 0


def _identifier(number: str, status: str) -> Resource:
    verified = concept("", coding(_STATUS_SYSTEM, status, NUMBER_STATUS[status]))
    return {
        "extension": [{"url": _NUMBER_STATUS, "valueCodeableConcept": verified}],
        "system": NHS_NUMBER,
        "value": number,
    }


class Citizens:
    """Makes people from one stream of chance, each with the next number."""

    def __init__(self, chance: Random, rates: Rates) -> None:
        self._chance = chance
        self._rates = rates
        self._made = 0

    def _happens(self, section: str, name: str) -> bool:
        return self._chance.random() < self._rates.one(section, name)

    def born_for(self, need: Need, when: datetime) -> Citizen:
        """A new citizen of an age that goes with the need, on the day of `when`."""
        chance = self._chance
        self._made += 1
        low, high = need.ages
        age = max(chance.randint(low, high), chance.randint(low, high))
        born = london_date(when) - timedelta(days=age * 365 + age // 4 + chance.randint(1, 364))
        life = Life(patient=f"citizen-{self._made}", born=born)
        stated = ""
        if not self._happens("not_recorded", "ethnicity"):
            stated = chance.choice(_ETHNICITIES)
            life.ethnicity = None if stated == "Z" else stated
        if not self._happens("not_recorded", "deprivation"):
            life.decile = min(chance.randint(1, 10), chance.randint(1, 10))
        citizen = Citizen(self._made, life, {})
        citizen.patient = self._patient(life, stated)
        return citizen

    def _patient(self, life: Life, stated: str) -> Resource:
        chance = self._chance
        gender = chance.choice(("female", "male"))
        serial = 2 * (_SERIALS_FROM + self._made)
        security = "U"
        identifiers = [_identifier(nhs_number(serial), "01")]
        if self._happens("people", "no_nhs_number"):
            identifiers, life.visible = [], False
        elif self._happens("people", "failing_nhs_number"):
            identifiers = [_identifier(failing_nhs_number(serial), "02")]
            life.visible = False
        elif self._happens("people", "very_restricted"):
            security, life.visible = "V", False
        practice = chance.choice(_PRACTICES)
        made: Resource = {
            "resourceType": "Patient",
            "id": life.patient,
            "meta": {
                "source": source(practice),
                "security": [coding(_SECURITY_SYSTEM, security, SECURITY[security])],
            },
            "active": True,
            "name": [
                {
                    "use": "official",
                    "family": chance.choice(FAMILIES),
                    "given": [chance.choice(GIVEN[gender])],
                }
            ],
            "gender": gender,
            "managingOrganization": org(practice),
        }
        if identifiers:
            made["identifier"] = identifiers
        if security == "V":
            life.born, life.ethnicity, life.decile = None, None, None
            return made
        made["generalPractitioner"] = [gp_of(practice)]
        made["birthDate"] = self._birth_date(life)
        if extension := _groups(life, stated):
            made["extension"] = extension
        return made

    def _birth_date(self, life: Life) -> str:
        if life.born is None:
            raise ValueError("only the very restricted have no birth date")
        life.birth_year_only = self._happens("people", "birth_year_only")
        return f"{life.born.year:04d}" if life.birth_year_only else life.born.isoformat()

    def second_record(self, citizen: Citizen, site: int) -> Resource | None:
        """The hospital's own Patient of the same NHS number, for some."""
        if not citizen.life.visible or not self._happens("people", "second_record"):
            return None
        citizen.elsewhere = {
            **citizen.patient,
            "id": f"{citizen.life.patient}-hospital",
            "meta": {"source": source(trust(site))},
            "managingOrganization": org(trust(site)),
        }
        return citizen.elsewhere

    def record(self, citizen: Citizen, need: Need, when: datetime) -> Iterator[Resource]:
        """What the shared record held of them when they came, as much as the rates ask for."""
        key, practice = citizen.key, citizen.patient["managingOrganization"]["reference"]
        head = {"meta": {"source": source(practice.rpartition("/")[2])}}
        subject = ref("Patient", citizen.life.patient)
        written = london_date(when) - timedelta(days=self._chance.randint(40, 2000))
        for number, (words, code) in enumerate(need.problems):
            if self._happens("history", "problems"):
                yield head | {
                    "resourceType": "Condition",
                    "id": f"problem-{key}-{number}",
                    "clinicalStatus": concept("", coding(f"{HL7}condition-clinical", "active")),
                    "code": snomed(words, code),
                    "subject": subject,
                    "recordedDate": written.isoformat(),
                }
        for number, (words, dose) in enumerate(need.medicines):
            if self._happens("history", "medicines"):
                yield head | {
                    "resourceType": "MedicationRequest",
                    "id": f"medicine-{key}-{number}",
                    "status": "active",
                    "intent": "order",
                    "medicationCodeableConcept": concept(words),
                    "subject": subject,
                    "authoredOn": written.isoformat(),
                    "dosageInstruction": [{"text": dose}],
                }
        if self._happens("history", "allergies"):
            yield head | {
                "resourceType": "AllergyIntolerance",
                "id": f"allergy-{key}",
                "clinicalStatus": concept(
                    "", coding(f"{HL7}allergyintolerance-clinical", "active")
                ),
                "code": snomed("No known allergy", "716186003"),
                "patient": subject,
                "recordedDate": written.isoformat(),
            }

    def frailty(self, citizen: Citizen, when: datetime) -> Iterator[Resource]:
        """Their frailty scores as they stood when they came."""
        born = citizen.life.born
        if born is None or age_on(born, when) < 65 or self._happens("not_recorded", "frailty"):
            return
        day = london_date(when) - timedelta(days=self._chance.randint(3, 700))
        level = self._chance.choice(_FRAILTY_OF_OLD)
        yield self.score(citizen, day, level)
        if self._happens("people", "frailty_in_error"):
            yield self.score(citizen, day + timedelta(days=1), 9, status="entered-in-error")

    def score(self, citizen: Citizen, day: date, level: int, *, status: str = "final") -> Resource:
        """One Clinical Frailty Scale score, entered in the books unless it was an error."""
        life = citizen.life
        citizen.scores += 1
        if status == "final":
            life.frailty.append((day_span(day)[0], level))
        code, words = FRAILTY_LEVELS[level - 1]
        made: Resource = {
            "resourceType": "Observation",
            "id": f"frailty-{citizen.key}-{citizen.scores}",
            "meta": citizen.patient["meta"],
            "status": status,
            "category": category(f"{HL7}observation-category", "survey"),
            "subject": ref("Patient", life.patient),
            "effectiveDateTime": day.isoformat(),
        }
        if self._chance.random() < 0.3:
            made["code"] = concept("Clinical Frailty Scale", coding(SNOMED, FRAILTY_SCORE))
            made["valueInteger"] = level
        else:
            name = f"Rockwood Clinical Frailty Scale level {level} - {words}"
            made["code"] = concept(name, coding(SNOMED, code, name))
        return made

    def died(self, citizen: Citizen, when: datetime) -> list[Resource]:
        """Their Patient resources once they have died: a new version of each."""
        life = citizen.life
        life.died = when
        if self._happens("people", "death_without_date"):
            death: Resource = {"deceasedBoolean": True}
        elif self._happens("people", "death_by_date"):
            day = london_date(when)
            life.died_first, life.died_last = day_span(day)
            death = {"deceasedDateTime": day.isoformat()}
        else:
            life.died_first = life.died_last = when
            death = {"deceasedDateTime": instant(when)}
        return [each | death for each in (citizen.patient, citizen.elsewhere) if each]


def _groups(life: Life, stated: str) -> list[Resource]:
    made: list[Resource] = []
    if stated:
        system = f"{UK_CODES}UKCore-EthnicCategoryEngland"
        code = coding(system, stated, ETHNIC_CATEGORIES[stated])
        made.append({"url": ETHNIC_CATEGORY, "valueCodeableConcept": concept("", code)})
    if life.decile is not None:
        made.append({"url": DEPRIVATION_DECILE, "valueInteger": life.decile})
    return made
