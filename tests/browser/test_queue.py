"""The queue on a tablet and a phone: legible in sunlight, still under a finger, and never wrong."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import IDLE, REFRESH_SECONDS, SIZES, House, come_in
from tests.browser.shift import Shift
from tests.browser.ward_round import OPEN, card_of, come_to_the_queue

pytestmark = [pytest.mark.browser, pytest.mark.alone]
NEXT_REFRESH = (REFRESH_SECONDS + 10) * 1000

CONTRASTS = """wanted => [...document.querySelectorAll(wanted)].map(each => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).slice(0, 3).map(one => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(each);
  const [dim, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
  return [each.className, (bright + 0.05) / (dim + 0.05), style.backgroundColor];
})"""
"""The contrast of each element by the formula of WCAG 2.2, with its class and its ground."""

SMALL_TARGETS = """() => [...document.querySelectorAll(
    'button, a[href], input, summary, [role="combobox"], [role="option"], .react-aria-ComboBox > *'
  )].filter(each => {
    const box = each.getBoundingClientRect();
    const style = getComputedStyle(each);
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && box.height < 43.5
      && !each.closest('.react-aria-ComboBox > * > *, [style*="clip"]');
  }).map(each => each.outerHTML.slice(0, 120))"""

PLACED = """() => {
  const box = each => each.getBoundingClientRect().toJSON();
  const buttons = [...document.querySelectorAll('.hv-cards button')];
  return [...document.querySelectorAll('.hv-card')].map((card, n) => [
    card.querySelector('.hv-name-line').innerText, box(card), buttons[n].innerText, box(buttons[n]),
  ]);
}"""
"""Each card's name and box, and its button's words and box, all in one moment."""

WATCH_THE_CARDS = """() => {
  window.taken = 0;
  new MutationObserver(changes => changes.forEach(change => change.removedNodes.forEach(node => {
    if (node.querySelector && (node.tagName === 'BUTTON' || node.querySelector('button')))
      window.taken += 1;
  }))).observe(document.querySelector('[data-testid="stMain"]'), {childList: true, subtree: true});
}"""


def _wait_for_refreshes(page: Page, times: int) -> None:
    for _ in range(times):
        clock = page.locator(".hv-asat b").nth(1)
        before = clock.inner_text()
        expect(clock).not_to_have_text(before, timeout=NEXT_REFRESH)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_bands_and_news2_are_legible_in_sunlight(
    browser: Browser, house: House, dark: bool
) -> None:
    page = come_in(browser, house, "k1", dark=dark)
    page.get_by_role("button", name=OPEN).first.wait_for()
    page.get_by_text("What the bands and the orders mean").click()
    expect(page.locator("li .hv-band.within-15")).to_be_visible()
    found = page.evaluate(CONTRASTS, ".hv-band, .hv-news, .hv-tag")
    kinds = {kind for kind, _, _ in found}
    for band in ("not-known", "within-15", "over-15", "over-30", "over-45", "over-60"):
        assert f"hv-band {band}" in kinds
    assert any(kind.startswith("hv-news") for kind in kinds)
    assert [one for one in found if one[1] < 7] == []
    assert [one for one in found if "rgba(0, 0, 0, 0)" in one[2]] == []
    page.context.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_cards_stand_in_one_column_or_two_and_a_glove_can_hit_everything(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_to_the_queue(browser, house, size=size)
    page.get_by_text(re.compile("^Filter and order")).first.click()
    page.get_by_role("combobox").first.wait_for()
    placed = page.evaluate(PLACED)
    assert len(placed) == 24
    assert len({round(card["x"]) for _, card, _, _ in placed}) == (2 if size["width"] >= 900 else 1)
    for name, card, words, button in placed:
        assert words == f"Open {name}"
        assert abs(button["x"] - card["x"]) < 3, "the button stands under another card"
        assert 0 <= button["y"] - (card["y"] + card["height"]) < 250
        assert button["width"] >= card["width"] - 3
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").first.wait_for()
    assert page.evaluate(SMALL_TARGETS) == []
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= size["width"]
    page.context.close()


def test_the_filter_is_in_the_address_and_the_patient_is_not(
    browser: Browser, house: House
) -> None:
    page = come_to_the_queue(browser, house)
    page.get_by_text(re.compile("^Filter and order")).first.click()
    page.locator(IDLE).wait_for()
    page.get_by_role("combobox", name=re.compile("Reason for the call")).click()
    page.get_by_role("option", name="Fall", exact=True).click()
    expect(page.get_by_text(re.compile(r"^\d+ of 24 waiting shown$"))).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["reason"] == ["falls"]
    shown = page.get_by_role("button", name=OPEN).all_inner_texts()
    assert 0 < len(shown) < 24
    page.reload()
    page.get_by_role("button", name=OPEN).first.wait_for()
    assert page.get_by_role("button", name=OPEN).all_inner_texts() == shown
    page.get_by_role("button", name=OPEN).first.click()
    page.locator(".hv-banner .family").wait_for()
    assert not any(word in page.url.upper() for word in re.findall(r"[A-Z]{4,}", shown[0]))
    told = parse_qs(urlsplit(page.url).query)
    assert set(told) <= {"who", "of", "reason"}
    assert re.fullmatch("[0-9a-f]{24}", told["of"][0]), "the address holds more than a keyed hash"
    page.context.close()


def test_worth_a_look_first_says_its_rule(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    page.goto(f"{house.address}/?who=k1&order=worth-a-look")
    page.get_by_role("button", name=OPEN).first.wait_for()
    expect(page.get_by_text(re.compile("^Worth a look first: First those of whom"))).to_be_visible()
    cards = page.locator(".hv-card").all_inner_texts()
    flagged = ["red flag" in words for words in cards]
    assert any(flagged)
    assert flagged == sorted(flagged), "somebody with a red flag stands before somebody without"
    page.context.close()


def test_an_arrival_a_flag_and_a_departure_are_said_once_and_marked(
    browser: Browser, house: House
) -> None:
    shift = Shift(house)
    page = come_to_the_queue(browser, house)
    said = page.locator(".unseen[role=alert]")
    arrived = shift.arrive("Ptarmigan")
    card = card_of(page, "PTARMIGAN")
    expect(card.locator(".hv-tag.new")).to_have_text("New", timeout=NEXT_REFRESH)
    expect(said).to_have_text("1 new arrival.")
    _wait_for_refreshes(page, 1)
    expect(said).to_have_count(0)

    coordinator = come_in(browser, house, "k3")
    coordinator.get_by_role("button", name=re.compile("^Ask for a review of PTARMIGAN")).click()
    coordinator.get_by_role("button", name=re.compile("Fall")).first.click()
    expect(card.locator(".hv-tag.new")).to_have_text("Changed", timeout=NEXT_REFRESH)
    expect(card).to_contain_text("Flagged by Corin Sedge")
    expect(said).to_have_text("1 review changed.")
    coordinator.context.close()

    shift.leave(arrived)
    expect(card).to_have_count(0, timeout=NEXT_REFRESH)
    expect(said).to_have_text("1 patient no longer waits.")
    page.context.close()


def test_a_name_made_of_markup_stands_on_its_card_as_it_was_written(
    browser: Browser, house: House
) -> None:
    page = come_to_the_queue(browser, house)
    name = "Zoë-Noëlle D'Arcy <img src=x onerror=alert(1)> (The Rt Hon. Dame)"
    card = page.locator(".hv-cards > *").filter(has_text=name)
    expect(card.locator(".hv-name-line")).to_contain_text(name)
    expect(card.get_by_role("button")).to_contain_text(name)
    expect(card.locator("img, h2 *, button *")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_refresh_moves_nothing_and_takes_no_focus(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_to_the_queue(browser, house, size=size)
    button = page.get_by_role("button", name=OPEN).nth(12)
    button.scroll_into_view_if_needed()
    button.focus()
    page.evaluate(WATCH_THE_CARDS)
    stands = """() => {
      const focused = document.activeElement;
      return [focused.innerText, Math.round(focused.getBoundingClientRect().top)];
    }"""
    before = page.evaluate(stands)
    assert page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop") > 0
    _wait_for_refreshes(page, 2)
    assert page.evaluate(stands) == before
    assert page.evaluate("window.taken") == 0
    page.context.close()
