"""Who says so, and whose record it is from where several records of one person are shown as one."""

from __future__ import annotations

from collections.abc import Callable

from clinical.record import Entry

OriginOf = Callable[[Entry], str]
"""Who keeps the other record that an entry is from; empty where it is from the one opened."""


def of_this_record(_: Entry) -> str:
    """The origin of entries that are all from the record that is open."""
    return ""


def from_words(entry: Entry, origin_of: OriginOf) -> str:
    """The source of an entry, with the record that it is from where that is another one."""
    said = entry.source or "source not recorded"
    origin = origin_of(entry)
    return f"{said}, from the record of {origin}" if origin else said
