"""Indicators: met, not met or unknown, and never a no from what wasn't read."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.codes import Coding
from clinical.evidence import Indicator, Judgement
from clinical.indicator_words import RED_FLAGS
from clinical.indicators import (
    RULES,
    IndicatorSettings,
    Summary,
    judge,
    red_flags_met,
    summary,
    worth_a_look_order,
)
from clinical.moments import at_instant, read_moment
from clinical.news2 import News2Parameters, score_parameters
from clinical.news2_chart import Consciousness
from clinical.person import Confidentiality
from clinical.record import SECTION_NAMES, Entry, RecordSection, SectionState
from clinical.waiting import WaitingPatient
from tests.clinical.ward import ANN, NOW, WAITING, WELL, entry, observed, section, section_in

MET, NOT_MET, UNKNOWN = Judgement.MET, Judgement.NOT_MET, Judgement.UNKNOWN
SETTINGS = IndicatorSettings(area_practices=frozenset({"Z99001"}))
Sections = Mapping[str, RecordSection]


def of(
    name: str,
    patient: WaitingPatient = WAITING,
    *sections: RecordSection,
    settings: IndicatorSettings = SETTINGS,
) -> Indicator:
    """One indicator of one wait, by name."""
    held = {each.name: each for each in sections}
    return next(each for each in judge(patient, held, settings, NOW) if each.name == name)


def saying(reason: str, *codes: Coding) -> WaitingPatient:
    """Somebody brought in for this reason."""
    return replace(WAITING, reason=reason, reason_codes=codes)


def test_every_rule_has_its_own_name_and_a_documented_reason() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    for indicator in judge(WAITING, {}, SETTINGS, NOW):
        assert indicator.because
        assert "{" not in indicator.words


def test_the_checklists_lines_find_their_indicators() -> None:
    for name in (
        "age-18-or-over",
        "chest-pain",
        "frailty-4-to-9",
        "head-injury-on-anticoagulant",
        "high-risk-medicines",
        "long-lie",
        "loss-of-consciousness",
        "new-confusion",
        "new-oxygen",
        "news2",
        "news2-low",
        "observations-complete",
        "plan-on-file",
        "safeguarding",
        "sepsis",
        "stroke",
        "support-at-home",
        "suspected-fracture",
        "urgent-community-need",
    ):
        assert of(name).name == name


# Nothing that wasn't read is ever a no.

SILENT = [
    SectionState.NONE_RETURNED,
    SectionState.FAILED,
    SectionState.NOT_HELD,
    SectionState.WITHHELD,
]
FROM_THE_RECORD = [
    "known-to-community",
    "recent-discharge",
    "frailty-4-to-9",
    "support-at-home",
    "safeguarding",
    "plan-on-file",
    "lives-alone",
    "head-injury-on-anticoagulant",
    "high-risk-medicines",
]


@pytest.mark.parametrize("name", FROM_THE_RECORD)
@pytest.mark.parametrize("state", SILENT)
def test_a_section_that_says_nothing_leaves_the_indicator_unknown(
    name: str, state: SectionState
) -> None:
    patient = saying("Fall, head injury")
    silent = [section_in(each, state) for each in SECTION_NAMES]
    assert of(name, patient, *silent).judgement is UNKNOWN
    assert of(name, patient).judgement is UNKNOWN


@pytest.mark.parametrize("name", FROM_THE_RECORD)
def test_a_section_with_entries_unread_leaves_the_indicator_unknown(name: str) -> None:
    patient = saying("Fall, head injury")
    for doubt in ({"set_aside": 1}, {"complete": False}):
        held = [section(each, entry("Other", "Something else"), **doubt) for each in SECTION_NAMES]
        assert of(name, patient, *held).judgement is UNKNOWN


ENTRIES = [
    entry("EpisodeOfCare", "Falls team", when="2026-01-01"),
    entry("EpisodeOfCare", "District nurses", status="finished", ended="2026-02-01"),
    entry("CareTeam", "Community matron"),
    entry("Encounter", "Stay", status="finished", category="IMP", ended="2026-03-01"),
    entry("Encounter", "Stay", status="finished", category="IMP", ended="2024-03-01"),
    entry("Observation", "Frailty", "1129371000000104", when="2026-01-01", status="final"),
    entry("Observation", "Frailty", "1129331000000101", when="2026-02-01", status="final"),
    entry("Flag", "DNACPR", "450476008"),
    entry("Flag", "Safeguarding", "766561000000109"),
    entry("Flag", "No issues", "861931000000100"),
    entry("MedicationRequest", "Apixaban 5mg tablets", when="2026-01-01"),
    entry("MedicationRequest", "Paracetamol 500mg tablets", when="2026-01-01"),
    entry("Observation", "Lives with", value="Lives alone", status="final"),
    entry("Observation", "Lives with", value="Lives with husband", status="final"),
    entry("Condition", "Home oxygen supply", "426990007"),
]
held_sections = st.dictionaries(
    st.sampled_from(SECTION_NAMES),
    st.builds(
        lambda entries, state, aside: (tuple(entries), state, aside),
        st.lists(st.sampled_from(ENTRIES), max_size=4),
        st.sampled_from([SectionState.LOADED, SectionState.ASSERTED_NONE]),
        st.integers(0, 1),
    ),
)
reasons = st.sampled_from(
    ["", "Fall, head injury", "Fall", "No head injury", "Chest pain", "Not coping"]
)


def _sections(drawn: Mapping[str, tuple[tuple[Entry, ...], SectionState, int]]) -> Sections:
    return {
        name: RecordSection(name, state, entries if state is SectionState.LOADED else (), aside)
        for name, (entries, state, aside) in drawn.items()
    }


@given(held_sections, reasons, st.sampled_from(SECTION_NAMES), st.sampled_from(SILENT))
def test_losing_a_section_never_makes_a_no(
    drawn: Mapping[str, tuple[tuple[Entry, ...], SectionState, int]],
    reason: str,
    lost: str,
    state: SectionState,
) -> None:
    before = _sections(drawn)
    after = {**before, lost: section_in(lost, state)}
    patient = saying(reason)
    for had, has in zip(
        judge(patient, before, SETTINGS, NOW), judge(patient, after, SETTINGS, NOW), strict=True
    ):
        if has.judgement is NOT_MET:
            assert had.judgement is NOT_MET, had.name


@given(held_sections, reasons)
def test_what_was_entered_in_error_changes_nothing(
    drawn: Mapping[str, tuple[tuple[Entry, ...], SectionState, int]], reason: str
) -> None:
    wrong = {
        name: (tuple(replace(each, status="entered-in-error") for each in entries), state, aside)
        for name, (entries, state, aside) in drawn.items()
    }
    empty = {name: ((), state, aside) for name, (_, state, aside) in drawn.items()}
    judged = [judge(saying(reason), _sections(each), SETTINGS, NOW) for each in (wrong, empty)]
    assert judged[0] == judged[1]


@given(held_sections, reasons)
def test_an_entry_with_a_caution_is_never_plain_evidence(
    drawn: Mapping[str, tuple[tuple[Entry, ...], SectionState, int]], reason: str
) -> None:
    doubted = {
        name: (tuple(replace(each, caution=("refuted",)) for each in entries), state, aside)
        for name, (entries, state, aside) in drawn.items()
    }
    empty = {name: ((), state, aside) for name, (_, state, aside) in drawn.items()}
    patient = saying(reason)
    for with_doubt, without in zip(
        judge(patient, _sections(doubted), SETTINGS, NOW),
        judge(patient, _sections(empty), SETTINGS, NOW),
        strict=True,
    ):
        if with_doubt.judgement is MET and with_doubt.name != "high-risk-medicines":
            assert without.judgement is MET, with_doubt.name


odd_entries = st.builds(
    Entry,
    kind=st.sampled_from(["Observation", "EpisodeOfCare", "CareTeam", "Encounter", "Flag", "X"]),
    id=st.text(max_size=3),
    title=st.text(max_size=30),
    codes=st.lists(
        st.builds(
            Coding,
            st.sampled_from(["", "http://snomed.info/sct", "x"]),
            st.sampled_from(["", "445414007", "1129371000000104", "82271004", "450476008"]),
        ),
        max_size=2,
    ).map(tuple),
    status=st.sampled_from(["", "active", "finished", "stopped", "unknown", "odd"]),
    when=st.none() | st.sampled_from(["1900", "2026-03", "2999-01-01"]).map(read_moment),
    ended=st.none() | st.sampled_from(["1900", "2026-03", "2999-01-01"]).map(read_moment),
    value=st.text(max_size=20),
    number=st.none() | st.decimals(),
    category=st.sampled_from(["", "IMP", "SG"]),
    caution=st.sampled_from([(), ("refuted",)]),
    asserts_absence=st.booleans(),
)


@given(st.text(max_size=40), st.lists(odd_entries, max_size=3))
def test_no_record_however_odd_stops_the_judging(reason: str, entries: list[Entry]) -> None:
    held = {name: section(name, *entries) for name in SECTION_NAMES}
    patient = replace(saying(reason), findings=tuple(entries))
    assert len(judge(patient, held, SETTINGS, NOW)) == len(RULES)


# The person.


@pytest.mark.parametrize(
    ("born", "adult", "child"),
    [
        ("2008-03-10", MET, NOT_MET),
        ("2008-03-11", NOT_MET, MET),
        ("2008", UNKNOWN, UNKNOWN),
        ("1940", MET, NOT_MET),
        ("", UNKNOWN, UNKNOWN),
    ],
)
def test_an_adult_is_18_or_over(born: str, adult: Judgement, child: Judgement) -> None:
    patient = replace(WAITING, person=replace(ANN, birth_date=read_moment(born)))
    assert of("age-18-or-over", patient).judgement is adult
    assert of("child", patient).judgement is child
    assert of("child", patient).red_flag


@pytest.mark.parametrize(
    ("ods", "area", "judgement"),
    [
        ("Z99001", {"Z99001"}, MET),
        ("z99001 ", {"Z99001"}, MET),
        ("Z99002", {"Z99001"}, NOT_MET),
        ("Z99001", set(), UNKNOWN),
        ("", {"Z99001"}, UNKNOWN),
    ],
)
def test_the_practice_of_the_area(ods: str, area: set[str], judgement: Judgement) -> None:
    patient = replace(WAITING, person=replace(ANN, general_practice_ods=ods))
    settings = IndicatorSettings(area_practices=frozenset(area))
    assert of("gp-in-area", patient, settings=settings).judgement is judgement


def test_a_death_on_record_cannot_be_overridden_and_silence_about_it_is_no_death() -> None:
    for person in (
        replace(ANN, deceased=True),
        replace(ANN, deceased_at=read_moment("2026-03-01")),
    ):
        died = of("deceased", replace(WAITING, person=person))
        assert (died.judgement, died.absolute, died.red_flag) == (MET, True, True)
    assert of("deceased").judgement is NOT_MET


def test_a_restricted_record_is_shown_and_never_counted() -> None:
    hidden = replace(WAITING, person=replace(ANN, confidentiality=Confidentiality.RESTRICTED))
    restricted = of("restricted-record", hidden)
    assert (restricted.judgement, restricted.shown_only) == (MET, True)
    assert of("restricted-record").judgement is NOT_MET


# Physiology.

BARE = News2Parameters()


@pytest.mark.parametrize(
    ("reading", "low", "senior", "high"),
    [
        (observed(), MET, NOT_MET, NOT_MET),
        (observed(pulse=Decimal(111), respiratory_rate=Decimal(21)), MET, NOT_MET, NOT_MET),
        (observed(consciousness=Consciousness.NEW_CONFUSION), NOT_MET, MET, NOT_MET),
        (observed(pulse=Decimal(131), systolic=Decimal(100)), NOT_MET, MET, NOT_MET),
        (observed(pulse=Decimal(131), respiratory_rate=Decimal(25)), NOT_MET, MET, NOT_MET),
        (
            observed(pulse=Decimal(131), respiratory_rate=Decimal(25), temperature=Decimal("38.5")),
            NOT_MET,
            NOT_MET,
            MET,
        ),
        (observed(temperature=None), UNKNOWN, UNKNOWN, NOT_MET),
        (observed(on_oxygen=None), MET, NOT_MET, NOT_MET),
        (
            observed(temperature=None, pulse=Decimal(131), respiratory_rate=Decimal(24)),
            NOT_MET,
            MET,
            UNKNOWN,
        ),
        (observed(minutes_ago=300), UNKNOWN, UNKNOWN, UNKNOWN),
        (
            observed(
                minutes_ago=300,
                pulse=Decimal(131),
                respiratory_rate=Decimal(25),
                temperature=Decimal("38.5"),
            ),
            NOT_MET,
            NOT_MET,
            MET,
        ),
        (score_parameters(WELL), UNKNOWN, UNKNOWN, UNKNOWN),
        (None, UNKNOWN, UNKNOWN, UNKNOWN),
        (
            score_parameters(BARE, recorded_total=4, taken_at=at_instant(NOW)),
            UNKNOWN,
            UNKNOWN,
            NOT_MET,
        ),
        (
            score_parameters(BARE, recorded_total=2, taken_at=at_instant(NOW)),
            MET,
            NOT_MET,
            NOT_MET,
        ),
    ],
)
def test_news2_speaks_for_for_senior_review_or_against(
    reading: object, low: Judgement, senior: Judgement, high: Judgement
) -> None:
    patient = replace(WAITING, news2=reading)  # type: ignore[arg-type]
    assert of("news2-low", patient).judgement is low
    assert of("news2-senior-review", patient).judgement is senior
    assert of("news2", patient).judgement is high
    assert of("news2", patient).red_flag
    assert of("news2-senior-review", patient).senior_review


def test_a_low_news2_says_nothing_under_16_or_in_pregnancy_and_a_high_one_still_does() -> None:
    child = replace(WAITING, person=replace(ANN, birth_date=read_moment("2014-01-01")))
    expecting = saying("32 weeks pregnant, headache")
    for patient in (child, expecting):
        assert of("news2-low", patient).judgement is UNKNOWN
        assert "not valid" in of("news2-low", patient).because
        assert of("news2", patient).judgement is UNKNOWN
    ill = observed(pulse=Decimal(131), respiratory_rate=Decimal(25), temperature=Decimal("39.5"))
    assert of("news2", replace(child, news2=ill)).judgement is MET


def test_a_site_sets_its_own_news2_thresholds() -> None:
    strict = replace(SETTINGS, news2_low_to=2, news2_red_flag_from=5)
    patient = replace(WAITING, news2=observed(pulse=Decimal(131), systolic=Decimal(100)))
    assert of("news2", patient, settings=strict).judgement is MET
    assert of("news2", patient, settings=strict).words == "NEWS2 of 5 or more"
    three = replace(WAITING, news2=observed(pulse=Decimal(111), systolic=Decimal(110)))
    assert of("news2-low", three).judgement is MET
    assert of("news2-low", three, settings=strict).judgement is NOT_MET


def test_delirium_asks_for_senior_review_and_excludes_nobody() -> None:
    confused = replace(
        saying("More confused than usual since yesterday"),
        news2=observed(consciousness=Consciousness.NEW_CONFUSION),
    )
    found = of("new-confusion", confused)
    assert (found.judgement, found.senior_review, found.red_flag) == (MET, True, False)
    assert of("urgent-community-need", confused).judgement is MET
    assert red_flags_met(judge(confused, {}, SETTINGS, NOW)) == ()


@pytest.mark.parametrize(
    ("changes", "judgement"),
    [
        ({"reason": "Fall"}, NOT_MET),
        ({"reason": "Fall, not confused"}, UNKNOWN),
        ({"reason": "Fall", "news2": None}, UNKNOWN),
        ({"reason": "Fall", "news2": observed(consciousness=Consciousness.VOICE)}, UNKNOWN),
        (
            {
                "reason": "Fall",
                "findings": (entry("Observation", "ACVPU", "130987000", status="final"),),
            },
            MET,
        ),
    ],
)
def test_new_confusion_comes_from_findings_or_plain_words(
    changes: dict[str, object], judgement: Judgement
) -> None:
    patient = replace(WAITING, **changes)  # type: ignore[arg-type]
    assert of("new-confusion", patient).judgement is judgement


def test_oxygen_is_a_new_need_unless_it_is_on_record_at_home() -> None:
    on_oxygen = replace(WAITING, news2=observed(on_oxygen=True))
    assert of("new-oxygen").judgement is NOT_MET
    assert of("new-oxygen", on_oxygen).judgement is MET
    usual = section("problems", entry("Condition", "Home oxygen supply", "426990007"))
    assert of("new-oxygen", on_oxygen, usual).judgement is UNKNOWN
    assert of("new-oxygen", replace(WAITING, news2=None)).judgement is UNKNOWN
    given = entry("Observation", "Oxygen", "371825009", status="final")
    assert of("new-oxygen", replace(WAITING, news2=None, findings=(given,))).judgement is MET


@pytest.mark.parametrize(
    ("reading", "judgement"),
    [
        (observed(), MET),
        (observed(minutes_ago=61), NOT_MET),
        (observed(temperature=None), NOT_MET),
        (None, UNKNOWN),
        (score_parameters(BARE, recorded_total=2, taken_at=at_instant(NOW)), UNKNOWN),
        (score_parameters(WELL), UNKNOWN),
    ],
)
def test_a_full_set_of_observations_in_the_last_hour(reading: object, judgement: Judgement) -> None:
    patient = replace(WAITING, news2=reading)  # type: ignore[arg-type]
    assert of("observations-complete", patient).judgement is judgement


# What they need.

LOCAL_REASON = "https://handover-viewer.example/fhir/CodeSystem/call-reason"


@pytest.mark.parametrize(
    "reason",
    [
        "Fall at home, unable to get up unaided",
        "Off legs, not eating",
        "Can't manage the stairs any more",
        "Breathless at the end of life",
        "Can't be moved: hoist broken",
        "More confused since yesterday",
        "Catheter blocked",
        "Low blood glucose, better now",
        "Carer taken ill, can't be left",
    ],
)
def test_each_of_the_nine_needs_is_recognised_by_its_words(reason: str) -> None:
    need = of("urgent-community-need", saying(reason))
    assert need.judgement is MET
    assert need.because.startswith("Possibly")
    assert need.evidence


@pytest.mark.parametrize(
    ("reason", "codes", "judgement"),
    [
        ("Unwell", (Coding(LOCAL_REASON, "palliative"),), MET),
        ("Unwell", (Coding("http://snomed.info/sct", "1912002"),), MET),
        ("Unwell", (Coding("http://other.example", "1912002"),), UNKNOWN),
        ("Central chest pain", (Coding(LOCAL_REASON, "chest-pain"),), NOT_MET),
        ("Nosebleed", (), UNKNOWN),
        ("Knee pain, no fall", (), UNKNOWN),
        ("", (), UNKNOWN),
    ],
)
def test_words_that_name_no_need_exclude_nobody(
    reason: str, codes: tuple[Coding, ...], judgement: Judgement
) -> None:
    assert of("urgent-community-need", saying(reason, *codes)).judgement is judgement


def frail(level_code: str, scored: str, **changes: object) -> RecordSection:
    made = entry("Observation", "Frailty", level_code, when=scored, status="final")
    return section("frailty", replace(made, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "judgement"),
    [
        (frail("1129361000000106", "2026-01-01"), MET),
        (frail("1129411000000100", "2026-01-01"), MET),
        (frail("1129351000000108", "2026-01-01"), NOT_MET),
        (frail("1129321000000103", "2026-01-01", number=Decimal(5)), MET),
        (frail("445414007", "2026-01-01", number=Decimal(2)), NOT_MET),
        (frail("445414007", "2026-01-01", number=Decimal(10)), UNKNOWN),
        (frail("445414007", "2026-01-01", number=Decimal("4.5")), UNKNOWN),
        (frail("445414007", "2026-01-01"), UNKNOWN),
        (frail("1129371000000104", "2024-01-01"), UNKNOWN),
        (frail("1129371000000104", "2025"), UNKNOWN),
        (frail("1129371000000104", "2026-01-01", when=None), UNKNOWN),
        (frail("1129371000000104", "2026-01-01", caution=("unconfirmed",)), UNKNOWN),
        (frail("1129371000000104", "2026-01-01", status="entered-in-error"), UNKNOWN),
        (section("frailty"), UNKNOWN),
        (section_in("frailty", SectionState.ASSERTED_NONE), UNKNOWN),
    ],
)
def test_frailty_is_the_newest_clinical_frailty_scale_and_has_to_be_fresh(
    held: RecordSection, judgement: Judgement
) -> None:
    assert of("frailty-4-to-9", WAITING, held).judgement is judgement


def test_the_newest_frailty_score_counts_and_two_of_one_day_that_differ_do_not() -> None:
    older = entry("Observation", "F", "1129351000000108", when="2025-12-01", status="final")
    newer = entry("Observation", "F", "1129371000000104", when="2026-02-01", status="final")
    assert of("frailty-4-to-9", WAITING, section("frailty", older, newer)).judgement is MET
    clash = replace(older, when=newer.when)
    assert of("frailty-4-to-9", WAITING, section("frailty", clash, newer)).judgement is UNKNOWN


def test_the_frailty_scale_is_not_used_under_65() -> None:
    young = replace(WAITING, person=replace(ANN, birth_date=read_moment("1970-01-01")))
    found = of("frailty-4-to-9", young, frail("1129371000000104", "2026-01-01"))
    assert found.judgement is UNKNOWN
    assert "validated from 65" in found.because


def test_frailty_scored_by_the_crew_counts_too() -> None:
    scored = entry("Observation", "F", "1129381000000102", when="2026-03-10", status="final")
    found = of("frailty-4-to-9", replace(WAITING, findings=(scored,)))
    assert found.judgement is MET
    assert found.evidence[0].source == "Made-up Trust"
    assert found.evidence[0].reference == "Observation/x1"


EPISODE = entry("EpisodeOfCare", "Falls team", when="2026-01-01")


@pytest.mark.parametrize(
    ("held", "judgement"),
    [
        ([section("contacts", EPISODE)], MET),
        ([section("contacts", replace(EPISODE, status="onhold"))], MET),
        ([section("contacts", replace(EPISODE, status="finished"))], NOT_MET),
        ([section("contacts", replace(EPISODE, status="waitlist"))], NOT_MET),
        ([section("contacts", entry("Encounter", "Home visit", status="finished"))], UNKNOWN),
        ([section("contacts", replace(EPISODE, caution=("a doubt",)))], UNKNOWN),
        ([section_in("contacts", SectionState.ASSERTED_NONE)], NOT_MET),
        ([section("social", entry("CareTeam", "Matron"))], MET),
    ],
)
def test_somebody_on_a_caseload_is_known_to_the_community(
    held: list[RecordSection], judgement: Judgement
) -> None:
    assert of("known-to-community", WAITING, *held).judgement is judgement


def stay(ended: str, status: str = "finished", category: str = "IMP", when: str = "") -> Entry:
    return entry("Encounter", "Stay", status=status, category=category, ended=ended, when=when)


@pytest.mark.parametrize(
    ("stays", "judgement"),
    [
        ([stay("2026-02-09")], MET),
        ([stay("2026-02-08T11:00:00Z")], NOT_MET),
        ([stay("2026-02-08")], UNKNOWN),
        ([stay("2026-02")], UNKNOWN),
        ([stay("", when="2026-03-01")], UNKNOWN),
        ([stay("", when="2020-03-01")], NOT_MET),
        ([stay("2026-03-01", category="EMER")], NOT_MET),
        ([stay("2026-03-01", status="cancelled")], NOT_MET),
        ([], NOT_MET),
    ],
)
def test_a_discharge_in_the_last_30_days_asks_for_senior_review(
    stays: list[Entry], judgement: Judgement
) -> None:
    found = of("recent-discharge", WAITING, section("attendances", *stays))
    assert found.judgement is judgement
    assert found.senior_review


# Danger.


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("stroke", "Sudden weakness of the right arm and slurred speech"),
        ("stroke", "?stroke"),
        ("stroke", "Face drooping, speech slurred"),
        ("chest-pain", "Central chest pain"),
        ("chest-pain", "Chest tightness on walking"),
        ("sepsis", "Possible urosepsis"),
        ("suspected-fracture", "Fall, pain in the right hip, cannot stand"),
        ("suspected-fracture", "Wrist deformed after a fall"),
        ("loss-of-consciousness", "Fall with LOC"),
        ("major-bleeding", "Melaena"),
        ("anaphylaxis", "Anaphylaxis after a sting"),
        ("overdose-or-self-harm", "Paracetamol overdose"),
        ("pregnancy", "32 weeks pregnant, headache"),
        ("long-lie", "Long lie"),
        ("long-lie", "Found on the floor, there 6 hours"),
    ],
)
def test_a_red_flag_named_in_the_reason_is_found_and_called_possible(
    name: str, reason: str
) -> None:
    found = of(name, saying(reason))
    assert (found.judgement, found.red_flag, found.verified) == (MET, True, False)
    assert found.evidence[0].value.startswith("Reason for the call: ")


@pytest.mark.parametrize("name", [*RED_FLAGS, "long-lie"])
def test_a_red_flag_that_nobody_names_is_not_found_and_not_ruled_out(name: str) -> None:
    found = of(name, saying("Catheter blocked"))
    assert found.judgement is NOT_MET
    assert "doesn't rule it out" in found.because


@pytest.mark.parametrize("name", [*RED_FLAGS, "long-lie", "head-injury-on-anticoagulant"])
def test_without_a_reason_or_with_entries_unread_no_red_flag_is_taken_for_absent(
    name: str,
) -> None:
    assert of(name, saying("  ")).judgement is UNKNOWN
    assert of(name, replace(saying("Catheter blocked"), set_aside=1)).judgement is UNKNOWN


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("chest-pain", "Fall, no chest pain"),
        ("stroke", "Fall. Previous stroke"),
        ("loss-of-consciousness", "Slipped, denies LOC"),
        ("long-lie", "Found on the floor"),
        ("long-lie", "No long lie"),
    ],
)
def test_a_red_flag_denied_or_past_is_unknown_and_shown(name: str, reason: str) -> None:
    found = of(name, saying(reason))
    assert found.judgement is UNKNOWN
    assert "Mentions" in found.because
    assert found.evidence


@pytest.mark.parametrize(
    ("words", "judgement"),
    [
        ("on the floor for 20 minutes", NOT_MET),
        ("on the floor for 59 mins", NOT_MET),
        ("on floor 60 min", MET),
        ("on the floor 1 hour", MET),
        ("on the floor half an hour", NOT_MET),
        ("on the floor for several hours", MET),
        ("on the floor since last night", UNKNOWN),
    ],
)
def test_an_hour_on_the_floor_is_a_long_lie(words: str, judgement: Judgement) -> None:
    assert of("long-lie", saying(words)).judgement is judgement


def test_a_finding_of_the_crew_names_a_red_flag_too() -> None:
    def with_finding(title: str, value: str = "", *codes: str, **more: object) -> WaitingPatient:
        made = entry("Observation", title, *codes, value=value, status="final")
        return replace(
            saying("Unwell"),
            findings=(replace(made, **more),),  # type: ignore[arg-type]
        )

    assert of("stroke", with_finding("FAST", "positive")).judgement is MET
    assert of("stroke", with_finding("Stroke", "", "230690007")).judgement is MET
    assert of("stroke", with_finding("Stroke", "No", "230690007")).judgement is UNKNOWN
    assert of("chest-pain", with_finding("Chest pain", "Absent")).judgement is UNKNOWN
    assert of("sepsis", with_finding("Sepsis screen", "Low risk")).judgement is UNKNOWN
    assert of("sepsis", with_finding("Sepsis screen", "Red flag")).judgement is MET
    both = with_finding("Chest pain", "None at rest but chest pain on walking")
    assert of("chest-pain", both).judgement is MET
    refuted = with_finding("Chest pain", caution=("refuted",))
    assert of("chest-pain", refuted).judgement is UNKNOWN
    wrong = with_finding("Chest pain", status="entered-in-error")
    assert of("chest-pain", wrong).judgement is NOT_MET
    measured = with_finding("Stroke risk score", "2", number=Decimal(2))
    assert of("stroke", measured).judgement is NOT_MET


APIXABAN = entry("MedicationRequest", "Apixaban 5mg tablets", when="2026-01-01")
PARACETAMOL = entry("MedicationRequest", "Paracetamol 500mg tablets", when="2026-01-01")


@pytest.mark.parametrize(
    ("reason", "medicines", "judgement"),
    [
        ("Fall, head injury", section("medicines", APIXABAN), MET),
        ("Grazed forehead", section("medicines", APIXABAN), MET),
        ("Fall, head injury", section("medicines", PARACETAMOL), NOT_MET),
        ("Fall, head injury", section_in("medicines", SectionState.ASSERTED_NONE), NOT_MET),
        ("Fall, head injury", section("medicines", PARACETAMOL, set_aside=1), UNKNOWN),
        ("Fall", section("medicines", APIXABAN), UNKNOWN),
        ("Fall, no head injury", section("medicines", APIXABAN), UNKNOWN),
        ("Fall", section("medicines", PARACETAMOL), NOT_MET),
        ("Catheter blocked", section("medicines", APIXABAN), NOT_MET),
        (
            "Fall, head injury",
            section("medicines", replace(APIXABAN, status="stopped")),
            UNKNOWN,
        ),
        (
            "Fall, head injury",
            section(
                "medicines",
                replace(APIXABAN, status="stopped", when=read_moment("2024-01-01")),
            ),
            NOT_MET,
        ),
        (
            "Fall, head injury",
            section("medicines", replace(APIXABAN, caution=("unconfirmed",))),
            UNKNOWN,
        ),
        (
            "Fall, head injury",
            section("medicines", replace(APIXABAN, status="entered-in-error")),
            NOT_MET,
        ),
        (
            "Fall, head injury",
            section("medicines", entry("MedicationRequest", "Heparinoid 0.3% cream")),
            NOT_MET,
        ),
        ("Fall, head injury", section("medicines", replace(APIXABAN, status="on-hold")), MET),
        ("Fall, head injury", section("medicines", replace(APIXABAN, status="")), MET),
    ],
)
def test_a_head_injury_on_an_anticoagulant(
    reason: str, medicines: RecordSection, judgement: Judgement
) -> None:
    found = of("head-injury-on-anticoagulant", saying(reason), medicines)
    assert found.judgement is judgement
    assert found.red_flag


def test_high_risk_medicines_are_shown_and_never_counted() -> None:
    insulin = entry("MedicationRequest", "Humulin M3 KwikPen", entry_id="m2")
    found = of("high-risk-medicines", WAITING, section("medicines", APIXABAN, insulin))
    assert (found.judgement, found.shown_only) == (MET, True)
    assert {each.reference for each in found.evidence} == {
        "MedicationRequest/x1",
        "MedicationRequest/m2",
    }
    only_mild = of("high-risk-medicines", WAITING, section("medicines", PARACETAMOL))
    assert only_mild.judgement is NOT_MET


# Home and wishes.


@pytest.mark.parametrize(
    ("held", "judgement"),
    [
        (section("alerts", entry("Flag", "Resuscitation status", "450476008")), MET),
        (section("alerts", entry("Flag", "Has a ReSPECT form")), MET),
        (section("care-plans", entry("CarePlan", "Advance care plan")), MET),
        (section("documents", entry("DocumentReference", "Plan", "736366004")), MET),
        (section("alerts", entry("Flag", "DNACPR", status="inactive")), UNKNOWN),
        (section("alerts", entry("Flag", "DNACPR", caution=("a doubt",))), UNKNOWN),
        (section("care-plans", entry("CarePlan", "Shows respect for routine")), UNKNOWN),
        (section("alerts", entry("Flag", "Latex")), UNKNOWN),
        (section_in("alerts", SectionState.ASSERTED_NONE), UNKNOWN),
    ],
)
def test_a_plan_on_file_is_shown_never_scored_and_never_said_not_to_exist(
    held: RecordSection, judgement: Judgement
) -> None:
    found = of("plan-on-file", WAITING, held)
    assert found.judgement is judgement
    assert found.shown_only


@pytest.mark.parametrize(
    ("held", "judgement"),
    [
        (section("alerts", entry("Flag", "Adult concern", "766561000000109")), MET),
        (section("alerts", entry("Flag", "Concern", category="SG")), MET),
        (section("alerts", entry("Flag", "Safeguarding", "861931000000100")), NOT_MET),
        (section("alerts", entry("Flag", "Latex")), NOT_MET),
        (section("alerts", entry("Flag", "Safeguarding", status="inactive")), NOT_MET),
    ],
)
def test_a_safeguarding_alert_asks_for_senior_review(
    held: RecordSection, judgement: Judgement
) -> None:
    found = of("safeguarding", WAITING, held)
    assert found.judgement is judgement
    assert (found.senior_review, found.red_flag) == (True, False)


def social(*values: str) -> RecordSection:
    return section(
        "social",
        *(entry("Observation", "Lives with", value=each, status="final") for each in values),
    )


@pytest.mark.parametrize(
    ("held", "alone", "support"),
    [
        (social("Lives alone, daughter in the next street"), MET, UNKNOWN),
        (social("Lives with husband"), NOT_MET, MET),
        (social("Lives alone", "Carers four times a day"), UNKNOWN, MET),
        (social(), UNKNOWN, UNKNOWN),
    ],
)
def test_living_alone_is_shown_and_is_not_the_same_as_no_support(
    held: RecordSection, alone: Judgement, support: Judgement
) -> None:
    assert of("support-at-home", WAITING, held).judgement is support
    if alone is not UNKNOWN or not held.entries:
        assert of("lives-alone", WAITING, held).judgement is alone


# All of them together.


def made(
    name: str,
    judgement: Judgement,
    *,
    red_flag: bool = False,
    senior_review: bool = False,
    shown_only: bool = False,
) -> Indicator:
    return Indicator(name, name, judgement, "", (), red_flag, senior_review, shown_only=shown_only)


def test_the_summary_counts_what_speaks_for_and_a_danger_found_as_not() -> None:
    assert summary([made("a", MET), made("b", NOT_MET), made("c", UNKNOWN)]) == (1, 1, 1)
    for against in ({"red_flag": True}, {"senior_review": True}):
        assert summary([made("a", MET, **against)]) == Summary(0, 1, 0)
        assert summary([made("a", NOT_MET, **against)]) == Summary(0, 0, 0)
        assert summary([made("a", UNKNOWN, **against)]) == Summary(0, 0, 1)
    assert summary([made("a", each, shown_only=True) for each in Judgement]) == (0, 0, 0)


def named(encounter: str, minutes: int | None) -> WaitingPatient:
    since = None if minutes is None else at_instant(NOW - timedelta(minutes=minutes))
    return replace(WAITING, encounter=encounter, waiting_since=since)


def test_worth_a_look_puts_most_met_first_then_the_longest_wait_and_red_flags_last() -> None:
    flagged = [made("danger", MET, red_flag=True), made("a", MET), made("b", MET), made("c", MET)]
    two, one = [made("a", MET), made("b", MET)], [made("a", MET)]
    waiting = [
        named("danger", 90),
        named("one-short", 5),
        named("one-long", 50),
        named("one-unknown", None),
        named("two", 1),
        named("nothing-known", 200),
    ]
    indicators = {
        "danger": flagged,
        "one-short": one,
        "one-long": one,
        "one-unknown": one,
        "two": two,
    }
    ordered = [each.encounter for each in worth_a_look_order(waiting, indicators, NOW)]
    assert ordered == ["two", "one-unknown", "one-long", "one-short", "nothing-known", "danger"]


@given(st.permutations(range(6)))
def test_nobody_is_hidden_and_the_order_does_not_depend_on_the_order_read(
    order: list[int],
) -> None:
    waiting = [named(f"e{n}", n % 3 * 10) for n in order]
    indicators = {
        f"e{n}": [made("a", MET), made("x", MET if n == 5 else NOT_MET, red_flag=True)]
        for n in range(5)
    }
    ordered = worth_a_look_order(waiting, indicators, NOW)
    assert {each.encounter for each in ordered} == {f"e{n}" for n in range(6)}
    assert ordered == worth_a_look_order(tuple(reversed(waiting)), indicators, NOW)


def test_a_clear_redirect_has_no_red_flag_and_much_that_speaks_for_it() -> None:
    held = {
        each.name: each
        for each in (
            section("contacts", EPISODE),
            section("attendances"),
            section("medicines", PARACETAMOL),
            frail("1129371000000104", "2026-01-01"),
            social("Lives with husband"),
            section("alerts", entry("Flag", "Latex")),
        )
    }
    judged = judge(WAITING, held, SETTINGS, NOW)
    assert red_flags_met(judged) == ()
    counts = summary(judged)
    assert counts.met == 8
    assert counts.not_met == 0


def test_what_domain_leaves_unverified_says_so_until_it_is_signed_off() -> None:
    assert not of("news2-low").verified
    assert of("age-18-or-over").verified
    assert {field.name for field in fields(IndicatorSettings)} >= {"unverified"}
    signed = replace(SETTINGS, unverified=SETTINGS.unverified - {"news2-low"})
    assert of("news2-low", settings=signed).verified
