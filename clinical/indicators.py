"""Indicators: what the record and the crew say for and against community care, with evidence.

The program advises and a person decides: each indicator is met, not met or unknown, says why and
on what evidence, and nothing adds them up to a verdict. ``docs`` of each rule are in
``clinical.indicator_rules``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from clinical.evidence import Indicator, Judgement
from clinical.indicator_rules import home, need, person, physiology, red_flags
from clinical.indicator_rules.facts import Facts, Rule
from clinical.indicator_settings import IndicatorSettings, settings_from
from clinical.record import RecordSection
from clinical.waiting import WaitingPatient, waited

__all__ = [
    "RULES",
    "WORTH_A_LOOK_RULE",
    "IndicatorSettings",
    "Summary",
    "judge",
    "red_flags_met",
    "settings_from",
    "summary",
    "worth_a_look_order",
]

RULES: tuple[Rule, ...] = (
    *need.RULES,
    *physiology.RULES,
    *person.RULES,
    *home.RULES,
    *red_flags.RULES,
)
"""Every rule. Their names are stable: checklists and settings refer to them."""

WORTH_A_LOOK_RULE = (
    "First those of whom most is known to speak for community care: the more indicators met, the "
    "higher. Among equals the longest wait comes first, and a wait of unknown length before any "
    "other. Those with a red flag come last, in the same order among themselves, and are never "
    "hidden."
)


class Summary(NamedTuple):
    """How many of the counted indicators are met, not met and unknown."""

    met: int
    not_met: int
    unknown: int


def judge(
    patient: WaitingPatient,
    sections: Mapping[str, RecordSection],
    settings: IndicatorSettings,
    now: datetime,
) -> tuple[Indicator, ...]:
    """Every indicator of one wait at ``now``, in a fixed order.

    ``sections`` are those of the record that were read, by name; a section that is absent was
    not, and nothing is concluded from it.
    """
    facts = Facts.of(patient, sections, settings, now)
    return tuple(rule.judge(facts, rule) for rule in RULES)


def summary(indicators: Sequence[Indicator]) -> Summary:
    """The counts of a card: "6 met, 1 not, 3 unknown".

    - An indicator that speaks for community care counts as what it is.
    - A red flag or a reason for senior review counts as "not" where it is found and as "unknown"
      where it isn't known; that none was found is no point in favour and counts nowhere. So a
      larger "met" never means more danger.
    - What is only shown (a plan on file, living alone) counts nowhere.
    """
    met = not_met = unknown = 0
    for indicator in indicators:
        if indicator.shown_only:
            continue
        against = indicator.red_flag or indicator.senior_review
        if indicator.judgement is Judgement.UNKNOWN:
            unknown += 1
        elif against:
            not_met += indicator.judgement is Judgement.MET
        elif indicator.judgement is Judgement.MET:
            met += 1
        else:
            not_met += 1
    return Summary(met, not_met, unknown)


def red_flags_met(indicators: Sequence[Indicator]) -> tuple[Indicator, ...]:
    """The red flags that were found."""
    return tuple(each for each in indicators if each.red_flag and each.judgement is Judgement.MET)


def worth_a_look_order(
    waiting: Sequence[WaitingPatient],
    indicators: Mapping[str, Sequence[Indicator]],
    now: datetime,
) -> tuple[WaitingPatient, ...]:
    """Everybody waiting in the order of ``WORTH_A_LOOK_RULE``.

    ``indicators`` are by encounter; somebody whose indicators couldn't be worked out has none met
    and none found.
    """

    def place(patient: WaitingPatient) -> tuple[bool, int, bool, float, str]:
        judged = indicators.get(patient.encounter, ())
        wait = waited(patient, now)
        return (
            bool(red_flags_met(judged)),
            -summary(judged).met,
            wait is not None,
            0.0 if wait is None else -wait.total_seconds(),
            patient.encounter,
        )

    return tuple(sorted(waiting, key=place))
