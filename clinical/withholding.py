"""What a section keeps back from this reader: ways into a home, and how to reach somebody.

Both are left out before anything downstream (a screen, a search, a printed sheet) can show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from clinical.indicator_words import ACCESS_CODES, WordList
from clinical.mentions import mentions
from clinical.person import Role
from clinical.record import Entry, RecordSection

HIDDEN = "recorded: shown to community clinicians only"
NOT_REACHABLE = "contact details withheld: restricted record"
_NAMED_INSTEAD = "Key safe or door code"
_DIGIT = re.compile(r"\d")


def may_see_access_codes(role: Role) -> bool:
    """Whether a role visits people at home: the community clinician, and nobody else."""
    return role is Role.COMMUNITY_CLINICIAN


def without_access_codes(section: RecordSection, words: WordList = ACCESS_CODES) -> RecordSection:
    """The section with what opens somebody's door left out; that it is recorded is still said."""
    return _each(section, lambda entry: _without_code(entry, words))


def without_contacts(section: RecordSection) -> RecordSection:
    """A restricted record's section without the telephone numbers of relatives and carers."""
    return _each(section, _without_contact)


def names_access_code(text: str, words: WordList = ACCESS_CODES) -> bool:
    """Whether a text names a key safe or door code, in whatever way."""
    return bool(mentions(text, words.terms))


def _each(section: RecordSection, changed: Callable[[Entry], Entry]) -> RecordSection:
    entries = tuple(changed(entry) for entry in section.entries)
    if all(one is other for one, other in zip(entries, section.entries, strict=True)):
        return section
    return replace(section, entries=entries)


def _without_code(entry: Entry, words: WordList) -> Entry:
    panel = (f"{what}: {value}" for what, value in entry.parts)
    said = ". ".join((entry.title, entry.value, *entry.detail, *panel))
    if not names_access_code(said, words):
        return entry
    if names_access_code(entry.title, words):
        title = _NAMED_INSTEAD if _DIGIT.search(entry.title) else entry.title
        return replace(entry, title=title, value=HIDDEN, number=None, unit="", detail=(), parts=())
    return replace(
        entry,
        value=HIDDEN if names_access_code(entry.value, words) else entry.value,
        detail=tuple(
            f"{_NAMED_INSTEAD}: {HIDDEN}" if names_access_code(line, words) else line
            for line in entry.detail
        ),
        parts=tuple(
            (_NAMED_INSTEAD, HIDDEN)
            if names_access_code(f"{what}: {value}", words)
            else (what, value)
            for what, value in entry.parts
        ),
    )


def _without_contact(entry: Entry) -> Entry:
    if entry.kind != "RelatedPerson" or not entry.detail:
        return entry
    return replace(entry, detail=(NOT_REACHABLE,))
