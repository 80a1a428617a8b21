"""The way from a patient waiting to an admission avoided, and where people leave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np

from clinical.outcome_columns import MISSING, OUTCOMES, Column, microseconds
from clinical.outcome_counts import Count, windowed
from clinical.outcome_rows import CaseRows
from clinical.review import Outcome

_TOO_LATE = OUTCOMES.index(Outcome.HANDED_OVER_FIRST)
_REFUSED = (
    Outcome.NOT_SUITABLE,
    Outcome.PATIENT_DECLINED,
    Outcome.NO_CAPACITY,
    Outcome.DEFERRED,
)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of the way: how many got so far, and why others of the step before didn't.

    ``people`` and all of ``left`` together are the people of the step ``after``.
    """

    name: str
    after: str
    """The step that it comes out of; empty for the first."""
    people: int
    left: Mapping[str, int]
    """By reason, in the order of a page; "pending" and "unknown" among them where the record
    can't say yet, or at all."""


def funnel(table: CaseRows, as_at: datetime, *, waiting: int | None = None) -> list[FunnelStep]:
    """waiting, flagged, claimed, decided, accepted, redirected, and what was avoided.

    ``waiting`` is how many waited in ambulances at all: a table holds those reviewed, so where
    it is left out the way begins with them. Avoided attendances and admissions each come out of
    those redirected, since somebody may attend without being admitted. A decision supposes that
    somebody had the review, also where the record doesn't say since when. Raises ValueError where
    fewer waited than were reviewed.
    """
    found = table.once(
        ("funnel", waiting),
        lambda: tuple(_funnel(table, as_at, waiting)),
        microseconds(as_at),
    )
    return list(found)


def _funnel(table: CaseRows, as_at: datetime, waiting: int | None) -> list[FunnelStep]:
    outcome = table.column("outcome")
    withdrawn = table.column("withdrawn") & (outcome < 0)
    judge = table.judge(as_at)
    late = outcome == _TOO_LATE
    is_decided = (outcome >= 0) & ~late
    is_claimed = is_decided | (table.column("claimed") != MISSING)
    is_open = ~(withdrawn | late | is_decided)
    steps: list[FunnelStep] = []
    if waiting is not None:
        if waiting < len(table):
            raise ValueError("fewer waited than were reviewed")
        steps.append(FunnelStep("waiting", "", waiting, _left()))
    steps.append(
        FunnelStep(
            "flagged",
            "" if waiting is None else "waiting",
            len(table),
            _left() if waiting is None else _left(not_reviewed=waiting - len(table)),
        )
    )
    for name, after, there, here in (
        ("claimed", "flagged", np.ones(len(table), dtype=np.bool_), is_claimed),
        ("decided", "claimed", is_claimed, is_decided),
    ):
        gone = there & ~here
        steps.append(
            FunnelStep(
                name,
                after,
                _many(here),
                _left(
                    handed_over_first=_many(gone & late),
                    withdrawn=_many(gone & withdrawn),
                    pending=_many(gone & is_open),
                ),
            )
        )
    is_accepted = is_decided & table.column("accepted")
    refused = {
        each.value: _many(is_decided & (outcome == OUTCOMES.index(each))) for each in _REFUSED
    }
    steps.append(FunnelStep("accepted", "decided", _many(is_accepted), _left(**refused)))
    went = judge.ask("redirected").count("redirected")
    back = judge.ask("redirect-reversed").count("redirect-reversed")
    steps.append(
        FunnelStep(
            "redirected",
            "accepted",
            went.yes,
            _left(**{"redirect-reversed": back.yes}, pending=went.pending, unknown=went.unknown),
        )
    )
    for name, kind, _ in windowed(table.settings):
        if kind.endswith("avoided"):
            steps.append(_avoided(judge.ask(name).count(name), kind))
    return steps


def _avoided(count: Count, kind: str) -> FunnelStep:
    came = "attended" if kind.startswith("attendance") else "admitted"
    left = _left(**{came: count.known - count.yes}, pending=count.pending, unknown=count.unknown)
    return FunnelStep(count.name, "redirected", count.yes, left)


def _many(which: Column) -> int:
    return int(np.count_nonzero(which))


def _left(**reasons: int) -> Mapping[str, int]:
    return MappingProxyType({name.replace("_", "-"): many for name, many in reasons.items()})
