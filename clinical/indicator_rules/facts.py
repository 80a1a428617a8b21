"""What a rule sees of one wait, and how it says what it found.

How far a section can be trusted decides what a rule may say of it:

- LOADED, with every page read and nothing set aside: entries are evidence, and that nothing of a
  kind is among them may be a "not met" where the rule's own documentation says so;
- ASSERTED_NONE: a clinician recorded that there are none, which is a "not met";
- everything else (none returned, failed, not held, withheld, absent, incomplete, entries set
  aside): what was found counts, what wasn't found is unknown. None of them is ever a no.

An entry that was entered in error is no evidence at all. One that carries a caution (refuted,
unconfirmed, a draft, a modifier) can make an indicator unknown and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinical.age import Age, age_of
from clinical.evidence import Evidence, Indicator, Judgement
from clinical.indicator_settings import IndicatorSettings
from clinical.indicator_words import WordList
from clinical.mentions import Manner, Mention, mentions, plainest
from clinical.moments import Moment
from clinical.news2 import News2Concern, concern
from clinical.record import Entry, RecordSection, SectionState
from clinical.waiting import WaitingPatient


@dataclass(frozen=True, slots=True)
class Facts:
    """One wait, the sections of the record that were read, the site's settings, and the time."""

    patient: WaitingPatient
    sections: Mapping[str, RecordSection]
    settings: IndicatorSettings
    now: datetime
    age: Age | None
    concern: News2Concern

    @classmethod
    def of(
        cls,
        patient: WaitingPatient,
        sections: Mapping[str, RecordSection],
        settings: IndicatorSettings,
        now: datetime,
    ) -> Facts:
        """The facts, with age and concern worked out once."""
        age = age_of(patient.person, now)
        return cls(patient, sections, settings, now, age, concern(patient.news2))


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look into one section found."""

    entries: tuple[Entry, ...]
    """Everything not entered in error, and that is no statement of absence."""
    whole: bool
    """Whether what isn't among the entries isn't held by the record either."""
    asserted_none: bool
    why_not: str
    """Why it isn't whole, in a sentence; empty where it is."""


def look(facts: Facts, *names: str) -> Looked:
    """What the sections of these names hold together. They are whole only if each of them is."""
    entries: list[Entry] = []
    whole, asserted, why_not = True, True, ""
    for name in names:
        section = facts.sections.get(name)
        if section is not None:
            entries += [
                entry
                for entry in section.entries
                if not entry.in_error and not entry.asserts_absence
            ]
        reason = _why_not_whole(name, section)
        why_not = why_not or reason
        asserted = asserted and not reason and _asserts_none(section)
        whole = whole and not reason
    return Looked(tuple(entries), whole, asserted, why_not)


def _asserts_none(section: RecordSection | None) -> bool:
    return section is not None and section.state is SectionState.ASSERTED_NONE


_STATES: Mapping[SectionState, str] = {
    SectionState.LOADED: "",
    SectionState.ASSERTED_NONE: "",
    SectionState.NONE_RETURNED: (
        "The record returned no {words}, which doesn't say that there are none."
    ),
    SectionState.FAILED: "The {words} couldn't be loaded.",
    SectionState.NOT_HELD: "This record doesn't hold {words}.",
    SectionState.WITHHELD: "The {words} are withheld.",
}


def _why_not_whole(name: str, section: RecordSection | None) -> str:
    words = name.replace("-", " ")
    if section is None:
        return f"The {words} weren't read."
    if section.set_aside:
        return f"{section.set_aside} of the {words} couldn't be read."
    if not section.complete:
        return f"Not all of the {words} were read."
    return _STATES[section.state].format(words=words)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its stable name, its words, what a "met" speaks for, and how it judges.

    ``words`` may name settings: "NEWS2 of {settings.news2_red_flag_from} or more".
    """

    name: str
    words: str
    judge: Callable[[Facts, Rule], Indicator]
    red_flag: bool = False
    senior_review: bool = False
    shown_only: bool = False
    absolute: bool = False

    def met(self, facts: Facts, because: str, *evidence: Evidence) -> Indicator:
        """The indicator as met."""
        return self._judged(facts, Judgement.MET, because, evidence)

    def not_met(self, facts: Facts, because: str, *evidence: Evidence) -> Indicator:
        """The indicator as not met."""
        return self._judged(facts, Judgement.NOT_MET, because, evidence)

    def unknown(self, facts: Facts, because: str, *evidence: Evidence) -> Indicator:
        """The indicator as unknown."""
        return self._judged(facts, Judgement.UNKNOWN, because, evidence)

    def _judged(
        self, facts: Facts, judgement: Judgement, because: str, evidence: tuple[Evidence, ...]
    ) -> Indicator:
        return Indicator(
            self.name,
            self.words.format(settings=facts.settings),
            judgement,
            because,
            evidence,
            self.red_flag,
            self.senior_review,
            verified=self.name not in facts.settings.unverified,
            absolute=self.absolute,
            shown_only=self.shown_only,
        )


def evidence_of(entry: Entry) -> Evidence:
    """An entry as evidence: its words, value and cautions, its time, source and reference."""
    value = f"{entry.title}: {entry.value}" if entry.value else entry.title
    if entry.caution:
        value += f" ({'; '.join(entry.caution)})"
    return Evidence(value, entry.when, entry.source, entry.reference)


def evidence_of_reason(facts: Facts, words: str = "") -> Evidence:
    """The reason for the call as evidence, or the part of it that was matched."""
    patient = facts.patient
    return Evidence(
        f"Reason for the call: {words or patient.reason}",
        patient.waiting_since,
        "",
        f"Encounter/{patient.encounter}",
    )


@dataclass(frozen=True, slots=True)
class Named:
    """How the reason or the findings name something: plainly, by a denied or unclear mention."""

    manner: Manner
    words: str
    evidence: Evidence


def named(facts: Facts, what: WordList) -> Named | None:
    """How the crew's reason or findings name ``what``; the plainest naming, None for none.

    A code counts as plain. A measured number's title isn't a finding ("Stroke volume 70 ml"); a
    finding whose value is a no is denied.
    """
    patient = facts.patient
    for coding in patient.reason_codes:
        if what.holds(coding):
            said = patient.reason or coding.display or coding.code
            return Named(Manner.PLAIN, said, evidence_of_reason(facts, said))
    displays = [coding.display for coding in patient.reason_codes if coding.display]
    found = [
        Named(mention.manner, mention.words, evidence_of_reason(facts, mention.words))
        for said in dict.fromkeys((patient.reason, *displays))
        if (mention := plainest(mentions(said, what.terms))) is not None
    ]
    for entry in patient.findings:
        mention = finding_names(entry, what)
        if mention is not None:
            found.append(Named(mention.manner, mention.words, evidence_of(entry)))
    return next((each for each in found if each.manner is Manner.PLAIN), None) or next(
        iter(found), None
    )


_NO_VALUE = re.compile(
    r"\s*(?:no|none|nil|not|absent|negative|denied|denies|false|normal|n|low risk)\b", re.IGNORECASE
)


def finding_names(entry: Entry, what: WordList) -> Mention | None:
    """How one of the crew's findings names ``what``, None if it doesn't.

    A value that begins with a no denies what the title names; what the value itself names plainly
    counts all the same ("Pain: none in the hip, chest pain on walking").
    """
    if entry.in_error or entry.number is not None:
        return None
    denied = entry.asserts_absence or _NO_VALUE.match(entry.value) is not None
    doubt = Manner.UNCLEAR if entry.caution else Manner.PLAIN
    if any(what.holds(coding) for coding in entry.codes):
        return Mention(Manner.DENIED if denied else doubt, entry.title)
    said = ". ".join(part for part in (f"{entry.title} {entry.value}", *entry.detail) if part)
    mention = plainest(mentions(said, what.terms))
    if mention is None or mention.manner is not Manner.PLAIN:
        return mention
    if denied:
        own = plainest(mentions(". ".join((entry.value, *entry.detail)), what.terms))
        if own is None or own.manner is not Manner.PLAIN:
            return Mention(Manner.DENIED, mention.words)
    return Mention(doubt, mention.words)


def entry_is(entry: Entry, what: WordList) -> bool:
    """Whether an entry of the record is about ``what``, by its codes or its title and value."""
    if any(what.holds(coding) for coding in entry.codes):
        return True
    said = f"{entry.title} {entry.value}"
    return any(each.manner is Manner.PLAIN for each in mentions(said, what.terms))


def split(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """(plain entries, those that carry a caution)."""
    plain = tuple(entry for entry in entries if not entry.caution)
    return plain, tuple(entry for entry in entries if entry.caution)


def crew_said_something(facts: Facts) -> bool:
    """Whether a reason or a finding in words was recorded, and nothing of the wait is unread."""
    patient = facts.patient
    return bool(patient.reason.strip() or patient.reason_codes) and not patient.set_aside


def recent(when: Moment, span: timedelta, now: datetime) -> bool:
    """Whether something that has happened was certainly in the ``span`` that ends at ``now``.

    Its whole date need not be over: what is dated today happened today.
    """
    return now.astimezone(UTC) - span <= when.earliest <= now
