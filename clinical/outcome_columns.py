"""Cases as columns of numbers: each definition needs of a case only a few instants and flags.

Instants are whole microseconds since 1970 in UTC. An event is kept as the earliest instant it may
have been at, among those that can lie after the patient left: whether it happened within a window
is then one comparison, whatever the window and the as-at time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from clinical.moments import LONDON, Moment, Precision
from clinical.outcome_counts import dated
from clinical.outcome_filters import Group, group_of
from clinical.outcomes import Departure, RedirectCase, accepted
from clinical.review import Outcome

Column = NDArray[Any]

NEVER = np.iinfo(np.int64).max
"""Nothing of the kind is recorded; later than every window."""
ALWAYS = np.iinfo(np.int64).min
"""Something of the kind is recorded without a time: it may have been at any."""
MISSING, INEXACT = ALWAYS, ALWAYS + 1
"""A time that isn't recorded, and one that is only partly known. Exact ones are greater."""
NO_HOUR = -1
_AT_ONCE = 10_000

OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
DEPARTURES: tuple[Departure, ...] = tuple(Departure)
_OUTCOME_CODE = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_DEPARTURE_CODE = {departure: code for code, departure in enumerate(DEPARTURES)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KINDS: Mapping[str, type[np.generic]] = MappingProxyType(
    {
        "dated": np.int64,
        "outcome": np.int8,
        "accepted": np.bool_,
        "withdrawn": np.bool_,
        "departure": np.int8,
        "waiting": np.int64,
        "flagged": np.int64,
        "claimed": np.int64,
        "decided": np.int64,
        "departed": np.int64,
        "left": np.int64,
        "attended": np.int64,
        "admitted": np.int64,
        "died": np.int64,
        "visible": np.bool_,
        "visible_until": np.int64,
        "referred": np.int64,
        "visited": np.int64,
        "perhaps_visited": np.int64,
        "contacted": np.bool_,
        "hour": np.int8,
    }
)
"""The columns by name. ``outcome`` is a place in OUTCOMES, -1 for none; ``left`` is exact or not a
time; ``died`` is ALWAYS for a death without a time; ``visited`` is the end of the earliest visit
that was certainly after the referral, ``perhaps_visited`` the start of the earliest that may have
been; ``hour`` is that of the decision in Europe/London."""


def microseconds(when: datetime) -> int:
    """``when``, which carries an offset, as whole microseconds since 1970 in UTC."""
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def span(window: timedelta) -> int:
    """A span in whole microseconds."""
    return (window.days * 86_400 + window.seconds) * 1_000_000 + window.microseconds


def instant(at: int) -> datetime:
    """The instant of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=at)


Name = TypeVar("Name")


class Part(Mapping[Name, Column]):
    """Some rows of columns, gathered only when one is asked for: a part costs its rows alone."""

    __slots__ = ("_of", "_rows")

    def __init__(self, of: Mapping[Name, Column], rows: Column) -> None:
        self._of = of
        self._rows = rows

    def __getitem__(self, name: Name) -> Column:
        """The rows of one column."""
        return self._of[name][self._rows]

    def __iter__(self) -> Iterator[Name]:
        """The names of the columns."""
        return iter(self._of)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._of)

    def part(self, rows: Column | slice) -> Part[Name]:
        """Some of these rows."""
        return Part(self._of, self._rows[rows])


def part_of(columns: Mapping[Name, Column], rows: Column | slice) -> Mapping[Name, Column]:
    """Some rows of all columns. A slice of whole columns shares their memory."""
    if isinstance(columns, Part):
        return columns.part(rows)
    if isinstance(rows, slice):
        return {name: column[rows] for name, column in columns.items()}
    return Part(columns, rows)


class Categories:
    """The names behind the small codes of one group; new names get new codes."""

    __slots__ = ("_codes", "names")

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = list(names)
        self._codes = {name: code for code, name in enumerate(self.names)}

    def code(self, name: str) -> int:
        """The code of a name."""
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self.names)
            self.names.append(name)
        return found


def columns_of(
    cases: Iterable[RedirectCase], categories: Mapping[Group, Categories]
) -> tuple[list[str], dict[str, Column], dict[Group, Column]]:
    """The tasks, the columns of ``KINDS`` and the group codes of cases, in their order.

    ``categories`` takes in the names that it doesn't have yet.
    """
    waiting = iter(cases)
    tasks, columns, groups = _columns(islice(waiting, _AT_ONCE), categories)
    parts = [(columns, groups)]
    # Numbers of Python take ten times the memory of those of a column: only some are held at once
    while some := list(islice(waiting, _AT_ONCE)):
        more, columns, groups = _columns(some, categories)
        tasks += more
        parts.append((columns, groups))
    if len(parts) == 1:
        return tasks, columns, groups
    return (
        tasks,
        {name: np.concatenate([part[0][name] for part in parts]) for name in KINDS},
        {group: np.concatenate([part[1][group] for part in parts]) for group in Group},
    )


def _columns(
    cases: Iterable[RedirectCase], categories: Mapping[Group, Categories]
) -> tuple[list[str], dict[str, Column], dict[Group, Column]]:
    tasks: list[str] = []
    rows: list[tuple[Any, ...]] = []
    codes: list[tuple[int, ...]] = []
    coding = [(group, categories[group].code) for group in Group]
    for case in cases:
        tasks.append(case.task)
        rows.append(_row(case))
        codes.append(tuple(code(group_of(case, group)) for group, code in coding))
    by_column = zip(*rows, strict=True) if rows else ((),) * len(KINDS)
    columns: dict[str, Column] = {
        name: np.array(values, dtype=KINDS[name])
        for name, values in zip(KINDS, by_column, strict=True)
    }
    by_group = zip(*codes, strict=True) if codes else ((),) * len(Group)
    groups: dict[Group, Column] = {
        group: np.array(values, dtype=np.int32)
        for group, values in zip(Group, by_group, strict=True)
    }
    return tasks, columns, groups


def _row(case: RedirectCase) -> tuple[Any, ...]:
    left = _time(case.left_site_at) if case.departure is Departure.LEFT else MISSING
    start = left if left > INEXACT else None
    referred = _time(case.referred_at)
    visits = [contact.when for contact in case.contacts if contact.face_to_face]
    belongs = dated(case)
    until = case.visible_until
    return (
        NEVER if belongs is None else microseconds(belongs.earliest),
        -1 if case.outcome is None else _OUTCOME_CODE[case.outcome],
        accepted(case),
        case.withdrawn,
        _DEPARTURE_CODE[case.departure],
        _time(case.waiting_since),
        _time(case.flagged_at),
        _time(case.claimed_at),
        _time(case.decided_at),
        _time(case.departed_at),
        left,
        _first(case.attendances, start),
        _first(case.admissions, start),
        _death(case, start),
        case.follow_up_visible,
        NEVER if until is None else microseconds(until),
        referred,
        _surely_first(visits, referred),
        _first(visits, referred if referred > INEXACT else None),
        bool(case.contacts),
        _hour(case),
    )


def _time(when: Moment | None) -> int:
    if when is None:
        return MISSING
    return microseconds(when.earliest) if when.exact else INEXACT


def _first(events: Sequence[Moment | None], start: int | None) -> int:
    """The earliest instant that any of ``events`` may have been at, from ``start`` on."""
    if start is None or not events:
        return NEVER
    first = NEVER
    for when in events:
        if when is None:
            return ALWAYS
        at = microseconds(when.earliest)
        if when.precision is Precision.INSTANT:
            if at < start:
                continue
        elif microseconds(when.before) <= start:
            continue
        first = min(first, at)
    return first


def _death(case: RedirectCase, start: int | None) -> int:
    if case.deceased_at is not None:
        return _first((case.deceased_at,), start)
    return ALWAYS if case.deceased else NEVER


def _surely_first(visits: Sequence[Moment | None], referred: int) -> int:
    if referred <= INEXACT:
        return NEVER
    ends = [
        microseconds(when.before)
        for when in visits
        if when is not None and microseconds(when.earliest) >= referred
    ]
    return min(ends, default=NEVER)


def _hour(case: RedirectCase) -> int:
    when = case.decided_at
    if when is None or not when.exact:
        return NO_HOUR
    return when.earliest.astimezone(LONDON).hour
