"""What several records of one person say differently, for a person to settle.

Demographics are compared by ``clinical.identity.disagreements``; here it is what the records say
of the patient's care. Nothing is decided: both sides are given, with what each says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clinical.record import Entry, PatientRecord

FOR_CPR = frozenset({"450475007", "304252001"})
NOT_FOR_CPR = frozenset({"450476008", "304253006", "143021000119109"})
"""SNOMED CT codes of resuscitation decisions (DOMAIN, "CPR", seen in NHS England's value set)."""
_NOT_STANDING = frozenset({"inactive", "resolved", "entered-in-error", "superseded", "revoked"})


@dataclass(frozen=True, slots=True)
class Side:
    """What one record says: ``patient`` is the record's Patient id, empty for the opened one."""

    patient: str
    keeper: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DifferentlySaid:
    """One thing that the records say differently."""

    what: str
    contradicts: bool
    """Whether both can't be right; else each merely holds what the other doesn't."""
    sides: tuple[Side, ...]


def said_differently(record: PatientRecord) -> tuple[DifferentlySaid, ...]:
    """What the merged records of one person disagree about; nothing where only one was read.

    Allergies: a record that says there are none against one that lists some contradicts it; two
    lists that differ don't, and are shown all the same. Resuscitation: a decision for and one
    against. A record that holds nothing of the kind says nothing, and is no side.
    """
    if not record.merged:
        return ()
    found = []
    for name, what, compared in _COMPARED:
        section = record.sections.get(name)
        if section is None:
            continue
        by_record: dict[str, list[Entry]] = {}
        for entry in section.entries:
            if not entry.in_error and entry.status not in _NOT_STANDING:
                by_record.setdefault(entry.record, []).append(entry)
        different = compared(by_record)
        if different is None:
            continue
        contradicts, says = different
        sides = tuple(
            Side(patient, record.keeper_of(patient or record.person.patient), said)
            for patient, said in says.items()
        )
        found.append(DifferentlySaid(what, contradicts, sides))
    return tuple(found)


_Says = Mapping[str, tuple[str, ...]]


def _allergies(by_record: Mapping[str, Sequence[Entry]]) -> tuple[bool, _Says] | None:
    if len(by_record) < 2:
        return None
    listed = {
        patient: frozenset(_plain(each) for each in entries if not each.asserts_absence)
        for patient, entries in by_record.items()
    }
    if len(set(listed.values())) == 1:
        return None
    denies = any(each.asserts_absence for entries in by_record.values() for each in entries)
    return denies, {patient: _titles(entries) for patient, entries in by_record.items()}


def _resuscitation(by_record: Mapping[str, Sequence[Entry]]) -> tuple[bool, _Says] | None:
    decided = {
        patient: [each for each in entries if _decision(each)]
        for patient, entries in by_record.items()
    }
    decided = {patient: entries for patient, entries in decided.items() if entries}
    ways = {
        patient: frozenset(_decision(each) for each in entries)
        for patient, entries in decided.items()
    }
    if len(set(ways.values())) < 2:
        return None
    return True, {patient: _titles(entries) for patient, entries in decided.items()}


_Compare = Callable[[Mapping[str, Sequence[Entry]]], tuple[bool, _Says] | None]
_COMPARED: tuple[tuple[str, str, _Compare], ...] = (
    ("allergies", "Allergies", _allergies),
    ("alerts", "Resuscitation", _resuscitation),
)


def _decision(entry: Entry) -> str:
    codes = {each.code for each in entry.codes}
    if codes & NOT_FOR_CPR:
        return "not for"
    return "for" if codes & FOR_CPR else ""


def _titles(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            f"{each.title}: {each.value}" if each.value else each.title for each in entries
        )
    )


def _plain(entry: Entry) -> str:
    return "".join(letter for letter in entry.title.casefold() if letter.isalnum())
