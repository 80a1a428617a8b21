"""The crew's handover sheet: one page that says what is on it, what isn't, and what did not fit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pypdf import PdfReader

from clinical.evidence import Indicator, Judgement
from clinical.person import Confidentiality
from clinical.record import SECTION_NAMES, Entry, PatientRecord, RecordSection, SectionState
from clinical.waiting import WaitingPatient
from pages.present.sheet import Sheet, sheet_of, why_not_printed
from pages.present.sheet_pdf import sheet_pdf
from tests.pages.people import NOW, moment, news2, person, review, waiting


def entry(title: str, **changes: object) -> Entry:
    made = Entry("Condition", title, title, status="active", when=moment("2020-05-01"))
    return replace(made, **changes)  # type: ignore[arg-type]


def sections(**those: RecordSection) -> Mapping[str, RecordSection]:
    empty = {name: RecordSection(name, SectionState.NONE_RETURNED) for name in SECTION_NAMES}
    return {**empty, **{each.name: each for each in those.values()}}


def loaded(name: str, *entries: Entry, **changes: object) -> RecordSection:
    return replace(RecordSection(name, SectionState.LOADED, entries), **changes)  # type: ignore[arg-type]


def record(**those: RecordSection) -> PatientRecord:
    return PatientRecord(NOW, person(), sections(**those), 0)


def sheet(
    kept: PatientRecord | None = None,
    who: WaitingPatient | None = None,
    indicators: Mapping[str, Indicator] | None = None,
) -> Sheet:
    return sheet_of(
        who or waiting(),
        kept or record(),
        (),
        indicators or {},
        marks_of=lambda each: ("anticoagulant",) if "Warfarin" in each.title else (),
        printed_by="Cora Clinician, Test Community",
        now=NOW,
    )


def printed(made: Sheet) -> str:
    """The text of the one page there is, without its line breaks."""
    reader = PdfReader(io.BytesIO(sheet_pdf(made)))
    assert len(reader.pages) == 1
    width, height = (round(float(each)) for each in reader.pages[0].mediabox[2:])
    assert (width, height) == (595, 842)
    return " ".join(reader.pages[0].extract_text().split())


def test_it_says_who_when_and_how_long() -> None:
    said = printed(sheet())
    assert "TESTPERSON, Anna (Mrs)" in said
    assert "Born 05-Mar-1938 (88 years) · Gender Female · NHS No. 999 000 0026" in said
    assert "Record as at 01-Jul-2026 12:00:00 · printed 12:00 by Cora Clinician" in said
    assert "Waiting 42 min, since 01-Jul-2026 11:17" in said
    assert "NEWS2 2: " in said


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SectionState.NONE_RETURNED, "None returned. That is not the same as none."),
        (SectionState.ASSERTED_NONE, "Recorded as none, by a clinician"),
        (SectionState.FAILED, "Could not be loaded"),
        (SectionState.NOT_HELD, "Not held by this record"),
    ],
)
def test_allergies_stand_with_their_honest_state(state: SectionState, words: str) -> None:
    said = printed(sheet(record(allergies=RecordSection("allergies", state))))
    assert f"Allergies and adverse reactions {words}" in said
    missing = "not on this sheet: Allergies and adverse reactions" in said
    assert missing is (state in (SectionState.FAILED, SectionState.NOT_HELD))


def test_entries_set_aside_and_pages_unread_are_said_above_everything() -> None:
    said = printed(
        sheet(
            record(
                medicines=loaded("medicines", entry("Aspirin"), set_aside=2),
                problems=loaded("problems", entry("Gout"), complete=False),
            )
        )
    )
    assert said.index("Medicines (2 could not be read)") < said.index("Aspirin")
    assert "Not all loaded, so only partly on this sheet: Problems." in said


def test_high_risk_medicines_are_marked_and_stopped_ones_only_counted() -> None:
    said = printed(
        sheet(
            record(
                medicines=loaded(
                    "medicines",
                    entry("Warfarin 3mg", detail=("As the clinic says",)),
                    entry("Paracetamol"),
                    entry("Zopiclone", status="stopped"),
                )
            )
        )
    )
    assert "[HIGH RISK: anticoagulant] Warfarin 3mg - As the clinic says, 01-May-2020" in said
    assert "Zopiclone" not in said
    assert "(1 recorded as over or in error: not printed)" in said


def test_what_does_not_fit_is_counted() -> None:
    many = [entry(f"Medicine number {number:03}", id=f"m{number}") for number in range(300)]
    problems = [entry(f"Problem number {number:03}", id=f"p{number}") for number in range(80)]
    said = printed(
        sheet(record(medicines=loaded("medicines", *many), problems=loaded("problems", *problems)))
    )
    medicines, rest = said.count("Medicine number"), said.count("Problem number")
    assert medicines >= 8
    assert rest >= 6
    assert f"{300 - medicines} more not printed: see the record" in said
    assert f"{80 - rest} more not printed: see the record" in said


def test_a_line_as_long_as_a_letter_says_that_it_goes_on() -> None:
    said = printed(sheet(record(problems=loaded("problems", entry("Gout " * 400)))))
    assert "(goes on in the record)" in said
    assert said.count("Gout") < 60


def test_diacritics_are_printed_and_what_the_font_lacks_is_marked() -> None:
    odd = entry("Zoë Łuczak İdil Ǿ 痛 <b>**x**")
    said = printed(sheet(record(problems=loaded("problems", odd))))
    assert "Zoë Łuczak İdil Ǿ \ufffd <b>**x**" in said
    assert "stands for a character that this printer's font doesn't have" in said
    assert "stands for a character" not in printed(sheet())


def test_a_news2_that_disagrees_is_said() -> None:
    wrong = news2(4, computed=2, points=(("pulse", 2),))
    said = printed(sheet(who=waiting(news2=wrong)))
    assert "The recorded total is 4; the parameters give 2." in said


def test_red_flags_and_what_is_unknown_are_on_it() -> None:
    def judged(name: str, judgement: Judgement, **changes: object) -> Indicator:
        made = Indicator(name, f"The words of {name}", judgement, f"because of {name}", ())
        return replace(made, **changes)  # type: ignore[arg-type]

    said = printed(
        sheet(
            indicators={
                "a": judged("sepsis", Judgement.MET, red_flag=True),
                "b": judged("stroke", Judgement.UNKNOWN, red_flag=True),
                "c": judged("frailty", Judgement.MET),
            }
        )
    )
    assert "RED FLAG: The words of sepsis. because of sepsis" in said
    assert "Not known, of what speaks against community care: The words of stroke" in said
    assert "Met: The words of frailty" in said


def test_the_review_and_the_sources_are_on_it() -> None:
    kept = record(problems=loaded("problems", entry("Gout"), sources=("Test Surgery",)))
    said = printed(sheet(kept, waiting(review=review())))
    assert "Redirect review Review asked for" in said
    assert "Flagged by Cora Coordinator, Test ED" in said
    assert "Sources: Test Surgery" in said


@pytest.mark.parametrize("level", [Confidentiality.RESTRICTED, Confidentiality.VERY_RESTRICTED])
def test_nothing_of_a_restricted_record_goes_on_paper(level: Confidentiality) -> None:
    kept = replace(record(), person=person(confidentiality=level))
    assert "restricted" in why_not_printed(kept)
    withheld = record(social=RecordSection("social", SectionState.WITHHELD))
    assert why_not_printed(withheld)
    assert not why_not_printed(record())
