"""The queue's cards: words, shape and colour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clinical.codes import Coding
from clinical.evidence import Indicator, Judgement
from clinical.indicator_words import CALL_REASON
from clinical.person import Confidentiality, NhsNumber
from clinical.review import Actor, Outcome, ReviewStatus
from clinical.waiting import Place, PlaceKind, WaitingBand
from pages.parts import style
from pages.present.arrivals import Mark, announcement_html, changes, seen_now
from pages.present.asat import stale_html
from pages.present.filters import Filter, Standing, departments, reason_group, standing
from pages.present.shapes import shapes_css
from pages.present.waiting import bands_html, card, card_html, indicator_summary, wait_html
from tests.pages.people import NOW, moment, news2, person, review, waiting


def indicator(judgement: Judgement, **changes: object) -> Indicator:
    parts = {
        "name": "age-18-or-over",
        "words": "Aged 18 or over",
        "judgement": judgement,
        "because": "because",
        "evidence": (),
    }
    return Indicator(**{**parts, **changes})  # type: ignore[arg-type]


def test_a_card_says_who_where_why_and_how_long() -> None:
    shown = card(waiting(42), (), "me", NOW)
    assert shown.name == "TESTPERSON, Anna (Mrs)"
    assert shown.who == "88 years · Female"
    assert shown.reason == "Fall at home"
    assert shown.place == "In the vehicle · Ambulance bay 3 · call sign TA123 · Test Royal ED"
    assert shown.wait == timedelta(minutes=42, seconds=23)
    assert shown.band is WaitingBand.OVER_30
    assert shown.band_words == "over 30 minutes"


@pytest.mark.parametrize(
    ("minutes", "band"), [(14, WaitingBand.WITHIN_15), (61, WaitingBand.OVER_60)]
)
def test_each_band_has_its_words_and_its_shape_beside_its_colour(
    minutes: int, band: WaitingBand
) -> None:
    shown = card(waiting(minutes), (), "me", NOW)
    markup = card_html(shown)
    assert f'class="hv-band {band.value}"' in markup
    assert shown.band_words in markup
    assert f'class="hv-shape {band.value}"' in markup


def test_every_band_has_a_shape_of_its_own() -> None:
    css = shapes_css()
    pictures = {
        css.partition(f".hv-shape.{band.value} {{")[2].partition("}")[0] for band in WaitingBand
    }
    assert len(pictures) == len(WaitingBand)
    assert "" not in pictures


def test_the_style_sheet_holds_nothing_that_a_sanitiser_would_take_for_a_tag() -> None:
    assert "<" not in shapes_css()
    for sheet in Path(style.__file__).with_name("sheets").glob("*.css"):
        assert "<" not in sheet.read_text("utf-8"), sheet.name


def test_the_clock_starts_in_the_browser_where_it_stands_now() -> None:
    markup = wait_html(timedelta(hours=1, minutes=5, seconds=9), WaitingBand.OVER_60, "over 60")
    assert "--hv-from:65;--hv-seconds:9" in markup
    assert 'aria-label="waiting 65 minutes"' in markup
    assert "hv-clock hours" in markup


def test_an_unknown_wait_has_no_clock() -> None:
    shown = card(waiting(None), (), "me", NOW)
    assert shown.band is WaitingBand.NOT_KNOWN
    markup = card_html(shown)
    assert "Wait not known" in markup
    assert "hv-clock" not in markup


def test_what_a_record_does_not_give_is_said() -> None:
    bare = waiting(
        reason="",
        news2=None,
        place=Place(PlaceKind.NOT_RECORDED, ""),
        person=person(birth_date=None, gender="", family="", given="", title="", nhs_numbers=()),
    )
    markup = card_html(card(bare, None, "me", NOW))
    for words in (
        "NAME NOT RECORDED",
        "age not known · not recorded",
        "Reason for the call not recorded",
        "NEWS2 not recorded",
        "Place not recorded",
        "Indicators: <b>not worked out</b>",
    ):
        assert words in markup


def test_a_name_that_looks_like_markup_is_shown_as_a_name() -> None:
    odd = waiting(person=person(family="O'Testé <b>", given=":red[x]"))
    markup = card_html(card(odd, (), "me", NOW))
    assert "O&#39;TESTÉ &lt;B&gt;, :red[x] (Mrs)" in markup


def test_a_red_flag_never_counts_as_met_and_unknown_is_its_own_count() -> None:
    found = (
        indicator(Judgement.MET),
        indicator(Judgement.MET),
        indicator(Judgement.NOT_MET),
        indicator(Judgement.UNKNOWN),
        indicator(Judgement.MET, red_flag=True, words="Suspected sepsis"),
    )
    assert indicator_summary(found) == "2 met · 2 not · 1 unknown"
    shown = card(waiting(), found, "me", NOW)
    assert shown.red_flags == ("Suspected sepsis",)
    assert "1 red flag" in card_html(shown)


def test_a_plan_on_file_is_a_badge_and_counts_for_nothing() -> None:
    plan = indicator(Judgement.MET, name="plan-on-file", shown_only=True)
    assert indicator_summary((plan,)) == "0 met · 0 not · 0 unknown"
    assert "Plan on file" in card_html(card(waiting(), (plan,), "me", NOW))


def test_somebody_known_to_a_community_team_has_a_badge() -> None:
    known = indicator(Judgement.MET, name="known-to-community")
    unknown = indicator(Judgement.UNKNOWN, name="known-to-community")
    assert "Known to a community team" in card_html(card(waiting(), (known,), "me", NOW))
    assert "Known to a community team" not in card_html(card(waiting(), (unknown,), "me", NOW))


def test_a_card_says_who_flagged_and_who_has_it() -> None:
    held = review(status=ReviewStatus.CLAIMED, owner=Actor("m1", "Sorrel Marten", "Test Community"))
    markup = card_html(card(waiting(review=held), (), "somebody", NOW))
    assert "Flagged by Cora Coordinator, Test ED" in markup
    assert "With Sorrel Marten, Test Community" in markup


def test_news2_comes_with_its_meaning_its_age_and_where_it_is_going() -> None:
    shown = card(waiting(news2=news2(5), news2_before=news2(2, 40)), (), "me", NOW)
    assert shown.news2.level == "medium"
    assert shown.news2.taken == "12 min ago"
    assert shown.news2.trend == "up from 2"
    assert "5: medium" in card_html(shown)


def test_a_person_recorded_as_dead_or_restricted_says_so_on_the_card() -> None:
    odd = person(
        deceased=True,
        deceased_at=moment("2026-06-30"),
        confidentiality=Confidentiality.RESTRICTED,
        same_nhs_number=("p2",),
        nhs_numbers=(NhsNumber("9990000026", True), NhsNumber("9990000018", False)),
    )
    markup = card_html(card(waiting(person=odd), (), "me", NOW))
    for words in (
        "Recorded as died 30-Jun-2026",
        "Restricted record",
        "2 NHS numbers on one record",
        "2 records carry this NHS number",
    ):
        assert words in markup


def test_who_flagged_and_who_has_it() -> None:
    held = review(
        status=ReviewStatus.CLAIMED, owner=Actor("k1", "Sorrel Marten", "Fernshire Community")
    )
    shown = card(waiting(review=held), (), "me", NOW)
    assert shown.review.asked == (
        "Flagged by Cora Coordinator, Test ED, 11:50 (10 min ago): Fall, no apparent injury"
    )
    assert shown.review.held == "With Sorrel Marten, Fernshire Community"
    assert card(waiting(review=held), (), "k1", NOW).review.held == "You have it"


def test_a_decision_is_said_with_the_service_and_the_reason() -> None:
    done = review(
        status=ReviewStatus.REDIRECTED,
        outcome=Outcome.REDIRECTED,
        outcome_service="Falls Response",
        owner=Actor("k1", "Sorrel Marten"),
        decided_at=moment("2026-07-01T10:58:00Z"),
    )
    shown = card(waiting(review=done), (), "me", NOW)
    assert shown.review.decided == (
        "Redirected to community care: Falls Response, by Sorrel Marten, 11:58 (2 min ago)"
    )


def test_a_status_that_nobody_knows_is_shown_as_it_stands() -> None:
    odd = review(status=ReviewStatus.UNKNOWN, record_status="on-fire")
    assert card(waiting(review=odd), (), "me", NOW).review.status == (
        "Status not understood: on-fire"
    )


def test_the_bands_are_explained_with_what_is_not_verified() -> None:
    markup = bands_html()
    assert "Not checked against its source." in markup
    assert markup.count("<li>") == len(WaitingBand)


def test_a_filter_never_hides_a_wait_that_is_not_known() -> None:
    assert Filter(band="over-60").takes(waiting(None), NOW)
    assert not Filter(band="over-60").takes(waiting(42), NOW)


def test_a_filter_by_reason_takes_the_group_and_hides_nobody_whose_group_is_not_known() -> None:
    fallen = waiting(reason_codes=(Coding(CALL_REASON, "falls"),))
    elsewhere = waiting(reason_codes=(Coding("http://snomed.info/sct", "falls"),))
    assert reason_group(fallen) == "falls"
    assert Filter(reason="falls").takes(fallen, NOW)
    assert not Filter(reason="catheter").takes(fallen, NOW)
    assert reason_group(elsewhere) == ""
    assert Filter(reason="catheter").takes(elsewhere, NOW)


def test_filters_by_department_and_by_how_far_the_review_is() -> None:
    here = waiting(review=review())
    assert Filter(department="ed1", standing="asked").takes(here, NOW)
    assert not Filter(department="ed2").takes(here, NOW)
    assert not Filter(standing="decided").takes(here, NOW)
    assert standing(waiting()) is Standing.NOT_FLAGGED
    assert departments((here,)) == {"ed1": "Test Royal ED"}


def test_the_first_look_announces_nobody_and_the_next_only_what_changed() -> None:
    first = seen_now([waiting(encounter="a"), waiting(encounter="b")])
    assert changes(None, first).words == ""
    second = seen_now(
        [waiting(encounter="b", review=review()), waiting(encounter="c"), waiting(encounter="d")]
    )
    found = changes(first, second)
    assert found.words == "2 new arrivals, 1 review changed, 1 patient no longer waits."
    assert changes(second, second).words == ""


def test_what_changed_is_read_out_once_and_its_card_is_marked() -> None:
    first = seen_now([waiting(encounter="a")])
    second = seen_now([waiting(encounter="a", review=review())])
    assert 'role="alert"' in announcement_html(changes(first, second))
    assert announcement_html(changes(second, second)) == ""
    assert "Changed" in card_html(card(waiting(review=review()), (), "me", NOW), Mark.CHANGED)


def test_the_words_of_a_list_that_is_no_longer_of_now_stay_the_same_while_it_lasts() -> None:
    later = NOW + timedelta(minutes=5)
    assert stale_html(NOW, NOW, "It does not answer.") == stale_html(
        NOW, later, "It does not answer."
    )


def test_a_card_of_somebody_new_is_marked() -> None:
    assert "New" in card_html(card(waiting(), (), "me", NOW), Mark.NEW)


def test_entries_that_could_not_be_read_are_counted_on_the_card() -> None:
    assert "1 entry could not be read" in card_html(
        card(replace(waiting(), set_aside=1), (), "me", NOW)
    )
