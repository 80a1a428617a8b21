"""Many cases in one immutable table: every count, span, series, group and pathway of them.

Counts 200,000 cases in hundredths of a second, narrowed to any period and group, and remembers
what it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from clinical.outcome_funnel import FunnelStep, funnel
from clinical.outcome_pathways import Pathway, missed, pathways
from clinical.outcome_rows import CaseRows
from clinical.outcome_series import Period, Step, periods, series

__all__ = ["FunnelStep", "OutcomeTable", "Pathway", "Period", "Step"]


class OutcomeTable(CaseRows):
    """A snapshot of cases, made by ``OutcomeTable.of`` and ``replace``.

    ``select`` narrows it, ``by`` splits it, ``counts`` counts it exactly as ``count_outcomes``
    does; the rest is what a manager's page draws.
    """

    __slots__ = ()

    def series(
        self,
        name: str,
        as_at: datetime,
        step: Step = "week",
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[Period]:
        """The count of this name by week or month, empty ones included: ``outcome_series``."""
        return series(self, name, as_at, step, start=start, end=end)

    def periods(
        self,
        step: Step = "week",
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[tuple[date, OutcomeTable]]:
        """The cases of each week or month, by its first day: for spans by period."""
        return periods(self, step, start=start, end=end)

    def missed(self) -> Mapping[tuple[str, int | None], int]:
        """Would-be redirects refused for capacity, by (service, hour of the day in London)."""
        return missed(self)

    def by_need_service_hour(
        self, as_at: datetime, names: Sequence[str] | None = None
    ) -> list[Pathway]:
        """Each need, service and hour that there were decisions in, most missed first."""
        return pathways(self, as_at, names)

    def funnel(self, as_at: datetime, *, waiting: int | None = None) -> list[FunnelStep]:
        """The way from a patient waiting to an admission avoided: ``outcome_funnel``."""
        return funnel(self, as_at, waiting=waiting)
