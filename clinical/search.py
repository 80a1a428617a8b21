"""Looking for words in one person's record: every word typed, in any case, accents or none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from clinical.changes import not_looked_at, partly_looked_at
from clinical.record import Entry, PatientRecord, RecordSection

SHORTEST = 2
"""Letters that have to be typed: fewer would find nearly everything."""

_APART = str.maketrans(
    {
        "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
        "þ": "th", "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'",
        "\N{NON-BREAKING HYPHEN}": "-", "\N{EN DASH}": "-",
    }
)  # fmt: skip
"""Letters that Unicode doesn't take apart into a plain one and an accent, and printers' marks."""
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. ``by_section`` is in the order of the record, without empty ones."""

    words: tuple[str, ...]
    """The words looked for, folded; empty where too little was typed."""
    by_section: Mapping[str, tuple[Entry, ...]]
    not_searched: tuple[RecordSection, ...]
    """Sections that failed, are withheld or are not held: nobody could look there."""
    partly_searched: tuple[RecordSection, ...]
    """Sections with pages unread or entries set aside."""

    @property
    def count(self) -> int:
        """How many entries were found."""
        return sum(len(each) for each in self.by_section.values())


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """A record made ready to be searched: the folded text of each entry beside it."""

    entries: tuple[tuple[str, Entry, str], ...]
    """(Section name, entry, its folded text)."""
    not_searched: tuple[RecordSection, ...]
    partly_searched: tuple[RecordSection, ...]

    def find(self, typed: str) -> Found:
        """The entries that hold every word of ``typed`` anywhere, whole or as part of a word."""
        words = tuple(dict.fromkeys(fold(typed).split()))
        found: dict[str, list[Entry]] = {}
        if sum(len(word) for word in words) < SHORTEST:
            words = ()
        for name, entry, text in self.entries if words else ():
            if all(word in text for word in words):
                found.setdefault(name, []).append(entry)
        return Found(
            words,
            {name: tuple(entries) for name, entries in found.items()},
            self.not_searched,
            self.partly_searched,
        )


def search_index(record: PatientRecord) -> SearchIndex:
    """The index of one record: title, value, detail, parts, source, status, category and codes."""
    sections = tuple(record.sections.values())
    return SearchIndex(
        tuple(
            (section.name, entry, fold(_text(entry)))
            for section in sections
            for entry in section.entries
        ),
        not_looked_at(sections),
        partly_looked_at(sections),
    )


def fold(text: str) -> str:
    """``text`` without case, accents, typographers' marks and runs of space."""
    if not text.isascii():
        taken_apart = unicodedata.normalize("NFKD", text.translate(_APART))
        text = "".join(each for each in taken_apart if not unicodedata.combining(each))
    return _SPACES.sub(" ", text.casefold())


def _text(entry: Entry) -> str:
    pieces = [entry.title, entry.value, entry.source, entry.status, entry.category]
    pieces += entry.detail
    pieces += entry.caution
    for what, value in entry.parts:
        pieces += (what, value)
    for code in entry.codes:
        pieces += (code.code, code.display)
    return "\n".join(pieces)
