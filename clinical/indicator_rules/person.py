"""Rules about the person: age, death, restriction, practice."""

from __future__ import annotations

from clinical.evidence import Evidence, Indicator
from clinical.indicator_rules.facts import Facts, Rule
from clinical.person import Confidentiality


def _born(facts: Facts) -> Evidence:
    person = facts.patient.person
    return Evidence(
        f"Aged {facts.age.words}" if facts.age else "Birth date not recorded",
        person.birth_date,
        "",
        f"Patient/{person.patient}",
    )


def _is_adult(facts: Facts) -> bool | None:
    return None if facts.age is None else facts.age.at_least(facts.settings.adult_from_age)


def _adult(facts: Facts, rule: Rule) -> Indicator:
    """Met from the adult age; unknown without a birth date or where a partial one leaves it open.

    Source: urgent community response is for adults of 18 and over (NHS England).
    """
    match _is_adult(facts):
        case True:
            return rule.met(facts, "Of age.", _born(facts))
        case False:
            return rule.not_met(facts, "Not of age.", _born(facts))
        case None:
            return rule.unknown(facts, "The birth date doesn't tell.", _born(facts))


def _child(facts: Facts, rule: Rule) -> Indicator:
    """The same the other way round, as a red flag: a child isn't redirected by this program."""
    match _is_adult(facts):
        case True:
            return rule.not_met(facts, "Of age.", _born(facts))
        case False:
            return rule.met(facts, "Not of age.", _born(facts))
        case None:
            return rule.unknown(facts, "The birth date doesn't tell.", _born(facts))


def _deceased(facts: Facts, rule: Rule) -> Indicator:
    """Met where the record says that they have died; nothing can override that.

    A Patient without a word about death is one whose death isn't recorded, which is all that
    this rule asks: not met.
    """
    person = facts.patient.person
    if person.deceased or person.deceased_at is not None:
        died = Evidence("Recorded as deceased", person.deceased_at, "", f"Patient/{person.patient}")
        return rule.met(facts, "Check that this is the right person.", died)
    return rule.not_met(facts, "No death is recorded.")


def _restricted(facts: Facts, rule: Rule) -> Indicator:
    """Met where the record is restricted: address and sections are withheld."""
    person = facts.patient.person
    if person.confidentiality is Confidentiality.NORMAL:
        return rule.not_met(facts, "Not marked as restricted.")
    marked = Evidence(
        f"Marked {person.confidentiality.value}", None, "", f"Patient/{person.patient}"
    )
    return rule.met(facts, "Address and parts of the record are withheld: ask the person.", marked)


def _practice(facts: Facts, rule: Rule) -> Indicator:
    """Met where their practice is one of the area's, by ODS code.

    Unknown where the site hasn't listed its practices, where no practice or no code is recorded,
    and for a restricted record, which keeps the practice back.
    """
    person, area = facts.patient.person, facts.settings.area_practices
    ods = person.general_practice_ods.strip().upper()
    if not ods:
        return rule.unknown(facts, "No practice with a code is recorded.")
    registered = Evidence(
        f"{person.general_practice or 'Practice'} ({ods})", None, "", f"Patient/{person.patient}"
    )
    if not area:
        return rule.unknown(facts, "The practices of the area aren't set up here.", registered)
    if ods in area:
        return rule.met(facts, "Registered with a practice of the area.", registered)
    return rule.not_met(facts, "Registered with a practice outside the area.", registered)


RULES = (
    Rule("age-18-or-over", "Adult", _adult),
    Rule("gp-in-area", "Registered with a practice of the area", _practice),
    Rule("restricted-record", "The record is restricted", _restricted, shown_only=True),
    Rule("child", "Under the age for community response", _child, red_flag=True),
    Rule(
        "deceased",
        "The record says that they have died",
        _deceased,
        red_flag=True,
        absolute=True,
    ),
)
