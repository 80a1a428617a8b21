"""The order in which a clinician reads each section: what stands first, what is over last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinical.indicator_words import WordList
from clinical.medicine_marks import high_risk, is_current
from clinical.record import Entry, RecordSection, newest_first

_OVER = frozenset(
    {
        "inactive", "remission", "resolved", "completed", "finished", "stopped", "cancelled",
        "revoked", "rejected", "superseded", "ended", "not-done",
    }
)  # fmt: skip
_WEIGHTS = ("major", "significant", "high", "stat", "asap", "urgent")
"""What a record says of what matters most: a problem's significance, an allergy's criticality, a
request's priority (FHIR R4; GP Connect's problem significance)."""
_LIGHT = frozenset({"minor", "low"})


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of a section that are read together. ``title`` is empty for the only group."""

    title: str
    entries: tuple[Entry, ...]


def grouped(
    section: RecordSection, now: datetime, high_risk_lists: Mapping[str, WordList]
) -> tuple[Group, ...]:
    """The entries of a section in the order to read them, all of them, none twice.

    Newest first within a group, those of unknown date before them all in a group that is read
    for what stands now. What was entered in error comes last.
    """
    entries = newest_first(section.entries)
    wrong = [entry for entry in entries if entry.in_error]
    right = [entry for entry in entries if not entry.in_error]
    divide = _DIVIDED.get(section.name, _as_it_is)
    groups = divide(right, now, high_risk_lists)
    shown = [Group(title, tuple(each)) for title, each in (*groups, ("Entered in error", wrong))]
    found = tuple(group for group in shown if group.entries)
    if len(found) == 1 and not wrong:
        return (Group("", found[0].entries),) if section.name not in _DIVIDED else found
    return found


_Divided = Sequence[tuple[str, Sequence[Entry]]]
_Divide = Callable[[list[Entry], datetime, Mapping[str, WordList]], _Divided]


def _as_it_is(entries: list[Entry], _now: datetime, _lists: Mapping[str, WordList]) -> _Divided:
    dated = [entry for entry in entries if entry.when is not None]
    return (("", [*dated, *(entry for entry in entries if entry.when is None)]),)


def _problems(entries: list[Entry], _now: datetime, _lists: Mapping[str, WordList]) -> _Divided:
    active = sorted((each for each in entries if each.status not in _OVER), key=_problem_weight)
    over = sorted((each for each in entries if each.status in _OVER), key=_problem_weight)
    return ("Active", active), ("Inactive or resolved", over)


def _problem_weight(entry: Entry) -> int:
    """Significant ones first, then the rest of the problem list, then diagnoses of one visit."""
    if entry.weight in _WEIGHTS:
        return 0
    if entry.weight in _LIGHT:
        return 3
    return 2 if entry.category == "encounter-diagnosis" else 1


def _medicines(entries: list[Entry], now: datetime, lists: Mapping[str, WordList]) -> _Divided:
    current = [each for each in entries if is_current(each, now)]
    current.sort(key=lambda each: not high_risk(each, lists))
    said = [each for each in entries if each.asserts_absence]
    over = [each for each in entries if not is_current(each, now) and not each.asserts_absence]
    return ("", said), ("Current", current), ("No longer taken, or not known to be", over)


def _allergies(entries: list[Entry], _now: datetime, _lists: Mapping[str, WordList]) -> _Divided:
    standing = sorted((each for each in entries if each.status not in _OVER), key=_weighty_first)
    over = [each for each in entries if each.status in _OVER]
    return ("Standing", standing), ("No longer standing", over)


def _weighty_first(entry: Entry) -> bool:
    return entry.weight not in _WEIGHTS


def _standing_first(first: str, then: str) -> _Divide:
    def divide(entries: list[Entry], now: datetime, _lists: Mapping[str, WordList]) -> _Divided:
        over = [each for each in entries if _over(each, now)]
        standing = [each for each in entries if not _over(each, now)]
        return (first, sorted(standing, key=_weighty_first)), (then, over)

    return divide


def _over(entry: Entry, now: datetime) -> bool:
    return entry.status in _OVER or (entry.ended is not None and entry.ended.before <= now)


def _social(entries: list[Entry], _now: datetime, _lists: Mapping[str, WordList]) -> _Divided:
    people = [each for each in entries if each.kind == "RelatedPerson"]
    teams = [each for each in entries if each.kind == "CareTeam"]
    rest = [each for each in entries if each.kind not in ("RelatedPerson", "CareTeam")]
    return ("Relatives and carers", people), ("Care teams", teams), ("At home", rest)


_DIVIDED: Mapping[str, _Divide] = {
    "alerts": _standing_first("Standing", "No longer standing"),
    "problems": _problems,
    "medicines": _medicines,
    "allergies": _allergies,
    "referrals": _standing_first("Open", "Closed"),
    "care-plans": _standing_first("Standing", "Ended"),
    "social": _social,
}
