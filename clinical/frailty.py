"""The Clinical Frailty Scale in words, and who scored it last."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clinical.indicator_rules.need import clinical_frailty
from clinical.record import Entry, RecordSection, newest_first

FRAILTY_WORDS: Mapping[int, str] = MappingProxyType(
    {
        1: "very fit",
        2: "well",
        3: "managing well",
        4: "vulnerable",
        5: "mildly frail",
        6: "moderately frail",
        7: "severely frail",
        8: "very severely frail",
        9: "terminally ill",
    }
)
"""NHS Data Dictionary, Clinical Frailty Scale point. It tells of two weeks before it was scored."""


def newest_frailty(section: RecordSection) -> tuple[int, Entry] | None:
    """The newest dated Clinical Frailty Scale and the entry that holds it, None without one.

    One that was entered in error or carries a caution isn't taken.
    """
    for entry in newest_first(section.entries):
        if entry.when is None or entry.in_error or entry.caution:
            continue
        level = clinical_frailty(entry)
        if level is not None:
            return level, entry
    return None
