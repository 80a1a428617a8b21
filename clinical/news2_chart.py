"""The NEWS2 chart: how many points each observation scores (Royal College of Physicians, 2017).

The points are the chart's, not those of any worked example: a published example scores a
temperature of 37.5 °C as 1 where the chart gives 0, and another scores a saturation of 93-94% on
oxygen on scale 2 as 3 where the chart gives 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum
from functools import lru_cache
from types import MappingProxyType


class Parameter(Enum):
    """The seven parameters of NEWS2, in the order of the chart."""

    RESPIRATORY_RATE = "respiratory rate"
    OXYGEN_SATURATION = "oxygen saturation"
    AIR_OR_OXYGEN = "air or oxygen"
    SYSTOLIC = "systolic blood pressure"
    PULSE = "pulse"
    CONSCIOUSNESS = "consciousness"
    TEMPERATURE = "temperature"


class Consciousness(Enum):
    """ACVPU. "Confusion" is new confusion: somebody's usual confusion is not it."""

    ALERT = "alert"
    NEW_CONFUSION = "new confusion"
    VOICE = "responds to voice"
    PAIN = "responds to pain"
    UNRESPONSIVE = "unresponsive"


CONSCIOUSNESS_BY_SNOMED: Mapping[str, Consciousness] = MappingProxyType(
    {
        "248234008": Consciousness.ALERT,
        "130987000": Consciousness.NEW_CONFUSION,
        "300202002": Consciousness.VOICE,
        "450847001": Consciousness.PAIN,
        "422768004": Consciousness.UNRESPONSIVE,
    }
)
OXYGEN_BY_SNOMED: Mapping[str, bool] = MappingProxyType({"722742002": False, "371825009": True})
"""Room air and on oxygen."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One row of the chart. ``bands`` are (highest value that scores it, points), rising; the
    last has no highest value. ``step`` is the chart's resolution; values outside ``lowest`` to
    ``highest`` can't be of this unit in a living person (98.6 is not °C, 0.97 is not a percentage).
    """

    unit: str
    step: Decimal
    lowest: Decimal
    highest: Decimal
    bands: tuple[tuple[Decimal | None, int], ...]

    def plausible(self, value: Decimal) -> bool:
        """Whether ``value`` can be a measurement in this unit at all."""
        return value.is_finite() and self.lowest <= value <= self.highest

    def points(self, value: Decimal) -> int:
        """The points of ``value``. One between two steps of the chart takes the higher of both."""
        below = value.quantize(self.step, ROUND_FLOOR)
        scored = self._on_the_chart(below)
        if below == value:
            return scored
        return max(scored, self._on_the_chart(value.quantize(self.step, ROUND_CEILING)))

    def _on_the_chart(self, value: Decimal) -> int:
        for most, points in self.bands:
            if most is None or value <= most:
                return points
        raise ValueError(f"{value} is beyond the chart's last band")


def scored(column: Column, value: Decimal) -> int | None:
    """The points of ``value``, None where it can't be a measurement in the column's unit."""
    return _scored(column, value) if value.is_finite() else None


@lru_cache(maxsize=4096)
def _scored(column: Column, value: Decimal) -> int | None:
    return column.points(value) if column.plausible(value) else None


def _column(
    unit: str, step: str, plausible: tuple[int, int], *bands: tuple[str | None, int]
) -> Column:
    return Column(
        unit,
        Decimal(step),
        Decimal(plausible[0]),
        Decimal(plausible[1]),
        tuple((None if most is None else Decimal(most), points) for most, points in bands),
    )


RESPIRATORY_RATE = _column(
    "/min", "1", (0, 120), ("8", 3), ("11", 1), ("20", 0), ("24", 2), (None, 3)
)
SATURATION_SCALE_1 = _column("%", "1", (2, 100), ("91", 3), ("93", 2), ("95", 1), (None, 0))
SATURATION_SCALE_2_ON_AIR = _column("%", "1", (2, 100), ("83", 3), ("85", 2), ("87", 1), (None, 0))
SATURATION_SCALE_2_ON_OXYGEN = _column(
    "%", "1", (2, 100), ("83", 3), ("85", 2), ("87", 1), ("92", 0), ("94", 1), ("96", 2), (None, 3)
)
SYSTOLIC = _column(
    "mm[Hg]", "1", (0, 400), ("90", 3), ("100", 2), ("110", 1), ("219", 0), (None, 3)
)
PULSE = _column(
    "/min", "1", (0, 400), ("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), (None, 3)
)
TEMPERATURE = _column(
    "Cel", "0.1", (10, 50), ("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), (None, 2)
)

OXYGEN_POINTS = 2
"""For any supplemental oxygen; none for air."""
NOT_ALERT_POINTS = 3
"""For new confusion, voice, pain or unresponsive; none for alert."""

MOST_POINTS: Mapping[Parameter, int] = MappingProxyType(
    {
        Parameter.RESPIRATORY_RATE: 3,
        Parameter.OXYGEN_SATURATION: 3,
        Parameter.AIR_OR_OXYGEN: OXYGEN_POINTS,
        Parameter.SYSTOLIC: 3,
        Parameter.PULSE: 3,
        Parameter.CONSCIOUSNESS: NOT_ALERT_POINTS,
        Parameter.TEMPERATURE: 3,
    }
)
"""What each parameter can score at most: what a missing one may hide."""
HIGHEST_TOTAL = sum(MOST_POINTS.values())
