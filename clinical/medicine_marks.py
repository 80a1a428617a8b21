"""Medicines as a clinician at a bedside reads them: what is taken now, and what needs care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from clinical.codes import Coding
from clinical.indicator_rules.facts import entry_is
from clinical.indicator_words import WordList
from clinical.record import Entry

_CURRENT = frozenset({"active", "on-hold", "intended", "unknown", ""})
"""Statuses of MedicationRequest and MedicationStatement (FHIR R4) that don't say it is over. What
isn't said to be over is shown among what is taken: to leave out a medicine is the worse fault."""


def is_current(entry: Entry, now: datetime) -> bool:
    """Whether a medicine isn't recorded as stopped, finished, cancelled, not taken or in error."""
    if entry.status not in _CURRENT or entry.asserts_absence:
        return False
    return entry.ended is None or entry.ended.before > now or entry.ended.earliest > now


def high_risk(entry: Entry, lists: Mapping[str, WordList]) -> tuple[str, ...]:
    """Which of the kinds of high-risk medicine this is, in the words of ``lists``.

    ``lists`` are the site's (``IndicatorSettings.high_risk_medicines``); by code where the entry
    has one of theirs, else by its name.
    """
    if entry.in_error or entry.asserts_absence:
        return ()
    return tuple(
        what.title
        for what in lists.values()
        if _is_one(entry.title, entry.value, entry.codes, what)
    )


@lru_cache(maxsize=4096)
def _is_one(title: str, value: str, codes: tuple[Coding, ...], what: WordList) -> bool:
    """Medicines repeat a hundredfold in one history, and looking for forty names takes time."""
    return entry_is(Entry("Medication", "", title, codes, value=value), what)
