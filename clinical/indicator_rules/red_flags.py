"""Rules about danger: what the crew's words name, head injury and anticoagulants, a long lie.

What each asks is whether the reason or the findings *name* something. A plain word is "possible"
and counts as found; one that is denied, past or unclear is unknown and shown; where a reason is
recorded and doesn't name it, nothing was found, and that rules nothing out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from clinical.evidence import Indicator
from clinical.indicator_rules.facts import (
    Facts,
    Looked,
    Named,
    Rule,
    crew_said_something,
    entry_is,
    evidence_of,
    look,
    named,
    split,
)
from clinical.indicator_words import LONG_LIE, ON_THE_FLOOR, RED_FLAGS, WordList
from clinical.mentions import Manner
from clinical.record import Entry

_STILL_TAKEN = frozenset({"active", "on-hold", "intended", "in-progress", "unknown", ""})
_TAKEN_ONCE = frozenset({"completed", "stopped", "ended"})

_MINUTES_A: Mapping[str, int] = {"m": 1, "h": 60, "d": 24 * 60}
_DURATION = re.compile(
    r"\b(?P<many>\d+(?:\.\d+)?|half an|an?|several|two|three|four|five|six|eight|ten|twelve)"
    r"\s*\+?\s*(?P<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)\b",
    re.IGNORECASE,
)
_IN_WORDS: Mapping[str, float] = {
    "half an": 0.5,
    "a": 1,
    "an": 1,
    "two": 2,
    "three": 3,
    "several": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "eight": 8,
    "ten": 10,
    "twelve": 12,
}


def _names(what: str) -> Rule:
    def judge(facts: Facts, rule: Rule) -> Indicator:
        return _judge_naming(facts, rule, named(facts, facts.settings.red_flags[what]))

    return Rule(
        what,
        f"The reason or the findings name {{settings.red_flags[{what}].title}}",
        judge,
        red_flag=True,
    )


def _judge_naming(facts: Facts, rule: Rule, found: Named | None) -> Indicator:
    if found is not None and found.manner is Manner.PLAIN:
        return rule.met(facts, f"“{found.words}”: possible.", found.evidence)
    if found is not None:
        return rule.unknown(facts, f"Mentions “{found.words}”: ask.", found.evidence)
    if not crew_said_something(facts):
        return rule.unknown(facts, "No reason for the call is recorded, or not all was read.")
    return rule.not_met(facts, "Not named, which doesn't rule it out.")


def _head_injury_on_anticoagulant(facts: Facts, rule: Rule) -> Indicator:
    """Met by a head injury and an anticoagulant among the medicines that may still be taken.

    A head injury while the medicines couldn't be read whole is unknown, never "no anticoagulant".
    A fall on an anticoagulant, with no word of the head, is unknown too: people who fell on one
    have to be asked. Not met where no head injury and no fall is named, or where the medicines
    are whole and hold none.
    """
    settings = facts.settings
    head = named(facts, settings.head_injury)
    fall = named(facts, settings.needs["falls"])
    if head is None and fall is None:
        if not crew_said_something(facts):
            return rule.unknown(facts, "No reason for the call is recorded, or not all was read.")
        return rule.not_met(facts, "Neither a head injury nor a fall is named.")
    happened = next(each for each in (head, fall) if each is not None)
    medicines = look(facts, "medicines")
    taken, perhaps = anticoagulants(facts, medicines)
    evidence = (happened.evidence, *map(evidence_of, taken or perhaps))
    if taken and head is not None and head.manner is Manner.PLAIN:
        return rule.met(facts, f"“{head.words}”, on an anticoagulant.", *evidence)
    if taken or perhaps:
        doubt = "perhaps on one" if not taken else "on one"
        said = "a head injury isn't named" if head is None else f"“{head.words}”"
        return rule.unknown(facts, f"An anticoagulant: {doubt}; {said}: ask.", *evidence)
    if medicines.asserted_none or medicines.whole:
        return rule.not_met(facts, "No anticoagulant among the medicines.", *evidence)
    return rule.unknown(facts, medicines.why_not, *evidence)


def anticoagulants(facts: Facts, medicines: Looked) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """(those taken now, those perhaps: in doubt, or stopped so lately that they may still act)."""
    return _taken(facts, medicines, facts.settings.anticoagulants)


def _taken(
    facts: Facts, medicines: Looked, what: WordList
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    recent = timedelta(days=facts.settings.medicine_recent_days)
    plain, doubted = split([entry for entry in medicines.entries if entry_is(entry, what)])
    now: list[Entry] = []
    perhaps = [
        entry
        for entry in doubted
        if entry.status in _STILL_TAKEN and not entry.caution[0].startswith("an instruction NOT")
    ]
    for entry in plain:
        last = entry.ended or entry.when
        if entry.status in _STILL_TAKEN:
            ended = entry.ended is not None and entry.ended.before <= facts.now - recent
            (perhaps if ended else now).append(entry)
        elif entry.status in _TAKEN_ONCE and (
            last is None or last.possibly_within(recent, facts.now)
        ):
            perhaps.append(entry)
    return tuple(now), tuple(perhaps)


def _long_lie(facts: Facts, rule: Rule) -> Indicator:
    """Met by a long lie in so many words, or by a time on the floor of at least the minutes set.

    A shorter time that is stated is not met; time on the floor without a number is unknown.
    """
    long_lie = named(facts, LONG_LIE)
    if long_lie is not None:
        return _judge_naming(facts, rule, long_lie)
    floor = named(facts, ON_THE_FLOOR)
    if floor is None:
        return _judge_naming(facts, rule, None)
    if floor.manner is not Manner.PLAIN:
        return _judge_naming(facts, rule, floor)
    minutes = minutes_said(floor.words)
    if minutes is None:
        return rule.unknown(facts, f"Mentions “{floor.words}”: how long?", floor.evidence)
    judged = rule.met if minutes >= facts.settings.long_lie_minutes else rule.not_met
    return judged(facts, f"“{floor.words}”.", floor.evidence)


def minutes_said(words: str) -> float | None:
    """The longest time that free text gives, in minutes; None where it gives none."""
    times = [
        float(_IN_WORDS.get(match["many"].lower(), 0) or match["many"])
        * _MINUTES_A[match["unit"][0].lower()]
        for match in _DURATION.finditer(words)
    ]
    return max(times, default=None)


def _high_risk_medicines(facts: Facts, rule: Rule) -> Indicator:
    """Met by a medicine that may still be taken and needs care: shown, never counted."""
    medicines = look(facts, "medicines")
    found: dict[str, list[Entry]] = {}
    for what in facts.settings.high_risk_medicines.values():
        taken, perhaps = _taken(facts, medicines, what)
        if taken or perhaps:
            found[what.title] = [*taken, *perhaps]
    if found:
        evidence = dict.fromkeys(
            evidence_of(entry) for entries in found.values() for entry in entries
        )
        return rule.met(facts, f"Takes {', '.join(found)}.", *evidence)
    if medicines.asserted_none or medicines.whole:
        return rule.not_met(facts, "None among the medicines.")
    return rule.unknown(facts, medicines.why_not)


RULES = (
    *(_names(what) for what in RED_FLAGS),
    Rule(
        "head-injury-on-anticoagulant",
        "A head injury on an anticoagulant",
        _head_injury_on_anticoagulant,
        red_flag=True,
    ),
    Rule(
        "long-lie",
        "On the floor for {settings.long_lie_minutes} minutes or more",
        _long_lie,
        red_flag=True,
    ),
    Rule(
        "high-risk-medicines",
        "A medicine that needs care at home",
        _high_risk_medicines,
        shown_only=True,
    ),
)
