"""The record dies under the running app and comes back: nothing is lost, nothing is hidden."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import REFRESH_SECONDS, House, come_in, no_traceback
from tests.browser.ward_round import answer, line_of, open_patient

pytestmark = pytest.mark.browser
TICKS = (3 * REFRESH_SECONDS + 20) * 1000
TYPED = "Fell by the back door, was up again within ten minutes."


def _answers_in_the_record(house: House) -> dict[str, str]:
    """What the record holds of the checklists in progress, as words by link id."""
    found = httpx.get(
        f"{house.record.base}/QuestionnaireResponse?status=in-progress&_count=50",
        headers={"Authorization": f"Bearer {house.record.token}"},
        trust_env=False,
    ).json()
    answers: dict[str, str] = {}

    def walk(lines: list[dict[str, object]]) -> None:
        for line in lines:
            for given in line.get("answer", ()):  # type: ignore[attr-defined]
                coding = given.get("valueCoding", {})
                answers[str(line["linkId"])] = coding.get("code") or given.get("valueString", "")
            walk(line.get("item", []))  # type: ignore[arg-type]

    for entry in found.get("entry", ()):
        walk(entry["resource"].get("item", []))
    return answers


def _hold(page: Page, family: str) -> None:
    open_patient(page, family)
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()


def test_the_record_dies_under_a_half_filled_checklist(browser: Browser, house: House) -> None:
    watcher = come_in(browser, house, "k2")
    watcher.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
    clinician = come_in(browser, house, "k1")
    _hold(clinician, "CORNFLOWERDALE")
    answer(clinician, "a-life-threat", "No")
    expect(clinician.get_by_text(re.compile("^Saved"))).to_be_visible()

    house.kill_the_record()
    try:
        answer(clinician, "a-sepsis", "No")
        answer(clinician, "b-summary", TYPED)
        expect(clinician.get_by_text(re.compile("not saved yet")).first).to_be_visible(
            timeout=TICKS
        )

        # The queue stays, greyed, and says how old it is.
        stale = watcher.locator('[class*="st-key-stale-list"]')
        expect(stale).to_be_visible(timeout=TICKS)
        assert stale.get_by_role("button", name=re.compile("^Open ")).count() >= 24
        expect(watcher.get_by_text(re.compile("ago")).first).to_be_visible()

        # The decision says why it can't be.
        clinician.get_by_role("radio", name="Not suitable").click()
        expect(clinician.get_by_role("button", name="Check and confirm")).to_be_disabled()
        expect(
            clinician.get_by_text(re.compile("a decision has to wait until it does")).first
        ).to_be_visible(timeout=TICKS)
        for page in (watcher, clinician):
            no_traceback(page)
    finally:
        house.raise_the_record()

    expect(clinician.get_by_text(re.compile("not saved yet"))).to_have_count(0, timeout=TICKS)
    expect(clinician.get_by_text(re.compile("^Saved")).first).to_be_visible(timeout=TICKS)
    expect(watcher.locator('[class*="st-key-live-list"]')).to_be_visible(timeout=TICKS)
    kept = _answers_in_the_record(house)
    assert kept["a-life-threat"] == "no"
    assert kept["a-sepsis"] == "no"
    assert kept["b-summary"] == TYPED

    # Another tablet goes on where this one was.
    clinician.context.close()
    again = come_in(browser, house, "k1")
    open_patient(again, "CORNFLOWERDALE")
    expect(line_of(again, "b-summary").locator("textarea")).to_have_value(TYPED)


def test_somebody_new_comes_in_while_the_record_is_down(browser: Browser, house: House) -> None:
    house.kill_the_record()
    try:
        page = come_in(browser, house, "k5")
        page.wait_for_timeout(3000)
        no_traceback(page)
        expect(page.get_by_text(re.compile("can't be reached")).first).to_be_visible(timeout=TICKS)
    finally:
        house.raise_the_record()
