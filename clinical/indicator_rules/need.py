"""Rules about what they need and who knows them: need, frailty, community, recent discharge."""

from __future__ import annotations

from datetime import timedelta

from clinical.evidence import Indicator
from clinical.indicator_rules.facts import (
    Facts,
    Named,
    Rule,
    crew_said_something,
    evidence_of,
    evidence_of_reason,
    look,
    named,
    recent,
    split,
)
from clinical.indicator_words import OTHER_REASONS, WordList
from clinical.mentions import Manner
from clinical.record import Entry

FRAILTY_LEVELS = {
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
"""Clinical Frailty Scale level by its SNOMED CT code."""
FRAILTY_SCORES = frozenset({"1129321000000103", "445414007"})
"""Codes of the scale as a score with a number. UNVERIFIED but for their check digit."""

_DAYS_A_MONTH = 30.4375
_ADMISSIONS = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})


def clinical_frailty(entry: Entry) -> int | None:
    """The Clinical Frailty Scale that an entry records, 1 to 9; None where it is no such entry.

    Records hold either the code of a level, or the code of the scale and a number.
    """
    for code in entry.codes:
        if code.code in FRAILTY_LEVELS:
            return FRAILTY_LEVELS[code.code]
    number = entry.number
    if number is None or not any(code.code in FRAILTY_SCORES for code in entry.codes):
        return None
    return next((level for level in range(1, 10) if number.is_finite() and number == level), None)


def _community_need(facts: Facts, rule: Rule) -> Indicator:
    """Met where reason or findings plainly name one of the nine conditions or needs.

    Words that don't name one exclude nobody: unknown. Not met only where the reason is coded from
    the call-reason list as something that is none of the nine.
    """
    found: list[tuple[WordList, Named]] = []
    for need in facts.settings.needs.values():
        naming = named(facts, need)
        if naming is not None:
            found.append((need, naming))
    plain = [(need, naming) for need, naming in found if naming.manner is Manner.PLAIN]
    if plain:
        needs = ", ".join(need.title for need, _ in plain)
        evidence = dict.fromkeys(naming.evidence for _, naming in plain)
        return rule.met(facts, f"Possibly {needs}.", *evidence)
    codes = {f"{code.system}|{code.code}" for code in facts.patient.reason_codes}
    if found:
        naming = found[0][1]
        return rule.unknown(facts, f"Mentions “{naming.words}”: ask.", naming.evidence)
    if codes & OTHER_REASONS:
        return rule.not_met(
            facts, "The reason is coded as none of the nine.", evidence_of_reason(facts)
        )
    if not crew_said_something(facts):
        return rule.unknown(facts, "No reason for the call is recorded, or not all was read.")
    return rule.unknown(facts, "The reason names none of the nine.", evidence_of_reason(facts))


def _frailty(facts: Facts, rule: Rule) -> Indicator:
    """Met by the newest Clinical Frailty Scale from the lower to the upper bound.

    Unknown under the age it is validated for, where it is older than the months set, where its
    time or meaning is in doubt, and where none was found: that nobody scored it says nothing.
    """
    settings = facts.settings
    scored = [
        (entry, level)
        for entry in (*look(facts, "frailty").entries, *facts.patient.findings)
        if not entry.in_error and (level := clinical_frailty(entry)) is not None
    ]
    if not scored:
        why = look(facts, "frailty").why_not
        return rule.unknown(facts, why or "No Clinical Frailty Scale is on record.")
    newest, level = max(
        scored, key=lambda each: each[0].when.earliest.timestamp() if each[0].when else 0
    )
    evidence = evidence_of(newest)
    if why := _frailty_in_doubt(facts, newest):
        return rule.unknown(facts, why, evidence)
    same = {value for entry, value in scored if entry.when and entry.when == newest.when}
    if len(same) > 1:
        return rule.unknown(facts, "Two different scores carry the same date.", evidence)
    inside = settings.frailty_from <= level <= settings.frailty_to
    judged = rule.met if inside else rule.not_met
    return judged(facts, f"Scale {level}.", evidence)


def _frailty_in_doubt(facts: Facts, entry: Entry) -> str:
    settings = facts.settings
    old_enough = None if facts.age is None else facts.age.at_least(settings.frailty_valid_from_age)
    if old_enough is not True:
        return f"The scale is validated from {settings.frailty_valid_from_age}."
    if entry.caution:
        return "The entry carries a caution."
    if entry.when is None:
        return "The record doesn't say when it was scored."
    span = timedelta(days=_DAYS_A_MONTH * settings.frailty_stale_months)
    if not recent(entry.when, span, facts.now):
        return f"It wasn't certainly scored in the last {settings.frailty_stale_months} months."
    return ""


def _known_to_community(facts: Facts, rule: Rule) -> Indicator:
    """Met by an open episode of care or an active care team.

    Not met only where the contacts are whole and hold an episode, all of them closed: a record
    that shows closed episodes shows episodes. Otherwise unknown.
    """
    contacts, teams = look(facts, "contacts"), look(facts, "social")
    episodes = [entry for entry in contacts.entries if entry.kind == "EpisodeOfCare"]
    care_teams = [entry for entry in teams.entries if entry.kind == "CareTeam"]
    plain, doubted = split(
        [entry for entry in episodes if entry.status in ("active", "onhold")]
        + [entry for entry in care_teams if entry.status == "active"]
    )
    plain = tuple(each for each in plain if each.ended is None or each.ended.before > facts.now)
    if plain:
        return rule.met(facts, "On a caseload now.", *(evidence_of(entry) for entry in plain))
    if doubted:
        return rule.unknown(facts, "Perhaps on a caseload.", evidence_of(doubted[0]))
    if contacts.asserted_none:
        return rule.not_met(facts, "Recorded as known to no community service.")
    if contacts.whole and episodes:
        return rule.not_met(facts, "Every episode on record is closed.", evidence_of(episodes[0]))
    return rule.unknown(facts, contacts.why_not or "No episode of care is on record.")


def _recent_discharge(facts: Facts, rule: Rule) -> Indicator:
    """Met by an admission that ended within the days set.

    Not met where the attendances are whole and none of them did: a record that shows attendances
    shows those it holds. An admission whose end could lie on either side is unknown.
    """
    days = facts.settings.recent_discharge_days
    span = timedelta(days=days)
    attended = look(facts, "attendances")
    stays = [entry for entry in attended.entries if entry.category in _ADMISSIONS]
    stays = [entry for entry in stays if entry.status not in ("planned", "cancelled")]
    certain = [
        entry
        for entry in stays
        if not entry.caution and entry.ended and recent(entry.ended, span, facts.now)
    ]
    if certain:
        return rule.met(
            facts, f"Left hospital in the last {days} days.", *map(evidence_of, certain)
        )
    possible = [
        entry
        for entry in stays
        if (
            entry.ended is None
            and (entry.when is None or entry.when.possibly_within(span, facts.now))
        )
        or (entry.ended is not None and entry.ended.possibly_within(span, facts.now))
    ]
    if possible:
        return rule.unknown(facts, "Perhaps: the dates don't tell.", evidence_of(possible[0]))
    if attended.asserted_none or attended.whole:
        return rule.not_met(facts, f"No admission on record ended in the last {days} days.")
    return rule.unknown(facts, attended.why_not)


RULES = (
    Rule("urgent-community-need", "One of the nine urgent community needs", _community_need),
    Rule(
        "frailty-4-to-9",
        "Clinical Frailty Scale {settings.frailty_from} to {settings.frailty_to}",
        _frailty,
    ),
    Rule("known-to-community", "Known to a community team", _known_to_community),
    Rule(
        "recent-discharge",
        "Left hospital in the last {settings.recent_discharge_days} days",
        _recent_discharge,
        senior_review=True,
    ),
)
