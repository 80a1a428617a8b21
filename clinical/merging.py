"""Several records of one person as one, with each entry's origin kept.

Only records that are certainly the same person's (``clinical.identity.sameness``) come here. What
one of them asserts never hides what another lists, and what one of them failed to give makes the
whole less than whole: no state gets better by being joined to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clinical.record import (
    Entry,
    PatientRecord,
    RecordSection,
    SectionState,
    newest_first,
)

_SAYS_LEAST_FIRST = (
    SectionState.FAILED,
    SectionState.WITHHELD,
    SectionState.NONE_RETURNED,
    SectionState.NOT_HELD,
)
"""Of several states without entries, the one that leaves most open speaks for all."""
_MAY_BE_NONE = frozenset({SectionState.ASSERTED_NONE, SectionState.NONE_RETURNED})
_CONTRADICTED = "One record says that there are none of these, and another lists some."


def merged(opened: PatientRecord, others: Sequence[PatientRecord]) -> PatientRecord:
    """The opened record with the entries of the ``others``, each told by its ``record``.

    The ``others`` are among ``opened.other_records`` and certainly the same person's. An entry
    that two of them hold (one resource) is shown once, in the first. ``received`` stays what is
    shown plus what is set aside.
    """
    if not others:
        return opened
    taken = {entry.reference for each in opened.sections.values() for entry in each.entries}
    parts = [(_where(opened, ""), opened)]
    for other in others:
        origin = other.person.patient
        own = {name: _of(section, origin, taken) for name, section in other.sections.items()}
        taken |= {entry.reference for each in own.values() for entry in each.entries}
        parts.append((_where(opened, origin), replace(other, sections=own)))
    sections = {
        name: merged_section(
            [(where, part.sections[name]) for where, part in parts if name in part.sections]
        )
        for name in opened.sections
    }
    received = sum(len(each.entries) + each.set_aside for each in sections.values())
    names = tuple(other.person.patient for other in others)
    return replace(opened, sections=sections, received=received, merged=opened.merged + names)


def merged_section(parts: Sequence[tuple[str, RecordSection]]) -> RecordSection:
    """One section of several records; ``parts`` are (where it is from, in words; the section).

    ASSERTED_NONE only where a record asserts it and every other was asked, answered in full and
    returned none or the same. Entries of one record stand with a warning where another's failed or
    are withheld, and the section is then not complete: no rule may read what isn't among them as
    a no.
    """
    sections = [section for _, section in parts]
    entries = tuple(newest_first(entry for each in sections for entry in each.entries))
    aside = sum(each.set_aside for each in sections)
    complete = all(each.complete and not _kept_back(each) for each in sections)
    state = _state(sections, entries, whole=complete and not aside)
    warnings = list(sections[0].warnings)
    for where, each in parts[1:]:
        warnings += [f"From {where}: {said}" for said in each.warnings]
    if any(each.asserts_absence for each in entries) and any(_lists(each) for each in entries):
        warnings.append(_CONTRADICTED)
    explanation = ""
    for where, each in parts:
        said = _with_where(where, each)
        if each.state is state and not explanation and said:
            explanation = said
        elif _kept_back(each) or (each.state is SectionState.NOT_HELD and entries):
            warnings.append(said)
    return RecordSection(
        sections[0].name,
        state,
        entries,
        aside,
        tuple(dict.fromkeys(source for each in sections for source in each.sources)),
        complete,
        explanation if state is not SectionState.LOADED else "",
        tuple(dict.fromkeys(warnings)),
    )


def _state(
    sections: Sequence[RecordSection], entries: tuple[Entry, ...], *, whole: bool
) -> SectionState:
    states = {each.state for each in sections}
    if entries:
        denied = SectionState.ASSERTED_NONE in states and states <= _MAY_BE_NONE
        return SectionState.ASSERTED_NONE if denied and whole else SectionState.LOADED
    for state in _SAYS_LEAST_FIRST:
        if state in states:
            return state
    return sections[0].state


def _kept_back(section: RecordSection) -> bool:
    return section.state in (SectionState.FAILED, SectionState.WITHHELD)


def _lists(entry: Entry) -> bool:
    return not entry.asserts_absence and not entry.in_error


def _of(section: RecordSection, origin: str, taken: set[str]) -> RecordSection:
    """The section as another record's, without what was shown before it."""
    entries = tuple(
        replace(entry, record=origin) for entry in section.entries if entry.reference not in taken
    )
    return replace(section, entries=entries)


def _where(opened: PatientRecord, patient: str) -> str:
    keeper = opened.keeper_of(patient or opened.person.patient)
    return f"the record of {keeper}" if patient else ""


def _with_where(where: str, section: RecordSection) -> str:
    said = section.explanation
    return f"From {where}: {said}" if where and said else said
