"""No tap goes unanswered: a finger that leaves a half-typed line for a button is obeyed at once.

The lists refresh too rarely here for a refresh to answer in the place of the tap.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.house import House, come_in, no_traceback, open_house
from tests.browser.ward_round import line_of, open_patient

pytestmark = [pytest.mark.browser, pytest.mark.alone]
WITHIN = 2.0
"""Seconds that a tap may take on a machine that does more than this."""
DELAYS = (0, 60, 120, 200, 260, 320, 450, 600)
TRIES = 2
NEVER = 900
CHART = '.st-key-now [data-testid="stVegaLiteChart"]'
TAPPED_AT_ONCE = """() => {
  const look = () => {
    const found = [...document.querySelectorAll('button')];
    const button = found.find(each => each.innerText.startsWith('Record it for'));
    if (!button) return requestAnimationFrame(look);
    button.scrollIntoView({ block: 'center' });
    const place = button.getBoundingClientRect();
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    window.tappedAtOnce = button.contains(document.elementFromPoint(x, y));
  };
  look();
}"""
"""Whether a tap on the button that records would meet it in the first picture that has it."""
SUMMARY = "Slipped in the kitchen, not hurt."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record and an app in which nothing refreshes while these tests run."""
    with open_house(tmp_path_factory.mktemp("house"), refresh_seconds=NEVER) as opened:
        opened.wait_until_loaded()
        yield opened


def _tap(page: Page, target: Locator) -> None:
    """As a finger does: down and up on the place where the target is, whatever happens there."""
    target.scroll_into_view_if_needed()
    place = target.bounding_box()
    assert place is not None
    page.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def _type_then_tap(page: Page, box: Locator, letter: str, target: Locator, delay: int) -> None:
    box.focus()
    page.keyboard.type(letter)
    page.wait_for_timeout(delay)
    _tap(page, target)


def _answered(page: Page, shown: Locator, *, there: bool) -> float:
    """Seconds until ``shown`` is there, or gone, as the tap asked; infinite where it never is."""
    began = time.monotonic()
    while time.monotonic() - began < WITHIN + 3:
        if (shown.count() > 0) is there:
            return time.monotonic() - began
        page.wait_for_timeout(10)
    return float("inf")


def _slow(taken: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """The taps, by delay in ms and number, that were not answered in time, with the seconds."""
    return {which: round(took, 3) for which, took in taken.items() if took > WITHIN}


def test_a_tap_on_the_board_right_after_a_letter_of_a_note(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k3", "candidates")
    row = page.locator('[class*="st-key-card-"]').filter(has_text="NIGHTJARROW").first
    row.get_by_role("button", name=re.compile("More.*NIGHTJARROW")).click()
    row.get_by_role("button", name="Write a note").click()
    box = page.locator(".st-key-composer input")
    box.wait_for()
    service = page.locator('[class*="st-key-service-service-"]').filter(has_text="Larkrise").first
    numbers = service.get_by_role("button", name="Not known", exact=True)
    taken = {}
    for delay, number in itertools.product(DELAYS, range(TRIES)):
        opened = numbers.count() > 0
        _type_then_tap(page, box, "a", service.get_by_role("button").first, delay)
        taken[delay, number] = _answered(page, numbers, there=not opened)
        expect(page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)
    assert _slow(taken) == {}
    expect(box).to_have_value("a" * len(taken))
    no_traceback(page)
    page.context.close()


def test_a_tap_on_a_chart_right_after_a_letter_of_a_search(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, "BRAMBLEWICK")
    box = page.get_by_label("Search in this record")
    pill = page.locator(".st-key-now").get_by_text("Pulse", exact=True).last
    charts = page.locator(CHART)
    # The first chart of all waits for the library that draws it.
    pill.click()
    charts.wait_for()
    taken = {}
    for delay, number in itertools.product(DELAYS, range(TRIES)):
        opened = charts.count() > 0
        _type_then_tap(page, box, "s", pill, delay)
        taken[delay, number] = _answered(page, charts, there=not opened)
        expect(page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)
    assert _slow(taken) == {}
    expect(box).to_have_value("s" * len(taken))
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("delay", DELAYS)
def test_a_note_is_sent_by_the_tap_right_after_its_last_letter(
    browser: Browser, house: House, delay: int
) -> None:
    page = come_in(browser, house, "k3", "candidates")
    row = page.locator('[class*="st-key-card-"]').filter(has_text="NIGHTJARROW").first
    row.get_by_role("button", name=re.compile("More.*NIGHTJARROW")).click()
    row.get_by_role("button", name="Write a note").click()
    box = page.locator(".st-key-composer input")
    words = f"Bed free in {delay} minutes"
    box.press_sequentially(words)
    _type_then_tap(page, box, ".", page.get_by_role("button", name="Add the note"), delay)
    assert _answered(page, box, there=False) <= WITHIN
    expect(row).to_contain_text(f"{words}.")
    no_traceback(page)
    page.context.close()


def _answers_in_the_record(house: House) -> str:
    """BRAMBLEWICK's checklist, as it stands in the record."""
    return httpx.get(
        f"{house.record.base}/QuestionnaireResponse?encounter=Encounter/wait-01",
        headers={"Authorization": f"Bearer {house.record.token}"},
        trust_env=False,
    ).text


def test_a_line_of_the_checklist_and_the_answer_tapped_right_after_it_are_both_saved(
    browser: Browser, house: House
) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, "BRAMBLEWICK")
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()
    charts = page.locator(CHART)
    page.locator(".st-key-now").get_by_text("Pulse", exact=True).last.click()
    charts.wait_for()
    for number, delay in enumerate(DELAYS):
        words, wanted = f"{SUMMARY} {number}", "Yes" if number % 2 else "No"
        box = line_of(page, "b-summary").locator("textarea")
        box.fill(words)
        answer = line_of(page, "c-new-confusion").get_by_role("radio", name=wanted, exact=True)
        _type_then_tap(page, box, ".", answer, delay)
        expect(answer).to_have_attribute("aria-checked", "true")
        expect(box).to_have_value(f"{words}.")
        began = time.monotonic()
        saved = ""
        while f"{words}." not in saved and time.monotonic() - began < WITHIN + 2:
            saved = _answers_in_the_record(house)
        assert f"{words}." in saved, f"the line typed {delay} ms before a tap was not saved"
    # From the line straight to another part of the screen.
    box = line_of(page, "b-summary").locator("textarea")
    box.fill(SUMMARY)
    pill = page.locator(".st-key-now").get_by_text("Pulse", exact=True).last
    _type_then_tap(page, box, "!", pill, 0)
    assert _answered(page, charts, there=False) <= WITHIN
    expect(page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)
    assert f"{SUMMARY}!" in _answers_in_the_record(house)
    no_traceback(page)
    page.context.close()


def test_the_second_of_two_quick_taps_records_no_decision(browser: Browser, house: House) -> None:
    """The finger that taps twice on the button that checks finds another in its place."""
    page = come_in(browser, house, "k1")
    open_patient(page, "HAWTHORNLEY")
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("radio", name="No capacity").click()
    page.locator("label").filter(has_text="Fernshire Urgent Community Response").last.click()
    check = page.get_by_role("button", name="Check and confirm")
    check.wait_for()
    page.evaluate(TAPPED_AT_ONCE)
    check.click()
    record = page.get_by_role("button", name=re.compile("^Record it for HAWTHORNLEY"))
    record.wait_for()
    assert page.evaluate("tappedAtOnce") is False
    record.tap()
    page.get_by_text(re.compile("^Recorded for HAWTHORNLEY")).wait_for()
    no_traceback(page)
