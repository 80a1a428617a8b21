"""Counting outcomes: each named count with its denominator and with what isn't known yet.

A count never hides its pending and unknown cases in a yes or a no. Gain and harm are counted over
the same people: those redirected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from clinical.moments import LONDON, Moment
from clinical.outcome_spans import Spans, all_spans
from clinical.outcomes import (
    DAY,
    HOUR,
    OutcomeSettings,
    RedirectCase,
    Verdict,
    accepted,
    admission_avoided,
    admitted_within,
    attendance_avoided,
    attended_within,
    died_within,
    redirect_reversed,
    redirected,
    two_hour_response,
    utc,
)
from clinical.review import Outcome

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Count:
    """One named count. ``of`` is everybody it asks about: yes, no, pending and unknown."""

    name: str
    yes: int
    of: int
    pending: int = 0
    unknown: int = 0

    @property
    def known(self) -> int:
        """How many have an answer: the denominator of a proportion."""
        return self.of - self.pending - self.unknown

    @property
    def proportion(self) -> float | None:
        """Yes among those with an answer; None where nobody has one."""
        return self.yes / self.known if self.known else None

    @property
    def completeness(self) -> float | None:
        """Those with an answer among everybody asked about; None where there is nobody."""
        return self.known / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """What the record showed of a set of cases at one time."""

    as_at: datetime
    cases: int
    counts: Mapping[str, Count]
    spans: Mapping[str, Spans]
    definitions: Mapping[str, str]


def span_name(window: timedelta) -> str:
    """ "72h" up to three days, "7d" from there: as windows stand in the names of counts."""
    if window % DAY == timedelta() and window > 3 * DAY:
        return f"{window // DAY}d"
    if window % HOUR == timedelta():
        return f"{window // HOUR}h"
    return f"{window // _MINUTE}min"


def count_outcomes(
    cases: Iterable[RedirectCase], as_at: datetime, settings: OutcomeSettings | None = None
) -> OutcomeCounts:
    """Every count and span of ``cases`` at ``as_at``, with the definition of each in words.

    ``as_at`` has to carry an offset. Which cases belong to a period is the caller's choice
    (``dated`` says by which time).
    """
    settings = settings or OutcomeSettings()
    as_at = utc(as_at)
    everybody = tuple(cases)
    decided = [case for case in everybody if case.outcome is not None]
    taken = [case for case in decided if accepted(case)]
    left = [case for case in taken if redirected(case, as_at) is Verdict.YES]
    counts = [
        Count("flagged", sum(case.flagged_at is not None for case in everybody), len(everybody)),
        Count("decided", len(decided), len(everybody)),
        *(_of_outcome(outcome, decided) for outcome in COUNTED_OUTCOMES),
        Count("withdrawn", sum(case.withdrawn for case in everybody), len(everybody)),
        Count("accepted", len(taken), len(decided)),
        _count("redirected", taken, lambda case: redirected(case, as_at)),
        _count("redirect-reversed", taken, lambda case: redirect_reversed(case, as_at)),
        *(
            _count(name, left, _asking(_ASKED[kind], window, as_at))
            for name, kind, window in windowed(settings)
        ),
    ]
    return OutcomeCounts(
        as_at=as_at,
        cases=len(everybody),
        counts=MappingProxyType({count.name: count for count in counts}),
        spans=MappingProxyType(
            {spans.name: spans for spans in all_spans(everybody, as_at, settings)}
        ),
        definitions=definitions(settings),
    )


def dated(case: RedirectCase) -> Moment | None:
    """The time by which a case belongs to a period: the decision, else the flag, else arrival."""
    return case.decided_at or case.flagged_at or case.waiting_since


def missed_opportunities(cases: Iterable[RedirectCase]) -> Mapping[tuple[str, int | None], int]:
    """How many would-be redirects were refused for capacity, by (service, hour of the day).

    The hour is that of the decision in Europe/London; None where it isn't recorded, and an empty
    service where none is.
    """
    found: Counter[tuple[str, int | None]] = Counter()
    for case in cases:
        if case.outcome is Outcome.NO_CAPACITY:
            when = case.decided_at
            hour = when.earliest.astimezone(LONDON).hour if when and when.exact else None
            found[case.service, hour] += 1
    return MappingProxyType(dict(found))


def suppressed(count: int, settings: OutcomeSettings | None = None) -> bool:
    """Whether a count is so small that people could be recognised. None at all may be shown."""
    return 0 < count < (settings or OutcomeSettings()).small_number


def definitions(settings: OutcomeSettings) -> Mapping[str, str]:
    """What each named count and span means, in plain words, with this site's windows."""
    words = dict(_PLAIN)
    threshold = settings.waiting_threshold // _MINUTE
    words["ambulance-time-lost"] = (
        f"Time that patients waited beyond {threshold} minutes, from arrival until they were "
        "handed over or left; for those still here, until the as-at time."
    )
    for name, kind, window in windowed(settings):
        words[name] = _WORDS[kind].format(window=_in_words(window))
    return MappingProxyType(words)


_Ask = Callable[[RedirectCase, timedelta, datetime], Verdict]

COUNTED_OUTCOMES: tuple[Outcome, ...] = tuple(
    outcome for outcome in Outcome if outcome not in (Outcome.REDIRECTED, Outcome.REDIRECT_REVERSED)
)
"""The outcomes that are counted as they stand; what came of a redirect is judged case by case."""
_ASKED: Mapping[str, _Ask] = {
    "attendance-avoided": attendance_avoided,
    "admission-avoided": admission_avoided,
    "reattendance": attended_within,
    "admission": admitted_within,
    "death": died_within,
    "community-response": two_hour_response,
}

_PLAIN: Mapping[str, str] = {
    "flagged": "Reviews asked for, or begun, for a patient waiting in an ambulance.",
    "decided": "Reviews in which a clinician recorded a decision, of all reviews.",
    "not-suitable": "Decisions that the patient isn't suitable for a redirect.",
    "patient-declined": "Decisions in which the patient didn't want to be redirected.",
    "no-capacity": (
        "Decisions that the patient could have been redirected and no community service had room: "
        "missed opportunities."
    ),
    "deferred": "Decisions to look again later, and none after that.",
    "handed-over-first": (
        "Reviews that came too late: the emergency department took the patient over first."
    ),
    "withdrawn": "Reviews that were withdrawn before a decision.",
    "accepted": "Decisions to redirect, whatever came of them.",
    "redirected": (
        "Accepted, and the patient left the emergency department's site without being handed over "
        "to it. Pending while they are still here; unknown where the record doesn't say when they "
        "left. Nobody's conveyance was avoided: they had all been brought by ambulance."
    ),
    "redirect-reversed": (
        "Accepted, and then reversed, or the emergency department took the patient over all the "
        "same: not a redirect."
    ),
    "flag-to-claim": "From the review being asked for until a clinician took it.",
    "claim-to-decision": "From a clinician taking the review until the decision.",
    "decision-to-departure": (
        "From a decision to redirect until the patient left or was handed over after all."
    ),
}

_WORDS: Mapping[str, str] = {
    "attendance-avoided": (
        "Redirected, and no attendance at an emergency department within {window} of leaving. "
        "Pending until that time is over; unknown where a later attendance couldn't be seen in "
        "this record. Somebody who died without attending counts here and among the deaths."
    ),
    "admission-avoided": (
        "Potential: redirected, and no emergency admission within {window} of leaving. Whether "
        "they would have been admitted otherwise nobody can know. Pending until that time is "
        "over; unknown where a later admission couldn't be seen in this record."
    ),
    "reattendance": "Redirected, and at an emergency department within {window} of leaving.",
    "admission": "Redirected, and admitted as an emergency within {window} of leaving.",
    "death": (
        "Redirected, and died within {window} of leaving. Unknown where they died and the record "
        "doesn't say when."
    ),
    "community-response": (
        "Redirected, and first seen face to face by the community service within {window} of the "
        "referral; a telephone call doesn't count. Unknown where no contact is recorded."
    ),
}


def windowed(settings: OutcomeSettings) -> list[tuple[str, str, timedelta]]:
    """(name, kind, window) of each count that asks what happened within a window."""
    kinds: Sequence[tuple[str, Sequence[timedelta]]] = (
        ("attendance-avoided", (settings.attendance_window,)),
        ("admission-avoided", settings.admission_windows),
        ("reattendance", settings.reattendance_windows),
        ("admission", settings.readmission_windows),
        ("death", settings.death_windows),
        ("community-response", (settings.response_window,)),
    )
    return [
        (f"{kind}-{span_name(window)}", kind, window)
        for kind, windows in kinds
        for window in windows
    ]


def _asking(ask: _Ask, window: timedelta, as_at: datetime) -> Callable[[RedirectCase], Verdict]:
    return lambda case: ask(case, window, as_at)


def _count(
    name: str, cases: Sequence[RedirectCase], verdict: Callable[[RedirectCase], Verdict]
) -> Count:
    verdicts = Counter(verdict(case) for case in cases)
    return Count(
        name,
        yes=verdicts[Verdict.YES],
        of=len(cases),
        pending=verdicts[Verdict.PENDING],
        unknown=verdicts[Verdict.UNKNOWN],
    )


def _of_outcome(outcome: Outcome, decided: Sequence[RedirectCase]) -> Count:
    return Count(outcome.value, sum(case.outcome is outcome for case in decided), len(decided))


def _in_words(window: timedelta) -> str:
    if window % DAY == timedelta() and window > 3 * DAY:
        return f"{window // DAY} days"
    if window % HOUR == timedelta():
        return f"{window // HOUR} hours"
    return f"{window // _MINUTE} minutes"


DEFINITIONS: Mapping[str, str] = definitions(OutcomeSettings())
"""What each named count and span means, with the default windows."""
