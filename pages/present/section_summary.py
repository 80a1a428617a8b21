"""What a section comes to in a line or two, before its entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from markupsafe import Markup

from clinical.frailty import FRAILTY_WORDS, newest_frailty
from clinical.hospital_use import Count, hospital_use
from clinical.indicator_settings import IndicatorSettings
from clinical.indicator_words import WordList
from clinical.medicine_marks import high_risk, is_current
from clinical.record import Entry, RecordSection, SectionState
from pages.present import times
from pages.present.escape import html, join

_SIGNIFICANT = frozenset({"major", "significant"})


def summary_html(section: RecordSection, now: datetime, settings: IndicatorSettings) -> Markup:
    """The section's summary, or nothing where it has none or nothing was loaded."""
    if section.state is not SectionState.LOADED:
        return Markup()
    match section.name:
        case "attendances":
            lines = _hospital_use(section, now)
        case "frailty":
            lines = _frailty(section)
        case "medicines":
            lines = _medicines(section, now, settings)
        case _:
            lines = ()
    return join(html('<p class="hv-summary">{line}</p>', line=line) for line in lines)


def marks_of(entry: Entry, lists: Mapping[str, WordList]) -> tuple[str, ...]:
    """What is said beside an entry's title: a significant problem, a high-risk medicine."""
    if entry.kind == "Condition" and entry.weight in _SIGNIFICANT:
        return ("Significant",)
    if entry.kind.startswith("Medication"):
        return tuple(f"High risk: {_plainly(title)}" for title in high_risk(entry, lists))
    return ()


def _hospital_use(section: RecordSection, now: datetime) -> tuple[str, ...]:
    use = hospital_use(section, now)
    at_least = "" if use.complete else "at least "
    return (
        _counted("ED attendances", use.attendances, at_least),
        _counted("Admissions", use.admissions, at_least),
    )


def _counted(what: str, count: Count, at_least: str) -> str:
    said = (
        f"{what}: {at_least}{count.in_30_days} in the last 30 days, "
        f"{at_least}{count.in_12_months} in the last 12 months"
    )
    return f"{said}, and {count.undated} without a date" if count.undated else said


def _frailty(section: RecordSection) -> tuple[str, ...]:
    found = newest_frailty(section)
    if found is None:
        return ("No dated Clinical Frailty Scale among these.",)
    level, entry = found
    by = f"scored by {entry.source}" if entry.source else "who scored it is not recorded"
    return (
        f"Clinical Frailty Scale {level}, {FRAILTY_WORDS[level]} · {times.moment(entry.when)} "
        f"· {by}",
    )


def _medicines(
    section: RecordSection, now: datetime, settings: IndicatorSettings
) -> tuple[str, ...]:
    current = [each for each in section.entries if is_current(each, now)]
    risky = [each for each in current if high_risk(each, settings.high_risk_medicines)]
    said = f"{len(current)} current, {len(risky)} of them high risk"
    if "high-risk-medicines" in settings.unverified:
        said = f"{said} (found by a list of names that has not been verified)"
    return (said,)


def _plainly(title: str) -> str:
    """ "an anticoagulant" as "anticoagulant"."""
    for article in ("a ", "an "):
        if title.startswith(article):
            return title.removeprefix(article)
    return title
