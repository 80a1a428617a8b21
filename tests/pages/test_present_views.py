"""What changed, search, trends and the line of time, in words and markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from clinical.changes import changes_of
from clinical.codes import SNOMED, Coding
from clinical.measured import Vital
from clinical.moments import at_instant
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.search import search_index
from clinical.timeline import Timeline, timeline_of
from clinical.trends import Band, Trend, vital_trends
from pages.parts.charts import _DARK, _LIGHT
from pages.parts.timeline import timeline_chart
from pages.parts.trends import trend_chart
from pages.present.changes import changes_heading, changes_html
from pages.present.crew import crew_html
from pages.present.search import found_html
from pages.present.timeline import (
    NOW_LANE,
    TRACKS,
    chart_lanes,
    chart_rows,
    chart_words,
    timeline_list_html,
    timeline_notes_html,
)
from pages.present.trends import (
    against_the_range,
    band_words,
    ranges_in_words,
    trend_in_words,
    vitals_html,
)
from tests.pages.people import NOW, moment, person, waiting

MARKUP = "<img src=x onerror=alert(1)> & :red[x]"


def entry(title: str, when: str = "2026-06-25", **changes: object) -> Entry:
    made = Entry(
        "Condition", title, title, when=moment(when) if when else None, source="Test Trust"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def loaded(name: str, *entries: Entry, **changes: object) -> RecordSection:
    return replace(RecordSection(name, SectionState.LOADED, entries), **changes)  # type: ignore[arg-type]


def record(*sections: RecordSection) -> PatientRecord:
    return PatientRecord(NOW, person(), {each.name: each for each in sections}, 0)


def words_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


FAILED = RecordSection("medicines", SectionState.FAILED, explanation="Because of this test.")


def test_nothing_changed_is_said_only_where_everything_was_seen() -> None:
    whole = changes_of(record(loaded("problems")), waiting(), NOW)
    assert changes_heading(whole) == "What changed in the last 14 days: nothing"
    assert "Nothing in the record began or ended" in changes_html(whole)
    holed = changes_of(record(loaded("problems"), FAILED), waiting(), NOW)
    assert changes_heading(holed) == "What changed in the last 14 days: nothing found"
    said = words_of(changes_html(holed))
    assert "Could not be loaded, and so not looked at for changes: Medicines." in said
    assert "as far as could be seen" in said


def test_thirty_readings_alike_are_one_line_with_their_range() -> None:
    readings = [
        entry(
            "Pulse", f"2026-06-{20 + day}T09:00:00+01:00", id=f"p{day}",
            number=Decimal(80 + day), value=f"{80 + day} /min", unit="/min",
        )
        for day in range(10)
    ]  # fmt: skip
    changes = changes_of(record(loaded("observations", *readings)), waiting(), NOW)
    said = words_of(changes_html(changes))
    assert said.count("Pulse") == 1
    assert "Pulse : 89 /min" in said
    assert "10 times, first 20-Jun-2026 09:00, 80 to 89" in said


def test_a_change_known_only_to_the_month_says_so_and_one_in_error_is_struck() -> None:
    changes = changes_of(
        record(
            loaded(
                "problems",
                entry("Perhaps", "2026-06"),
                entry("Mistake", status="entered-in-error"),
            )
        ),
        waiting(),
        NOW,
    )
    markup = changes_html(changes)
    assert "Jun-2026 (date only partly known: may be of these days)" in markup
    assert re.search(r'<li class="gone">.*Entered in error.*Mistake', markup)


def test_an_end_is_said_and_the_end_of_a_visit_of_one_day_is_not() -> None:
    stay = entry("Stay", "2026-06-20", ended=moment("2026-06-24"))
    visit = entry("Visit", "2026-06-25T14:00:00+01:00", ended=moment("2026-06-25T14:40:00+01:00"))
    long = entry("Course", "2026-01-05", ended=moment("2026-06-26"))
    said = words_of(
        changes_html(changes_of(record(loaded("contacts", stay, visit, long)), waiting(), NOW))
    )
    assert "20-Jun-2026, ended 24-Jun-2026" in said
    assert "Visit 25-Jun-2026 14:00 · Test Trust" in said
    assert "Course ended on 26-Jun-2026" in said


def test_a_search_says_what_it_could_not_look_in_before_what_it_found() -> None:
    index = search_index(record(loaded("problems", entry("Gout")), FAILED))
    found = words_of(found_html(index.find("gout")))
    assert found.startswith("Could not be loaded, and so not searched: Medicines.")
    assert "1 entry in 1 section" in found
    nothing = words_of(found_html(index.find("warfarin")))
    assert "Nothing found in what could be searched." in nothing
    assert "Type at least two letters" in found_html(index.find("x"))


def test_a_search_shows_ten_of_a_section_and_counts_the_rest() -> None:
    many = [entry(f"Gout {number:02}", id=f"g{number}") for number in range(14)]
    found = found_html(search_index(record(loaded("problems", *many))).find("gout"))
    assert found.count('class="title"') == 10
    assert "4 older ones of Problems are not shown" in found


@pytest.mark.parametrize("view", ["changes", "search", "timeline", "undated"])
def test_what_the_record_says_is_never_markup(view: str) -> None:
    dated = record(loaded("problems", entry(MARKUP, source=MARKUP)))
    timeline = timeline_of(dated, waiting(), NOW)
    undated = timeline_of(record(loaded("problems", entry(MARKUP, ""))), waiting(), NOW)
    markup = {
        "changes": changes_html(changes_of(dated, waiting(), NOW)),
        "search": found_html(search_index(dated).find("onerror")),
        "timeline": timeline_list_html(timeline.events, 40),
        "undated": timeline_notes_html(undated),
    }[view]
    assert "<img" not in markup
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; :red[x]" in markup


def line(*entries: Entry) -> Timeline:
    return timeline_of(record(loaded("problems", *entries)), waiting(), NOW)


def test_the_list_and_the_chart_hold_the_same_events() -> None:
    timeline = line(entry("One"), entry("Two", "2019"), entry("Three", "2024-03", status="active"))
    rows = chart_rows(timeline, timeline.events)
    listed = timeline_list_html(timeline.events, 40)
    assert {row.what for row in rows} == {"One", "Two", "Three", "Waiting in an ambulance"}
    assert all(f"<b>{name}</b>" in listed for name in ("One", "Two", "Three"))
    assert {row.what: row.kind for row in rows} == {
        "One": "at one time",
        "Two": "date only partly known",
        "Three": "date only partly known",
        "Waiting in an ambulance": "this wait",
    }
    assert chart_lanes(timeline.events) == (NOW_LANE, "Problems")
    assert "Problems 3" in chart_words(timeline.events, "1 year")
    assert ">since Mar-2024<" in listed


def test_bars_of_one_lane_lie_beside_each_other_while_there_is_room() -> None:
    standing = [
        entry(f"Problem {number}", f"201{number}-01-01", status="active") for number in range(7)
    ]
    timeline = line(*standing)
    tracks = [row.track for row in chart_rows(timeline, timeline.events) if row.lane != NOW_LANE]
    assert sorted(set(tracks)) == list(range(TRACKS))
    after = line(
        entry("First", "2020-01-01", ended=moment("2020-02-01")),
        entry("Second", "2020-03-01", ended=moment("2020-04-01")),
    )
    assert {row.track for row in chart_rows(after, after.events)} == {0}


@pytest.mark.parametrize("colours", [_LIGHT, _DARK], ids=["light", "dark"])
def test_a_chart_keeps_the_record_s_words_in_its_rows_and_fetches_nothing(colours: object) -> None:
    timeline = line(entry(MARKUP, source=MARKUP))
    spec = timeline_chart(timeline, timeline.events, None, colours).to_dict()  # type: ignore[arg-type]
    rows = spec.pop("datasets")
    spec.pop("$schema")
    spec.pop("config")
    assert "onerror" not in str(spec)
    assert "http" not in str(spec)
    assert any(
        MARKUP in str(row["what"]) for each in rows.values() for row in each if "what" in row
    )


def trend(*values: int, **changes: object) -> Trend:
    taken = [
        Entry(
            "Observation", f"o{number}", "Pulse", (Coding(SNOMED, "78564009"),), "final",
            at_instant(NOW - timedelta(minutes=10 * (len(values) - number))), None,
            f"{value} /min", Decimal(value), "/min", "Crew",
        )
        for number, value in enumerate(values)
    ]  # fmt: skip
    who = replace(waiting(), findings=tuple(taken))
    found = {each.name: each for each in vital_trends(who, record(), {"78564009": "pulse"})}
    return replace(found[Vital.PULSE.value], **changes)  # type: ignore[arg-type]


def test_a_vital_sign_says_its_value_way_normal_and_usual_range() -> None:
    before = [
        Entry(
            "Observation", f"b{day}", "Pulse", (Coding(SNOMED, "78564009"),), "final",
            at_instant(NOW - timedelta(days=day)), None, f"{70 + day} /min", Decimal(70 + day),
            "/min",
        )
        for day in (10, 20, 31)
    ]  # fmt: skip
    now = trend(92, 111).now
    who = replace(waiting(), findings=tuple(each.entry for each in now))
    kept = record(loaded("observations", *before))
    pulse = {each.name: each for each in vital_trends(who, kept, {"78564009": "pulse"})}["Pulse"]
    said = words_of(vitals_html((pulse,), NOW))
    assert "Pulse 111 /min above normal" in said
    assert "before: 92 /min" in said
    assert "Normal 51 to 90 /min" in said
    assert "Usual 90 (80 to 101): 3 values, 31-May-2026 to 21-Jun-2026" in said


def test_a_picture_of_a_trend_has_its_words_and_is_small_and_well_formed() -> None:
    markup = vitals_html((trend(92, 88, 111),), NOW)
    (source, alt) = re.findall(r'src="([^"]+)" alt="([^"]+)"', markup)[0]
    assert alt.startswith("Pulse: 92 /min 11:30, 88 /min 11:40, 111 /min 11:50.")
    picture = unquote(source.removeprefix("data:image/svg+xml,"))
    root = ElementTree.fromstring(picture)  # noqa: S314 - made by this very code
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 3
    assert len(source) < 1600
    assert "prefers-color-scheme:dark" in picture


def test_what_was_not_measured_says_so_and_has_no_picture() -> None:
    markup = vitals_html((replace(trend(80), now=()),), NOW)
    assert "not measured" in markup
    assert "<img" not in markup
    assert "not recorded with a time" in vitals_html((replace(trend(80), now=(), undated=1),), NOW)


@pytest.mark.parametrize(
    ("value", "words"), [(50, "below normal"), (51, ""), (90, ""), (91, "above normal")]
)
def test_the_ends_of_a_range_are_in_it(value: int, words: str) -> None:
    pulse = trend(value)
    assert against_the_range(pulse.latest, pulse.normal) == words


def test_ranges_open_at_one_end_are_said_as_that() -> None:
    assert band_words(Band(Decimal(96), None), "%") == "96 % or more"
    assert band_words(Band(None, Decimal("5.50")), "mmol/L") == "5.5 mmol/L or less"
    assert ranges_in_words(trend(80, normal=None)) == ""


def test_values_in_another_unit_are_counted_beside_the_trend() -> None:
    assert "2 in another unit, not drawn here" in vitals_html((trend(80, other_units=2),), NOW)


def test_a_long_trend_is_said_by_its_last_values() -> None:
    assert "Pulse: 4 earlier, then 84 /min" in trend_in_words(trend(*range(80, 90)), NOW)


def test_a_chart_of_a_trend_has_one_axis_and_the_range() -> None:
    pulse = trend(92, 111)
    spec = trend_chart(pulse, pulse.now, _LIGHT, with_days=False).to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks == ["rect", "line", "point"]
    open_ended = replace(pulse, normal=Band(Decimal(96), None))
    spec = trend_chart(open_ended, pulse.now, _LIGHT, with_days=True).to_dict()
    assert spec["layer"][0]["encoding"]["y2"] == {"value": 0}


def test_what_is_drawn_above_folds_away_and_what_is_doubted_stays_open() -> None:
    now = trend(92, 111).now
    doubted = replace(now[0].entry, id="d", title="Doubted", caution=("not sure whose",))
    story = replace(now[0].entry, id="s", title="Mechanism", number=None, value="Slipped")
    who = replace(waiting(), findings=(now[0].entry, doubted, story))
    drawn = frozenset(each.reference for each in (now[0].entry, doubted))
    markup = crew_html(who, drawn)
    opened, folded = markup.split("<details")
    assert "Mechanism" in opened
    assert "Doubted" in opened
    assert "92 /min" not in words_of(opened).replace("Doubted : 92 /min", "")
    assert "All 3 findings, set by set" in folded
    assert "None returned" in crew_html(waiting(), frozenset())


def test_what_is_from_another_record_of_theirs_says_so_in_every_view() -> None:
    other = person(patient="p2", organisation="Far Surgery")
    kept = replace(
        record(loaded("problems", entry("Gout", record="p2"), entry("Asthma"))),
        other_records=(other,),
        merged=("p2",),
    )
    changed = words_of(changes_html(changes_of(kept, waiting(), NOW), kept.origin_of))
    timeline = timeline_of(kept, waiting(), NOW)
    listed = words_of(timeline_list_html(timeline.events, 40, kept.origin_of))
    rows = {row.what: row.source for row in chart_rows(timeline, timeline.events, kept.origin_of)}
    found = words_of(found_html(search_index(kept).find("gout"), kept.origin_of))
    assert changed.count("Test Trust, from the record of Far Surgery") == 1
    assert listed.count("Test Trust, from the record of Far Surgery") == 1
    assert rows["Gout"] == "Test Trust, from the record of Far Surgery"
    assert rows["Asthma"] == "Test Trust"
    assert "From the record of Far Surgery" in found


def test_an_entry_found_is_no_place_that_links_lead_to() -> None:
    found = found_html(search_index(record(loaded("problems", entry("Gout")))).find("gout"))
    assert 'class="hv-entry' in found
    assert " id=" not in found
