"""One patient on a tablet: the six states of a section, a long record, and a half-typed word."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.queue_counting import doorkeeper
from tests.browser.doors import Refusing
from tests.browser.house import (
    REFRESH_SECONDS,
    ROOT,
    SIZES,
    House,
    come_in,
    no_traceback,
    open_house,
)
from tests.browser.shift import Shift, long_history
from tests.browser.ward_round import line_of, open_patient, restricted_name

pytestmark = [pytest.mark.browser, pytest.mark.alone]
NEXT_REFRESH = (REFRESH_SECONDS + 10) * 1000
ENTRIES = 5_000
FIRST_SECTIONS_SECONDS = 1.5
CLICK_MILLISECONDS = 300
STATES = {
    "loaded": "",
    "none-returned": "None returned",
    "asserted-none": "Recorded as none",
    "failed": "Could not be loaded",
    "not-held": "Not held by this record",
    "withheld": "Withheld",
}

CLICK = """within => new Promise((done, fail) => {
  const section = () => document.querySelector(within);
  const length = () => [...section().querySelectorAll('.hv')].map(e => e.innerText).join('').length;
  const before = length();
  const began = performance.now();
  const watch = new MutationObserver(() => {
    if (section() && length() > before) { watch.disconnect(); done(performance.now() - began); }
  });
  watch.observe(document.body, {childList: true, subtree: true, characterData: true});
  setTimeout(() => { watch.disconnect(); fail(new Error('nothing came: ' + within)); }, 15000);
  section().querySelector('summary').click();
})"""
"""Open one section; the milliseconds from the click until what is in it is on the page."""
OPENED_ONE_BY_ONE = (
    "attendances",
    "contacts",
    "referrals",
    "care-plans",
    "frailty",
    "social",
    "observations",
    "results",
    "assessments",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record that holds no immunisations, can't tell procedures, and knows one person long."""
    folder: Path = tmp_path_factory.mktemp("patients")
    profile = folder / "site.toml"
    profile.write_text('title = "A site"\n[history]\nnot_held = ["Immunization"]\n')
    through = functools.partial(doorkeeper, kind=Refusing)
    with open_house(folder, through=through, profile=str(profile)) as opened:
        shift = Shift(opened)
        wait = shift.read("Encounter/wait-21")
        history = long_history(wait["subject"]["reference"].partition("/")[2], ENTRIES)
        for start in range(0, ENTRIES, 500):
            shift.put(history[start : start + 500])
        yield opened


def _states(page: Page, seen: dict[str, tuple[str, bytes]]) -> None:
    """Add each state that stands on the screen: its words, and its picture."""
    page.locator(".hv-state:visible").first.wait_for()
    for state in STATES:
        found = page.locator(f".hv-state.{state}:visible").first
        if found.count() and state not in seen:
            seen[state] = found.inner_text(), found.screenshot()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_six_states_of_a_section_never_look_alike(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_in(browser, house, "k1", size=size)
    seen: dict[str, tuple[str, bytes]] = {}
    open_patient(page, "BRACKENBURY")
    page.locator("summary").filter(has_text="Immunisations: not held").click()
    page.locator(".hv-state.not-held").first.wait_for()
    _states(page, seen)
    loaded = page.locator('[class*="st-key-section-"] .hv-entry:visible').first
    seen["loaded"] = loaded.inner_text(), loaded.screenshot()
    page.get_by_role("link", name="Waiting in ambulances").click()
    page.get_by_role("button", name=f"Open {restricted_name(page)}", exact=True).click()
    _states(page, seen)
    assert sorted(seen) == sorted(STATES)
    for state, (words, _) in seen.items():
        assert STATES[state].lower() in words.lower()
    assert len({picture for _, picture in seen.values()}) == len(STATES)
    if os.environ.get("HANDOVER_SCREENSHOTS") and size["width"] == 1180:
        for state, (_, picture) in seen.items():
            (ROOT / "docs" / "screenshots" / f"section-{state}.png").write_bytes(picture)
    page.context.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_record_of_five_thousand_entries_opens_at_once_and_answers_a_tap(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_in(browser, house, "k1", size=size)
    first = []
    for _ in range(3):
        card = page.get_by_role("button", name=re.compile("^Open DOTTEREL")).first
        card.wait_for()
        page.wait_for_timeout(500)
        began = perf_counter()
        card.click()
        page.locator(".st-key-sections details").first.wait_for()
        first.append(perf_counter() - began)
        page.get_by_role("link", name="Waiting in ambulances").click()
        page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
    open_patient(page, "DOTTEREL")
    expect(page.get_by_text(re.compile(r"^Results: 3[,\d]*")).first).to_be_visible(timeout=30_000)
    no_traceback(page)
    taps = _taps(page)
    sys.stdout.write(
        f"first sections {min(first):.2f}-{max(first):.2f} s; a click p50 {median(taps):.0f} ms, "
        f"p95 {sorted(taps)[int(len(taps) * 0.95)]:.0f} ms\n"
    )
    # The best of the tries: other programs on this machine may slow any one of them, never speed it
    assert min(first) < FIRST_SECTIONS_SECONDS
    assert median(taps) < CLICK_MILLISECONDS
    page.context.close()


def _taps(page: Page) -> Sequence[float]:
    """Milliseconds from each click to its answer: opening one section after the other."""
    took: list[float] = []
    for name in OPENED_ONE_BY_ONE:
        page.wait_for_timeout(200)
        took.append(page.evaluate(CLICK, f'[class*="st-key-section-wait-21-{name}"]'))
    return took


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_half_typed_word_stays_while_the_screen_refreshes(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_in(browser, house, "k1", size=size)
    family = {1180: "CORNFLOWERDALE", 820: "PUFFINWORTH", 390: "LARKSPUR"}[size["width"]]
    open_patient(page, family)
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()
    box = line_of(page, "b-summary").locator("textarea")
    box.click()
    box.press_sequentially("Fell by the back d")
    clock = page.locator(".hv-asat span").first
    for _ in range(2):
        said = clock.inner_text()
        expect(clock).not_to_have_text(said, timeout=NEXT_REFRESH)
    assert page.evaluate("document.activeElement.value") == "Fell by the back d"
    box.press_sequentially("oor")
    expect(box).to_have_value("Fell by the back door")
    page.context.close()
