"""NEWS2, the National Early Warning Score of the Royal College of Physicians (2017).

What is missing stays missing: a reading with a parameter missing is a range of scores, and the
concern it raises is never less than the full set could raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from clinical import news2_chart as chart
from clinical.age import Age
from clinical.moments import Moment
from clinical.news2_chart import Consciousness, Parameter
from clinical.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class News2Reading:
    """One NEWS2 of one set of observations.

    ``total`` is the recorded total, None where the record holds only parameters. ``computed`` is
    the total worked out from the parameters, None where one of them is missing: a missing
    parameter is missing, never 0. ``points`` are the points of each parameter that is known;
    ``missing`` names those that are not (values of ``Parameter``, in the order of the chart).
    """

    total: int | None
    computed: int | None
    points: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]
    scale_2: bool
    taken_at: Moment | None
    source: str
    reference: str
    unusable: tuple[str, ...] = ()
    """Values that were recorded and can't be scored, with why, in words."""

    @property
    def score(self) -> int | None:
        """The score to show: the recorded total, else the computed one, else None."""
        return self.total if self.total is not None else self.computed

    @property
    def disagrees(self) -> bool:
        """Whether the recorded total isn't the one that the parameters give."""
        return self.total is not None and self.computed is not None and self.total != self.computed

    @property
    def any_three(self) -> bool | None:
        """Whether one parameter scores 3; None where none does and one is missing."""
        if any(points == 3 for _, points in self.points):
            return True
        return None if self.missing else False


@quick
@dataclass(frozen=True, slots=True)
class News2Parameters:
    """One set of observations. What was not recorded is None."""

    respiratory_rate: Decimal | None = None
    """Breaths a minute."""
    oxygen_saturation: Decimal | None = None
    """Per cent."""
    on_oxygen: bool | None = None
    systolic: Decimal | None = None
    """mmHg."""
    pulse: Decimal | None = None
    """Beats a minute."""
    consciousness: Consciousness | None = None
    temperature: Decimal | None = None
    """Degrees Celsius."""
    scale_2: bool = False
    """Only where the record says so: confirmed hypercapnic respiratory failure, target 88-92%."""


class ConcernLevel(Enum):
    """The RCP's levels of clinical risk."""

    LOW = "low"
    LOW_MEDIUM = "low-medium"
    MEDIUM = "medium"
    HIGH = "high"
    NOT_KNOWN = "not known"


RESPONSES: Mapping[ConcernLevel, str] = MappingProxyType(
    {
        ConcernLevel.LOW: "ward-based response",
        ConcernLevel.LOW_MEDIUM: "urgent ward-based review",
        ConcernLevel.MEDIUM: "urgent response threshold",
        ConcernLevel.HIGH: "urgent or emergency response",
        ConcernLevel.NOT_KNOWN: "complete the observations",
    }
)
"""What each level asks for, in the RCP's words. UNVERIFIED against the RCP's own report."""

_RANKED = (ConcernLevel.LOW, ConcernLevel.LOW_MEDIUM, ConcernLevel.MEDIUM, ConcernLevel.HIGH)


@dataclass(frozen=True, slots=True)
class News2Concern:
    """How worried one reading makes us, with what it doesn't know.

    ``level`` is what is certain; ``could_be`` is the highest level that the missing parameters
    leave possible. ``level`` is LOW only where nothing that is missing could make it more.
    """

    level: ConcernLevel
    could_be: ConcernLevel
    at_least: int | None
    """The score, or its lower bound; None where nothing is recorded."""
    exact: bool
    """Whether ``at_least`` is the score itself."""
    single_three: bool | None
    words: str
    """The score and its level: "5: medium", "at least 5: medium or higher"."""
    response: str
    caution: tuple[str, ...] = ()
    """What a reader has to know of it, in sentences."""
    at_most: int | None = None
    """The most that the score can be with what is missing; None where nothing is recorded."""

    @property
    def certainly_low(self) -> bool:
        """Whether nothing missing could make it more than low."""
        return self.could_be is ConcernLevel.LOW

    @property
    def rank(self) -> int:
        """For ordering by worry: the rank, from 0, of the highest level it could be."""
        return _RANKED.index(self.could_be)


def score_parameters(
    parameters: News2Parameters,
    *,
    recorded_total: int | None = None,
    taken_at: Moment | None = None,
    source: str = "",
    reference: str = "",
) -> News2Reading:
    """The reading that one set of observations gives by the chart.

    A value that can't be a measurement in its unit counts as missing and is named in
    ``unusable``. On scale 2 a saturation above 92% scores by whether oxygen is given: where that
    is not known, the saturation can't be scored.
    """
    unusable: list[str] = []

    def measured(name: Parameter, column: chart.Column, value: Decimal | None) -> int | None:
        if value is None:
            return None
        points = chart.scored(column, value)
        if points is None:
            unusable.append(f"{name.value} {value} can't be in {column.unit}: not scored")
        return points

    oxygen, awake = parameters.on_oxygen, parameters.consciousness
    saturation = parameters.oxygen_saturation
    if parameters.scale_2 and oxygen is None and _above_92(saturation):
        unusable.append(
            f"oxygen saturation {saturation}% on scale 2 can't be scored without knowing "
            "whether oxygen is given"
        )
        saturation = None
    in_order = (
        measured(Parameter.RESPIRATORY_RATE, chart.RESPIRATORY_RATE, parameters.respiratory_rate),
        measured(Parameter.OXYGEN_SATURATION, _saturation_column(parameters), saturation),
        None if oxygen is None else oxygen * chart.OXYGEN_POINTS,
        measured(Parameter.SYSTOLIC, chart.SYSTOLIC, parameters.systolic),
        measured(Parameter.PULSE, chart.PULSE, parameters.pulse),
        None if awake is None else 0 if awake is Consciousness.ALERT else chart.NOT_ALERT_POINTS,
        measured(Parameter.TEMPERATURE, chart.TEMPERATURE, parameters.temperature),
    )
    return _reading_in_order(
        in_order,
        recorded_total=recorded_total,
        scale_2=parameters.scale_2,
        taken_at=taken_at,
        source=source,
        reference=reference,
        unusable=tuple(unusable),
    )


def _can_score(name: Parameter) -> frozenset[int]:
    """The points that the chart can give for a parameter."""
    every = frozenset(range(chart.MOST_POINTS[name] + 1))
    if name is Parameter.AIR_OR_OXYGEN:
        return every - {1}
    return every - {1, 2} if name is Parameter.CONSCIOUSNESS else every


_CHART_ORDER = tuple((name, name.value, _can_score(name)) for name in Parameter)


def reading_of_points(
    points: Mapping[Parameter, int],
    *,
    recorded_total: int | None = None,
    scale_2: bool = False,
    taken_at: Moment | None = None,
    source: str = "",
    reference: str = "",
    unusable: tuple[str, ...] = (),
) -> News2Reading:
    """The reading of parameters whose points the record itself gives (sub-scores).

    Points that the chart can't give, and a total outside 0 to 20, count as not recorded and are
    named in ``unusable``.
    """
    return _reading_in_order(
        [points.get(name) for name, _, _ in _CHART_ORDER],
        recorded_total=recorded_total,
        scale_2=scale_2,
        taken_at=taken_at,
        source=source,
        reference=reference,
        unusable=unusable,
    )


def _reading_in_order(
    points: Sequence[int | None],
    *,
    recorded_total: int | None,
    scale_2: bool,
    taken_at: Moment | None,
    source: str,
    reference: str,
    unusable: tuple[str, ...],
) -> News2Reading:
    """The reading of points in the chart's order."""
    known, missing, impossible = _against_the_chart(tuple(points))
    if recorded_total is not None and not 0 <= recorded_total <= chart.HIGHEST_TOTAL:
        impossible = (*impossible, f"a NEWS2 can't be {recorded_total}")
        recorded_total = None
    return News2Reading(
        recorded_total,
        None if missing else sum([scored for _, scored in known]),
        known,
        missing,
        scale_2,
        taken_at,
        source,
        reference,
        (*unusable, *impossible),
    )


@lru_cache(maxsize=4096)
def _against_the_chart(
    points: tuple[int | None, ...],
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...], tuple[str, ...]]:
    """The points that the chart can give, what is missing, and what the chart can't give."""
    known: list[tuple[str, int]] = []
    missing: list[str] = []
    impossible: list[str] = []
    for scored, (_, words, possible) in zip(points, _CHART_ORDER, strict=True):
        if scored is None:
            missing.append(words)
        elif scored in possible:
            known.append((words, scored))
        else:
            missing.append(words)
            impossible.append(f"{words} can't score {scored}")
    return tuple(known), tuple(missing), tuple(impossible)


def concern(reading: News2Reading | None) -> News2Concern:
    """How worried a reading makes us; where there is none, not known and possibly high.

    The RCP's thresholds: 7 or more is high; 5 or 6 medium; below that one parameter that scores 3
    is low-medium and asks for an urgent ward-based review; else low.

    A recorded total and one worked out that disagree: the higher counts. A recorded total with
    some parameters missing doesn't bound the score, since whoever added it up may have counted
    them as 0. Only a bare total, without any parameter, is taken at its word.
    """
    if reading is None or (reading.total is None and not reading.points):
        return News2Concern(
            ConcernLevel.NOT_KNOWN,
            ConcernLevel.HIGH,
            None,
            False,
            None,
            "not known",
            RESPONSES[ConcernLevel.NOT_KNOWN],
            () if reading is None else reading.unusable,
        )
    seen = sum(points for _, points in reading.points)
    least = max(seen, reading.total or 0)
    bare_total = not reading.points
    hidden = 0 if bare_total else sum(chart.MOST_POINTS[Parameter(n)] for n in reading.missing)
    most = max(least, seen + hidden)
    certain = _level(least, three=bool(reading.any_three))
    could_be = _level(most, three=_three_possible(reading, most))
    level = certain
    if certain is ConcernLevel.LOW and could_be is not ConcernLevel.LOW:
        level = ConcernLevel.NOT_KNOWN
    exact = least == most
    return News2Concern(
        level=level,
        could_be=could_be,
        at_least=least,
        exact=exact,
        single_three=reading.any_three if most >= 3 else False,
        words=_words(least, exact, level, could_be),
        response=RESPONSES[level],
        caution=_cautions(reading, bare_total),
        at_most=most,
    )


def not_valid_because(age: Age | None, *, pregnant: bool | None) -> str:
    """Why NEWS2 is not valid for this person, in a sentence; empty where nothing says so.

    The RCP made it for people of 16 and over who are not pregnant. An age that isn't known makes
    it neither valid nor not; the sentence says that too.
    """
    if pregnant:
        return "NEWS2 is not valid in pregnancy."
    if age is None:
        return "NEWS2 is not valid under 16, and the age is not known."
    if age.oldest < 16:
        return "NEWS2 is not valid under 16."
    if age.youngest < 16:
        return f"NEWS2 is not valid under 16, and the age is {age.words}."
    return ""


def _above_92(saturation: Decimal | None) -> bool:
    return saturation is not None and saturation.is_finite() and saturation > 92


def _saturation_column(parameters: News2Parameters) -> chart.Column:
    if not parameters.scale_2:
        return chart.SATURATION_SCALE_1
    return (
        chart.SATURATION_SCALE_2_ON_OXYGEN
        if parameters.on_oxygen
        else chart.SATURATION_SCALE_2_ON_AIR
    )


def _level(score: int, *, three: bool) -> ConcernLevel:
    if score >= 7:
        return ConcernLevel.HIGH
    if score >= 5:
        return ConcernLevel.MEDIUM
    return ConcernLevel.LOW_MEDIUM if three else ConcernLevel.LOW


def _three_possible(reading: News2Reading, most: int) -> bool:
    if reading.any_three:
        return True
    if not reading.points:
        return most >= 3
    return most >= 3 and any(chart.MOST_POINTS[Parameter(name)] == 3 for name in reading.missing)


def _words(least: int, exact: bool, level: ConcernLevel, could_be: ConcernLevel) -> str:
    score = f"{least}" if exact else f"at least {least}"
    if level is ConcernLevel.NOT_KNOWN:
        return f"{score}: low to {could_be.value}"
    return f"{score}: {level.value}" if level is could_be else f"{score}: {level.value} or higher"


def _cautions(reading: News2Reading, bare_total: bool) -> tuple[str, ...]:
    cautions = list(reading.unusable)
    if bare_total:
        cautions.append("Only the total is recorded, not what it was made of.")
    elif reading.missing:
        cautions.append(f"Missing: {', '.join(reading.missing)}.")
    if reading.disagrees:
        cautions.append(
            f"The recorded total is {reading.total}; the parameters give {reading.computed}. "
            "The higher counts."
        )
    return tuple(cautions)
