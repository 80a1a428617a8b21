"""Charts, search and the handover sheet in a real browser, under the app's own security headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError
from pypdf import PdfReader

from tests.browser.axe import violations
from tests.browser.house import PHONE, TABLET, House, no_traceback
from tests.browser.ward_round import open_patient

pytestmark = pytest.mark.browser
CHART = '[data-testid="stVegaLiteChart"]'


class Watched:
    """A clinician's screen of one patient, and everything that it asked of anybody."""

    def __init__(
        self, browser: Browser, house: House, family: str, size: dict[str, int], scheme: str
    ) -> None:
        self.house = house
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            has_touch=True,
            locale="en-GB",
            timezone_id="America/New_York",
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        self.page.goto(f"{house.address}/?who=k1")
        self.page.get_by_role("heading", level=1).first.wait_for()
        open_patient(self.page, family)

    def open_the_line_of_time(self) -> None:
        """Open the timeline and wait for its chart."""
        self.page.locator("summary").filter(has_text="Timeline of everything").click()
        self.page.locator(f'[class*="st-key-timeline-"] {CHART}').wait_for()

    def asked_of_others(self) -> list[str]:
        """What was fetched from anywhere but the app."""
        own = (self.house.address, self.house.address.replace("http", "ws"), "data:", "blob:")
        return [each for each in self.asked if not each.startswith(own)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn_under_the_security_headers_and_nothing_is_fetched_for_them(
    browser: Browser, house: House, scheme: str
) -> None:
    screen = Watched(browser, house, "BRAMBLEWICK", TABLET, scheme)
    assert screen.page.locator(CHART).count() == 0
    screen.page.locator(".st-key-now").get_by_text("Pulse", exact=True).last.click()
    screen.page.locator(f".st-key-now {CHART}").wait_for()
    screen.open_the_line_of_time()
    expect(screen.page.locator(".hv-events li").first).to_be_visible()
    no_traceback(screen.page)
    assert screen.asked_of_others() == []
    assert screen.complaints == []
    screen.page.context.close()


def test_a_chart_moves_with_a_tap_on_how_far_back_and_with_the_keyboard(
    browser: Browser, house: House
) -> None:
    screen = Watched(browser, house, "BRAMBLEWICK", TABLET, "light")
    screen.open_the_line_of_time()
    listed = screen.page.locator(".hv-events li")
    before = listed.count()
    span = screen.page.locator('[class*="timeline-span"]')
    span.get_by_text("14 days", exact=True).click()
    expect(listed).not_to_have_count(before)
    near = listed.count()
    span.get_by_text("14 days", exact=True).press("ArrowRight")
    screen.page.keyboard.press("Space")
    expect(listed).not_to_have_count(near)
    screen.page.context.close()


def test_what_is_typed_into_the_search_stays_out_of_every_address(
    browser: Browser, house: House
) -> None:
    screen = Watched(browser, house, "BRAMBLEWICK", TABLET, "light")
    box = screen.page.get_by_label("Search in this record")
    box.fill("sodium rivermead")
    screen.page.get_by_text(re.compile(r"^\d+ entries in 1 section$")).wait_for()
    assert not [each for each in [*screen.asked, screen.page.url] if "sodium" in each.lower()]
    screen.page.context.close()


def test_the_handover_sheet_reaches_the_browser_without_lying_anywhere(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    screen = Watched(browser, house, "BRAMBLEWICK", TABLET, "light")
    screen.page.get_by_role("button", name="Make the handover sheet").click()
    link = screen.page.get_by_role("link", name=re.compile("^Save or print the sheet of"))
    link.wait_for()
    with screen.page.expect_download() as saving:
        link.click()
    saving.value.save_as(tmp_path / "sheet.pdf")
    pages = PdfReader(tmp_path / "sheet.pdf").pages
    assert len(pages) == 1
    assert "BRAMBLEWICK" in pages[0].extract_text()
    assert re.fullmatch(r"handover-sheet-\d{4}\.pdf", saving.value.suggested_filename)
    assert not [each for each in screen.asked if each.startswith(f"{house.address}/media/")]
    assert screen.complaints == []
    screen.page.context.close()


@pytest.mark.parametrize(
    ("size", "scheme"), [(TABLET, "light"), (PHONE, "dark")], ids=["wide-light", "phone-dark"]
)
def test_the_views_break_no_rule_with_everything_open(
    browser: Browser, house: House, size: dict[str, int], scheme: str
) -> None:
    screen = Watched(browser, house, "DOTTEREL", size, scheme)
    screen.page.get_by_label("Search in this record").fill("tablets")
    screen.page.get_by_text(re.compile(r"^(\d+ entr(y|ies) in \d|Nothing found)")).wait_for()
    screen.page.locator(".st-key-now").get_by_text("Pulse", exact=True).last.click()
    screen.page.locator(f".st-key-now {CHART}").wait_for()
    screen.open_the_line_of_time()
    screen.page.get_by_role("button", name="Make the handover sheet").click()
    screen.page.get_by_role("link", name=re.compile("^Save or print")).wait_for()
    assert violations(screen.page) == []
    screen.page.context.close()


def _point_at(page: Page, mark: Locator, tooltip: Locator) -> None:
    """Point at a mark until it says what it is: a chart drawn anew forgets what is pointed at, and
    one that isn't drawn anew yet has it out of sight."""
    for _ in range(10):
        page.mouse.move(1, 1)
        try:
            mark.hover(force=True)
            tooltip.wait_for(timeout=2_000)
        except PlaywrightError:
            page.wait_for_timeout(500)
            continue
        return
    expect(tooltip).to_be_visible()


def test_what_a_mark_says_when_it_is_pointed_at_is_text_and_never_markup(
    browser: Browser, house: House
) -> None:
    screen = Watched(browser, house, "O'TESTÉ", TABLET, "light")
    screen.open_the_line_of_time()
    screen.page.locator('[class*="timeline-span"]').get_by_text("All", exact=True).click()
    chart = screen.page.locator(f'[class*="st-key-timeline-"] {CHART}')
    marks = chart.locator("svg .mark-symbol path")
    marks.first.wait_for()
    chart.evaluate("chart => chart.scrollIntoView({ block: 'center' })")
    tooltip = screen.page.locator(".vg-tooltip.visible")
    kinds: set[str] = set()
    for number in range(8):
        if number and number >= marks.count():
            break
        _point_at(screen.page, marks.nth(number), tooltip)
        kinds.update(tooltip.locator("*").evaluate_all("all => all.map(e => e.tagName)"))
    assert kinds == {"TABLE", "TBODY", "TR", "TD"}
    screen.page.context.close()
