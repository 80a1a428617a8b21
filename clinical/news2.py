"""NEWS2, the National Early Warning Score of the Royal College of Physicians (2017)."""

from __future__ import annotations

from dataclasses import dataclass

from clinical.moments import Moment


@dataclass(frozen=True, slots=True)
class News2Reading:
    """One NEWS2 of one set of observations.

    ``total`` is the recorded total, None where the record holds only parameters. ``computed`` is
    the total worked out from the parameters, None where one of them is missing: a missing
    parameter is missing, never 0. ``points`` are the points of each parameter that is known;
    ``missing`` names those that are not.
    """

    total: int | None
    computed: int | None
    points: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]
    scale_2: bool
    taken_at: Moment | None
    source: str
    reference: str

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
