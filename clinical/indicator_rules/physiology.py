"""Rules about physiology: NEWS2, oxygen, whether the observations are complete and fresh.

NEWS2 thresholds: no national one for urgent community response is known; commonly 0 to 4 is
accepted, 5 and 6 discussed, 7 and over excluded. A single parameter that scores 3 asks for an
urgent ward-based review, so a total of 3 or 4 is not by itself low. New confusion scores 3: since
delirium is one of the nine needs it asks for senior review and excludes nobody.
"""

from __future__ import annotations

from datetime import timedelta

from clinical.evidence import Evidence, Indicator
from clinical.indicator_rules.facts import (
    Facts,
    Rule,
    entry_is,
    evidence_of,
    look,
    named,
    recent,
)
from clinical.indicator_words import HOME_OXYGEN, NEEDS
from clinical.mentions import Manner
from clinical.news2 import not_valid_because
from clinical.news2_chart import NOT_ALERT_POINTS, OXYGEN_POINTS, Parameter

_NEW_CONFUSION = "130987000"
_ON_OXYGEN, _ON_AIR = "371825009", "722742002"


def _reading(facts: Facts) -> tuple[Evidence, ...]:
    reading = facts.patient.news2
    if reading is None:
        return ()
    return (
        Evidence(
            f"NEWS2 {facts.concern.words}", reading.taken_at, reading.source, reading.reference
        ),
    )


def _not_usable(facts: Facts) -> str:
    """Why NEWS2 says nothing here at all; empty where it does."""
    if facts.patient.news2 is None or facts.concern.at_least is None:
        return "No NEWS2 is recorded for this wait."
    pregnant = _pregnant(facts)
    return not_valid_because(facts.age, pregnant=pregnant)


def _pregnant(facts: Facts) -> bool | None:
    pregnancy = facts.settings.red_flags.get("pregnancy")
    found = None if pregnancy is None else named(facts, pregnancy)
    return True if found is not None and found.manner is Manner.PLAIN else None


def _not_fresh(facts: Facts, minutes: int) -> str:
    """Why the reading is no evidence of how they are now; empty where it is."""
    taken = facts.patient.news2.taken_at if facts.patient.news2 is not None else None
    if taken is None:
        return "The record doesn't say when it was taken."
    if not recent(taken, timedelta(minutes=minutes), facts.now):
        return f"It wasn't certainly taken in the last {minutes} minutes."
    return ""


def _may_be_more(facts: Facts) -> str:
    """Why a score that looks low may not be; empty where it can't be more."""
    concern = facts.concern
    bounded = concern.at_most is not None and concern.at_most <= facts.settings.news2_low_to
    if bounded and concern.single_three is not None:
        return ""
    return " ".join(concern.caution) or "What it was made of isn't recorded."


def _low(facts: Facts, rule: Rule) -> Indicator:
    """Met by a fresh, complete NEWS2 up to the threshold with no parameter that scores 3."""
    if why := _not_usable(facts):
        return rule.unknown(facts, why, *_reading(facts))
    concern, most = facts.concern, facts.settings.news2_low_to
    least = concern.at_least or 0
    if least > most:
        return rule.not_met(facts, f"Above {most}.", *_reading(facts))
    if concern.single_three:
        return rule.not_met(facts, "One parameter scores 3.", *_reading(facts))
    if why := _may_be_more(facts) or _not_fresh(facts, facts.settings.news2_stale_minutes):
        return rule.unknown(facts, why, *_reading(facts))
    return rule.met(facts, f"{least}, and no parameter scores 3.", *_reading(facts))


def _senior_review(facts: Facts, rule: Rule) -> Indicator:
    """Met between the thresholds, and by one parameter that scores 3 below them."""
    if why := _not_usable(facts):
        return rule.unknown(facts, why, *_reading(facts))
    concern, low = facts.concern, facts.settings.news2_low_to
    high = facts.settings.news2_red_flag_from
    least = concern.at_least or 0
    if least >= high:
        return rule.not_met(facts, f"{high} or more: a red flag.", *_reading(facts))
    if least > low:
        return rule.met(facts, f"Between {low + 1} and {high - 1}.", *_reading(facts))
    if concern.single_three:
        return rule.met(
            facts, "One parameter scores 3: urgent ward-based review.", *_reading(facts)
        )
    if why := _may_be_more(facts) or _not_fresh(facts, facts.settings.news2_stale_minutes):
        return rule.unknown(facts, why, *_reading(facts))
    return rule.not_met(facts, "Low.", *_reading(facts))


def _high(facts: Facts, rule: Rule) -> Indicator:
    """Met from the red-flag threshold, however old the reading and though parameters are missing.

    Not met only by a fresh reading that can't reach it. Under 16 and in pregnancy a high score
    still counts, and a lower one says nothing.
    """
    high, concern = facts.settings.news2_red_flag_from, facts.concern
    if concern.at_least is not None and concern.at_least >= high:
        return rule.met(facts, f"{concern.words}.", *_reading(facts))
    if why := _not_usable(facts):
        return rule.unknown(facts, why, *_reading(facts))
    if concern.at_most is None or concern.at_most >= high:
        return rule.unknown(facts, " ".join(concern.caution), *_reading(facts))
    if why := _not_fresh(facts, facts.settings.news2_stale_minutes):
        return rule.unknown(facts, why, *_reading(facts))
    return rule.not_met(facts, f"Below {high}.", *_reading(facts))


def _observations(facts: Facts, rule: Rule) -> Indicator:
    """Met by all seven parameters taken within the time set (local practice)."""
    reading = facts.patient.news2
    if reading is None or (reading.total is None and not reading.points):
        return rule.unknown(facts, "No observations are recorded for this wait.")
    if not reading.points:
        return rule.unknown(facts, " ".join(facts.concern.caution), *_reading(facts))
    if reading.missing:
        return rule.not_met(facts, f"Missing: {', '.join(reading.missing)}.", *_reading(facts))
    minutes = facts.settings.observations_within_minutes
    if reading.taken_at is None:
        return rule.unknown(facts, "The record doesn't say when.", *_reading(facts))
    if not recent(reading.taken_at, timedelta(minutes=minutes), facts.now):
        return rule.not_met(facts, f"Not in the last {minutes} minutes.", *_reading(facts))
    return rule.met(facts, "All seven parameters.", *_reading(facts))


def _new_confusion(facts: Facts, rule: Rule) -> Indicator:
    """Met by "new confusion" among the findings or by a plain word for it.

    Never an exclusion: delirium is one of the nine needs.
    """
    for entry in facts.patient.findings:
        if not entry.in_error and any(code.code == _NEW_CONFUSION for code in entry.codes):
            return rule.met(facts, "Recorded as new confusion.", evidence_of(entry))
    found = named(facts, NEEDS["confusion"])
    if found is not None and found.manner is Manner.PLAIN:
        return rule.met(facts, f"Mentions “{found.words}”.", found.evidence)
    if found is not None:
        return rule.unknown(facts, f"Mentions “{found.words}”: ask.", found.evidence)
    reading = facts.patient.news2
    points = dict(reading.points) if reading is not None else {}
    scored = points.get(Parameter.CONSCIOUSNESS.value)
    if scored == 0:
        return rule.not_met(facts, "Alert at the last observations.", *_reading(facts))
    if scored == NOT_ALERT_POINTS:
        return rule.unknown(facts, "Not alert: whether confused isn't said.", *_reading(facts))
    return rule.unknown(facts, "Consciousness isn't recorded.")


def _new_oxygen(facts: Facts, rule: Rule) -> Indicator:
    """Met where oxygen is given now and the record knows of none at home.

    That it is new can't be read anywhere: with oxygen at home on record it is unknown whether
    they need more than usual; with the history unread it still counts as new.
    """
    given, evidence = _oxygen_given(facts)
    if given is None:
        return rule.unknown(facts, "Whether oxygen is given isn't recorded.", *evidence)
    if not given:
        return rule.not_met(facts, "On air.", *evidence)
    home = look(facts, "problems", "procedures", "medicines", "care-plans", "other")
    usual = next((entry for entry in home.entries if entry_is(entry, HOME_OXYGEN)), None)
    if usual is not None:
        return rule.unknown(
            facts,
            "On oxygen, and has oxygen at home: more than usual?",
            *evidence,
            evidence_of(usual),
        )
    return rule.met(facts, "On oxygen, and none at home is on record.", *evidence)


def _oxygen_given(facts: Facts) -> tuple[bool | None, tuple[Evidence, ...]]:
    reading = facts.patient.news2
    points = dict(reading.points) if reading is not None else {}
    scored = points.get(Parameter.AIR_OR_OXYGEN.value)
    if scored is not None:
        return scored == OXYGEN_POINTS, _reading(facts)
    for entry in facts.patient.findings:
        codes = {code.code for code in entry.codes}
        if not entry.in_error and codes & {_ON_OXYGEN, _ON_AIR}:
            return _ON_OXYGEN in codes, (evidence_of(entry),)
    return None, ()


RULES = (
    Rule(
        "news2-low",
        "NEWS2 of 0 to {settings.news2_low_to}, and no single parameter scoring 3",
        _low,
    ),
    Rule(
        "observations-complete",
        "A full set of observations in the last {settings.observations_within_minutes} minutes",
        _observations,
    ),
    Rule(
        "news2-senior-review",
        "NEWS2 above {settings.news2_low_to} and below {settings.news2_red_flag_from}, "
        "or a single parameter scoring 3",
        _senior_review,
        senior_review=True,
    ),
    Rule("new-confusion", "Newly confused", _new_confusion, senior_review=True),
    Rule("news2", "NEWS2 of {settings.news2_red_flag_from} or more", _high, red_flag=True),
    Rule("new-oxygen", "A new need for oxygen", _new_oxygen, red_flag=True),
)
