"""The indicators of the patient whose screen is open, worked out from their whole record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from clinical.evidence import Indicator
from clinical.indicators import judge
from fhir_queries.indicator_file import indicator_settings
from pages.parts.connection import record_settings
from pages.parts.opened import Opened


def indicators_of(opened: Opened) -> Mapping[str, Indicator]:
    """Each indicator by its name; none where the wait could not be read."""
    if opened.waiting is None:
        return {}
    rules = indicator_settings(record_settings().indicators)
    found = judge(opened.waiting, opened.record.sections, rules, datetime.now(UTC))
    return {each.name: each for each in found}
