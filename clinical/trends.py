"""Vital signs and results over time, beside what is usual for this person.

Different units never share an axis: a trend holds the values of one unit, and says how many it
left out. What the record doubts is kept and marked, and never counts as usual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from clinical import news2_chart as chart
from clinical.changes import those_of_the_wait
from clinical.measured import (
    IN_WORDS,
    NOT_MEASURED,
    Measured,
    Vital,
    measured,
    on_oxygen,
    plain_unit,
    taken_at,
    value_of,
    vital_of,
)
from clinical.moments import Moment
from clinical.news2_chart import Column
from clinical.record import Entry, PatientRecord
from clinical.waiting import WaitingPatient

_FROM_TO = re.compile(r"(-?\d+(?:\.\d+)?) (\S+) to (-?\d+(?:\.\d+)?) (\S+)")
_ONE_SIDED = re.compile(r"(-?\d+(?:\.\d+)?) (\S+) or (more|less)")
_AXES = {
    Vital.RESPIRATION: (chart.RESPIRATORY_RATE, "/min"),
    Vital.SATURATION: (chart.SATURATION_SCALE_1, "%"),
    Vital.BLOOD_PRESSURE: (chart.SYSTOLIC, "mmHg"),
    Vital.PULSE: (chart.PULSE, "/min"),
    Vital.TEMPERATURE: (chart.TEMPERATURE, "°C"),
}


@dataclass(frozen=True, slots=True)
class Band:
    """A range of values, both ends in it; None where it is open."""

    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Usual:
    """What earlier values were: median and range, of how many, from when to when."""

    middle: Decimal
    lowest: Decimal
    highest: Decimal
    count: int
    first: Moment
    last: Moment


@dataclass(frozen=True, slots=True)
class Trend:
    """One thing over time, in one unit, oldest first."""

    name: str
    unit: str
    now: tuple[Measured, ...]
    """Of this episode, for a vital sign; of all times, for a result."""
    before: tuple[Measured, ...] = ()
    """Earlier than this episode, in the same unit."""
    normal: Band | None = None
    """A vital sign: where it scores no points on the NEWS2 chart. A result: the reference range
    that came with its newest value. None where there is no such range in this unit."""
    normal_words: str = ""
    """Of a vital sign, what ``normal`` is the range of ("scale 1"); of a result, its reference
    range in the record's own words."""
    usual: Usual | None = None
    other_units: int = 0
    """Values left out because they are in another unit."""
    undated: int = 0
    """Values left out because the record doesn't say when they were taken."""

    @property
    def latest(self) -> Measured | None:
        """The newest value, None where there is none."""
        return self.now[-1] if self.now else None

    @property
    def drawable(self) -> bool:
        """Whether there is any number to draw."""
        return any(each.number is not None for each in self.now)


def vital_trends(
    waiting: WaitingPatient, record: PatientRecord, names_by_code: Mapping[str, str]
) -> tuple[Trend, ...]:
    """One trend for each vital sign of this episode, in the chart's order.

    ``names_by_code`` says which code is which vital sign. A vital sign that was not measured has a
    trend without values, but glucose, which isn't part of the set, is left out.
    """
    mine: dict[Vital, list[Measured]] = {vital: [] for vital in Vital}
    undated = dict.fromkeys(Vital, 0)
    for entry in waiting.findings:
        vital = vital_of(entry, names_by_code)
        if vital is None or entry.status in NOT_MEASURED:
            continue
        found = measured(vital, entry)
        if found is not None:
            mine[vital].append(found)
        elif entry.when is None:
            undated[vital] += 1
    earlier = _earlier(waiting, record, names_by_code)
    scale = _scale(waiting, mine[Vital.OXYGEN])
    return tuple(
        _vital_trend(vital, mine[vital], earlier[vital], undated[vital], scale)
        for vital in Vital
        if vital is not Vital.GLUCOSE or mine[vital]
    )


def result_trends(entries: Sequence[Entry]) -> tuple[Trend, ...]:
    """One trend for each code and unit of these results, the newest result first.

    Results without a code go by their title. Those without a number or a date have no trend.
    """
    by_kind: dict[tuple[str, str, str], list[Measured]] = {}
    undated: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        if entry.number is None or entry.status in NOT_MEASURED:
            continue
        unit = plain_unit(entry.unit)
        key = (*_kind_of(entry), unit)
        if entry.when is None:
            undated[key] = undated.get(key, 0) + 1
            continue
        by_kind.setdefault(key, []).append(value_of(entry, entry.number, entry.value, unit))
    trends = []
    for key, values in by_kind.items():
        values.sort(key=taken_at)
        others = sum(len(rest) for kind, rest in by_kind.items() if kind[:2] == key[:2]) - len(
            values
        )
        own_range = _own_range(values[-1].entry)
        trends.append(
            Trend(
                name=values[-1].entry.title,
                unit=key[2],
                now=tuple(values),
                normal=_band_of(own_range, key[2]),
                normal_words=own_range,
                usual=_usual(values[:-1]),
                other_units=others,
                undated=undated.get(key, 0),
            )
        )
    trends.sort(key=lambda each: each.now[-1].at.earliest, reverse=True)
    return tuple(trends)


def no_points(column: Column) -> Band:
    """The range of a row of the NEWS2 chart that scores no points."""
    low: Decimal | None = None
    for most, points in column.bands:
        if points == 0:
            return Band(low, most)
        low = None if most is None else most + column.step
    raise ValueError("a row of the chart without a band of no points")


def _vital_trend(
    vital: Vital,
    mine: list[Measured],
    earlier: list[Measured],
    undated: int,
    scale: tuple[Column, str],
) -> Trend:
    mine.sort(key=taken_at)
    unit = mine[-1].unit if mine else ""
    same = tuple(each for each in mine if each.unit == unit)
    before = tuple(sorted((each for each in earlier if mine and each.unit == unit), key=taken_at))
    normal, words = _normal(vital, unit, scale)
    return Trend(
        name=vital.value,
        unit=unit,
        now=same,
        before=before,
        normal=normal,
        normal_words=words,
        usual=None if vital in IN_WORDS else _usual(before),
        other_units=len(mine) - len(same),
        undated=undated,
    )


def _normal(vital: Vital, unit: str, scale: tuple[Column, str]) -> tuple[Band | None, str]:
    axis = _AXES.get(vital)
    if axis is None or axis[1] != unit:
        return None, ""
    if vital is Vital.SATURATION:
        return no_points(scale[0]), scale[1]
    return no_points(axis[0]), "systolic" if vital is Vital.BLOOD_PRESSURE else ""


def _scale(waiting: WaitingPatient, oxygen: Sequence[Measured]) -> tuple[Column, str]:
    """The row of the chart for the saturation: scale 2 only where the record says so.

    Where it isn't known whether oxygen is given, the narrower row: above 92% is then no plain
    "normal".
    """
    if waiting.news2 is None or not waiting.news2.scale_2:
        return chart.SATURATION_SCALE_1, "scale 1"
    given = on_oxygen(oxygen)
    if given is False:
        return chart.SATURATION_SCALE_2_ON_AIR, "scale 2, on air"
    words = "scale 2, on oxygen" if given else "scale 2, oxygen not recorded"
    return chart.SATURATION_SCALE_2_ON_OXYGEN, words


def _earlier(
    waiting: WaitingPatient, record: PatientRecord, names_by_code: Mapping[str, str]
) -> dict[Vital, list[Measured]]:
    """What was measured before this wait, by vital sign."""
    of_the_wait = those_of_the_wait(waiting)
    since = waiting.waiting_since
    until: datetime = since.earliest if since is not None else record.as_at
    found: dict[Vital, list[Measured]] = {vital: [] for vital in Vital}
    for name in ("observations", "results"):
        section = record.sections.get(name)
        for entry in section.entries if section is not None else ():
            if entry.status in NOT_MEASURED or of_the_wait(entry):
                continue
            vital = vital_of(entry, names_by_code)
            value = None if vital is None else measured(vital, entry)
            if vital is not None and value is not None and value.at.before <= until:
                found[vital].append(value)
    return found


def _usual(values: Sequence[Measured]) -> Usual | None:
    """The median and range of the values that the record doesn't doubt."""
    plain = [each for each in values if each.number is not None and not each.doubted]
    if not plain:
        return None
    numbers = [each.number for each in plain if each.number is not None]
    return Usual(
        Decimal(median(numbers)),
        min(numbers),
        max(numbers),
        len(numbers),
        plain[0].at,
        plain[-1].at,
    )


def _own_range(entry: Entry) -> str:
    """The reference range in the record's own words."""
    said = (each for each in entry.detail if each.startswith("Reference range: "))
    return next(said, "").removeprefix("Reference range: ")


def _band_of(words: str, unit: str) -> Band | None:
    """A reference range to draw, where its words are plain numbers in this very unit."""
    if (both := _FROM_TO.fullmatch(words)) is not None:
        if {plain_unit(both[2]), plain_unit(both[4])} == {unit}:
            return Band(Decimal(both[1]), Decimal(both[3]))
    elif (one := _ONE_SIDED.fullmatch(words)) is not None and plain_unit(one[2]) == unit:
        end = Decimal(one[1])
        return Band(end, None) if one[3] == "more" else Band(None, end)
    return None


def _kind_of(entry: Entry) -> tuple[str, str]:
    if entry.codes:
        return entry.codes[0].system, entry.codes[0].code
    return "", entry.title.casefold()
