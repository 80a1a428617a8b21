"""A site's thresholds and words of the indicators, from the file that its settings name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from clinical.indicator_settings import IndicatorSettings, settings_from
from fhir_queries.declared import WrongSetting, read_toml


@lru_cache(maxsize=8)
def indicator_settings(file: str) -> IndicatorSettings:
    """What the TOML ``file`` says, over the defaults; the defaults where ``file`` is empty.

    Read once for the life of the program. Raises WrongSetting with what is wrong, on which line,
    and what would be right.
    """
    if not file:
        return IndicatorSettings()
    given, where = read_toml(Path(file))
    try:
        return settings_from(given)
    except ValueError as wrong:
        key = str(wrong).partition(" ")[0]
        raise WrongSetting(f"{where(key)}: {wrong}.") from None
