"""Statistical process control as NHS England's Making Data Count teaches it: XmR and p charts.

Limits are three sigma: for an XmR chart the mean and 2.66 times the mean moving range either side;
for a p chart the binomial ones of each point's own denominator. A point outside them, a run on one
side of the mean, a run that rises or falls, and two of three in the outer third each say that
something has changed that chance alone would rarely bring about.

The limits are worked out here: ``abspc`` takes 3/1.128 where the published method says 2.66, and
has no limits of a baseline. Of its rules those that agree with the published ones are used (the
first and the fourth); its runs are of eight and six where the published ones are of seven. Tests
hold both the agreement and the differences.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from types import ModuleType
from typing import Any

XMR_FACTOR = 2.66
"""Three sigma in mean moving ranges, as published (3 / 1.128, rounded)."""
ENOUGH_POINTS = 15
"""With fewer the limits are provisional."""
BASELINE_POINTS = 26
"""How many of the first points the limits are worked out on, where there are more."""


@dataclass(frozen=True, slots=True)
class RunLengths:
    """How many points make a run, and where that is from."""

    shift: int = 7
    """One after another on one side of the mean."""
    trend: int = 7
    """One after another rising, or falling."""
    source: str = "NHSRplotthedots, the NHS-R community's tool for Making Data Count"
    verified: bool = False
    """Whether the lengths were checked against Making Data Count's own guide: not yet."""


RUNS = RunLengths()


class Rule(Enum):
    """The four rules."""

    OUTSIDE = "outside a limit"
    SHIFT = "a run on one side of the mean"
    TREND = "a run that rises or falls"
    NEAR_LIMIT = "two of three near a limit"


class Better(Enum):
    """Which way is an improvement."""

    HIGH = "high"
    LOW = "low"
    NEITHER = "neither"


class Variation(Enum):
    """What the newest point says."""

    COMMON_CAUSE = "common-cause"
    IMPROVEMENT_HIGH = "improvement-high"
    IMPROVEMENT_LOW = "improvement-low"
    CONCERN_HIGH = "concern-high"
    CONCERN_LOW = "concern-low"
    CHANGE_HIGH = "change-high"
    CHANGE_LOW = "change-low"
    TOO_FEW = "too-few"


class Assurance(Enum):
    """Whether a target will be met while nothing changes."""

    PASSING = "passing"
    HIT_OR_MISS = "hit-or-miss"
    FAILING = "failing"
    NO_TARGET = "no-target"


@dataclass(frozen=True, slots=True)
class Chart:
    """The points of one chart with their limits and what the rules found, all of one length."""

    values: tuple[float, ...]
    mean: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[frozenset[Rule], ...]
    rising: tuple[bool, ...]
    """Whether a signal at this point is upwards: by the trend, else by the side of the mean."""
    baseline: int
    """How many of the first points the mean and the limits rest on."""

    @property
    def provisional(self) -> bool:
        """Whether the limits rest on too few points."""
        return self.baseline < ENOUGH_POINTS

    def variation(self, better: Better) -> Variation:
        """What the newest point says, as the summary icon shows it."""
        if len(self.values) < 2:
            return Variation.TOO_FEW
        if not self.signals[-1]:
            return Variation.COMMON_CAUSE
        high = self.rising[-1]
        if better is Better.NEITHER:
            return Variation.CHANGE_HIGH if high else Variation.CHANGE_LOW
        if high:
            return Variation.IMPROVEMENT_HIGH if better is Better.HIGH else Variation.CONCERN_HIGH
        return Variation.IMPROVEMENT_LOW if better is Better.LOW else Variation.CONCERN_LOW

    def assurance(self, target: float | None, better: Better) -> Assurance:
        """Whether the limits at the newest point lie on the right side of the target."""
        if target is None or better is Better.NEITHER or not self.values:
            return Assurance.NO_TARGET
        low, high = self.lower[-1], self.upper[-1]
        if low < target < high:
            return Assurance.HIT_OR_MISS
        above = target <= low
        return Assurance.PASSING if above is (better is Better.HIGH) else Assurance.FAILING


def xmr_chart(values: Sequence[float], baseline: int | None = None) -> Chart:
    """An XmR chart of counts or times. Raises ValueError where the baseline has under 2 points.

    Source: Making Data Count, process limits = mean +- 2.66 x mean moving range.
    """
    first = _baseline(values, baseline)
    mean = math.fsum(first) / len(first)
    moves = [abs(here - before) for before, here in pairwise(first)]
    reach = XMR_FACTOR * math.fsum(moves) / len(moves)
    sigmas = [reach / 3] * len(values)
    return _chart(values, mean, sigmas, len(first), cut_off=False)


def p_chart(yes: Sequence[int], of: Sequence[int], baseline: int | None = None) -> Chart:
    """A p chart of proportions, each with its own denominator, none of them zero.

    The mean is that of everybody in the baseline; limits are cut off at none and all. Raises
    ValueError where the baseline has under 2 points or a denominator is not positive.
    """
    if any(each <= 0 for each in of):
        raise ValueError("a proportion needs a denominator")
    values = [part / whole for part, whole in zip(yes, of, strict=True)]
    many = len(_baseline(values, baseline))
    mean = sum(yes[:many]) / sum(of[:many])
    sigmas = [math.sqrt(mean * (1 - mean) / whole) for whole in of]
    return _chart(values, mean, sigmas, many, cut_off=True)


def signals_of(
    values: Sequence[float], mean: float, sigmas: Sequence[float], runs: RunLengths = RUNS
) -> list[set[Rule]]:
    """The rules that each point breaks, with limits three of its ``sigmas`` from the mean.

    A point breaks a run's rule if it is part of any such run, also of its beginning.
    """
    found: list[set[Rule]] = [set() for _ in values]
    for rule, flags in (
        *_single_points(values, mean, sigmas),
        (Rule.SHIFT, in_a_shift(values, mean, runs.shift)),
        (Rule.TREND, [way != 0 for way in in_a_trend(values, runs.trend)]),
    ):
        for place, flag in enumerate(flags):
            if flag:
                found[place].add(rule)
    return found


def in_a_shift(values: Sequence[float], mean: float, length: int) -> list[bool]:
    """Which points are part of a run of ``length`` or more on one side; one on the mean ends it."""
    sides = [(value > mean) - (value < mean) for value in values]
    return [run >= length and side != 0 for side, run in zip(sides, _runs(sides), strict=True)]


def in_a_trend(values: Sequence[float], length: int) -> list[int]:
    """1 for points in a run of ``length`` or more that rises, -1 falls, else 0; equal ends it."""
    ways = [(here > before) - (here < before) for before, here in pairwise(values)]
    found = [0] * len(values)
    for place, (way, run) in enumerate(zip(ways, _runs(ways), strict=True)):
        if way and run >= length - 1:
            found[place] = found[place] or way
            found[place + 1] = way
    return found


def _runs(kinds: Sequence[int]) -> list[int]:
    """For each place the length of the run of equal kinds that it is part of."""
    lengths = [0] * len(kinds)
    start = 0
    for place in range(1, len(kinds) + 1):
        if place == len(kinds) or kinds[place] != kinds[start]:
            lengths[start:place] = [place - start] * (place - start)
            start = place
    return lengths


def _single_points(
    values: Sequence[float], mean: float, sigmas: Sequence[float]
) -> list[tuple[Rule, Sequence[bool]]]:
    """The rules that ``abspc`` has as published: outside a limit, and two of three near one."""
    import pandas as pd  # noqa: PLC0415 - half a second that only a chart needs

    frame = pd.DataFrame({"value": [float(value) for value in values], "mean": mean})
    for name, times in (("ucl", 3), ("lcl", -3), ("uwl", 2), ("lwl", -2)):
        frame[name] = [mean + times * sigma for sigma in sigmas]
    found = rules_of_abspc()(frame)
    return [(Rule.OUTSIDE, list(found["rule1"])), (Rule.NEAR_LIMIT, list(found["rule4"]))]


@functools.cache
def rules_of_abspc() -> Callable[[Any], Any]:
    """``abspc.detect_special_causes``: a frame with columns of flags, of a frame with limits.

    The package loads its own drawing, and so Matplotlib, which takes as long as all else that a
    chart needs and draws nothing here. So its module of rules is loaded beside it, by itself.
    """
    found = find_spec("abspc")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("abspc is not installed", name="abspc")
    package = ModuleType("abspc_without_drawing")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules[package.__name__] = package
    rules: Callable[[Any], Any] = import_module(f"{package.__name__}.spc").detect_special_causes
    return rules


def _baseline(values: Sequence[float], baseline: int | None) -> Sequence[float]:
    first = values[: len(values) if baseline is None else baseline]
    if len(first) < 2:
        raise ValueError("limits need two points or more")
    return first


def _chart(
    values: Sequence[float],
    mean: float,
    sigmas: Sequence[float],
    baseline: int,
    cut_off: bool,
) -> Chart:
    lower = [mean - 3 * sigma for sigma in sigmas]
    upper = [mean + 3 * sigma for sigma in sigmas]
    if cut_off:
        lower = [max(each, 0.0) for each in lower]
        upper = [min(each, 1.0) for each in upper]
    trends = in_a_trend(values, RUNS.trend)
    return Chart(
        tuple(values),
        mean,
        tuple(lower),
        tuple(upper),
        tuple(frozenset(each) for each in signals_of(values, mean, sigmas)),
        tuple(way > 0 if way else value > mean for way, value in zip(trends, values, strict=True)),
        baseline,
    )
