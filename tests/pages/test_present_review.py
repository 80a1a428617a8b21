"""The review in words: candidates, the decision, indicators, doubts about identity."""

from __future__ import annotations

import pytest

from clinical.evidence import Evidence, Indicator, Judgement
from clinical.moments import at_instant
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.review import CommunityService, Outcome, ReviewStatus
from clinical.waiting import EmergencyDepartment
from pages.present.alerts import alert_tags
from pages.present.crew import findings_html
from pages.present.decision import (
    CHOICE_WORDS,
    CHOICES,
    Proposal,
    confirmation_html,
    still_missing,
)
from pages.present.indicators import indicators_html
from pages.present.review import OUTCOMES, STATUSES
from tests.pages.people import NOW, moment, person

ED = EmergencyDepartment("ed1", "Test Royal ED")
FALLS = CommunityService(
    "s1", "Falls Response", "Community Trust", True, "Every day", 120, "Lifts."
)


def test_every_status_and_outcome_has_its_words() -> None:
    assert set(STATUSES) == set(ReviewStatus)
    assert set(OUTCOMES) == set(Outcome)
    assert set(CHOICES) == set(CHOICE_WORDS)
    assert Outcome.HANDED_OVER_FIRST not in CHOICES


def proposal(outcome: Outcome, **changes: object) -> Proposal:
    parts: dict[str, object] = {
        "encounter": "e1",
        "outcome": outcome,
        "service": None,
        "reason_code": "",
        "reason_words": "",
        "reason_text": "",
        "review_again": None,
    }
    return Proposal(**{**parts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "missing"),
    [
        (Outcome.REDIRECTED, ("Choose the service that takes them.",)),
        (Outcome.NO_CAPACITY, ("Choose the service that had no room.",)),
        (Outcome.PATIENT_DECLINED, ("Choose a reason.",)),
        (Outcome.NOT_SUITABLE, ("Choose a reason.", "Say why, in a few words.")),
        (Outcome.DEFERRED, ("Say why, in a few words.", "Say when to look again.")),
    ],
)
def test_what_a_decision_still_needs_is_said(outcome: Outcome, missing: tuple[str, ...]) -> None:
    assert still_missing(proposal(outcome)) == missing


def test_a_confirmation_names_the_patient_the_service_and_the_reason() -> None:
    markup = confirmation_html(
        proposal(Outcome.REDIRECTED, service=FALLS, reason_text="Key under <mat>"), person(), NOW
    )
    for words in ("TESTPERSON, Anna (Mrs)", "999 000 0026", "Falls Response", "&lt;mat&gt;"):
        assert words in markup


def indicator(judgement: Judgement, **changes: object) -> Indicator:
    parts: dict[str, object] = {
        "name": "n",
        "words": "Aged 18 or over",
        "judgement": judgement,
        "because": "Born in 1938.",
        "evidence": (Evidence("88 years", moment("2026-07-01"), "Test GP", ""),),
    }
    return Indicator(**{**parts, **changes})  # type: ignore[arg-type]


def test_an_indicator_comes_with_its_evidence_and_what_is_not_verified() -> None:
    markup = indicators_html((indicator(Judgement.UNKNOWN, verified=False),))
    for words in ("Unknown", "Born in 1938.", "88 years · 01-Jul-2026 · Test GP"):
        assert words in markup
    assert "source has not been verified" in markup


def test_red_flags_found_stand_before_everything_else() -> None:
    markup = indicators_html(
        (
            indicator(Judgement.MET, words="Adult"),
            indicator(Judgement.UNKNOWN, words="Stroke", red_flag=True),
            indicator(Judgement.NOT_MET, words="Fracture", red_flag=True),
            indicator(Judgement.MET, words="Sepsis", red_flag=True),
            indicator(Judgement.MET, words="Plan", shown_only=True),
        )
    )
    places = [
        markup.index(f"<b>{words}") for words in ("Sepsis", "Stroke", "Fracture", "Adult", "Plan")
    ]
    assert places == sorted(places)
    assert "RED FLAG" in markup
    assert "1 looked for and not found" in markup


def record(**sections: RecordSection) -> PatientRecord:
    named = {name.replace("_", "-"): section for name, section in sections.items()}
    return PatientRecord(NOW, person(), named, 0)


def test_the_banner_never_reads_a_failure_as_no_allergies() -> None:
    (tag,) = alert_tags(record(allergies=RecordSection("allergies", SectionState.FAILED)))
    assert "Allergies: COULD NOT BE LOADED" in tag
    assert "hv-tag stop" in tag
    (tag,) = alert_tags(record(allergies=RecordSection("allergies", SectionState.ASSERTED_NONE)))
    assert "recorded as none known" in tag


def test_the_banner_names_allergies_and_alerts_and_counts_the_rest() -> None:
    allergies = tuple(Entry("AllergyIntolerance", f"a{n}", f"Drug {n}") for n in range(6))
    flags = tuple(Entry("Flag", f"f{n}", f"Flag {n}") for n in range(6))
    wrong = Entry("Flag", "x", "Struck out", status="entered-in-error")
    tags = "".join(
        alert_tags(
            record(
                allergies=RecordSection("allergies", SectionState.LOADED, allergies, set_aside=1),
                alerts=RecordSection("alerts", SectionState.LOADED, (*flags, wrong)),
            )
        )
    )
    assert "Drug 0, Drug 1, Drug 2, Drug 3 and 2 more; 1 could not be read" in tags
    assert "2 more alerts below" in tags
    assert "Struck out" not in tags


def test_crew_findings_stand_by_set_and_a_caution_keeps_its_own_place() -> None:
    when = at_instant(NOW)
    markup = findings_html(
        (
            Entry("Observation", "o1", "Temperature", when=when, value="36.5 Cel", source="Crew"),
            Entry(
                "Observation", "o2", "Pulse", when=when, value="300", source="Crew",
                caution=("Entered in error",), status="entered-in-error",
            ),
            Entry(
                "Observation", "o3", "NEWS2", when=when, value="3", source="Crew",
                parts=(("Pulse score", "1"),),
            ),
        ),
        frozenset({"Observation/o3"}),
    )  # fmt: skip
    assert markup.count("01-Jul-2026 12:00 · Crew") >= 1
    assert "36.5 °C" in markup
    assert "Entered in error" in markup
    assert "Pulse score" not in markup
