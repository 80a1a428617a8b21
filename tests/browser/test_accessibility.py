"""The screens in their states against the rules of WCAG 2.2 AA that a machine can check."""

from __future__ import annotations

import contextlib
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench.queue_counting import Doorkeeper, doorkeeper
from tests.browser.axe import OF_STREAMLIT, Walk, broken
from tests.browser.doors import Holding, Refusing
from tests.browser.house import (
    IDLE,
    PHONE,
    REFRESH_SECONDS,
    SIZES,
    TABLET,
    House,
    come_in,
    free_port,
    no_traceback,
    open_house,
)
from tests.browser.shift import Shift
from tests.browser.ward_round import answer, answer_all, card_of, open_patient, restricted_name

pytestmark = pytest.mark.browser
TICKS = (3 * REFRESH_SECONDS + 20) * 1000
TWICE_AS_LARGE = {"width": TABLET["width"] // 2, "height": TABLET["height"] // 2}
"""What a page has to itself on a tablet at 200 %: half of each side."""
WAYS = {
    **{name: (size, False) for name, size in SIZES.items()},
    "dark": (TABLET, True),
    "phone-dark": (PHONE, True),
    "twice-as-large": (TWICE_AS_LARGE, False),
}
_STANDS_STILL = """() => new Promise(still => {
  const page = document.querySelector('[data-testid="stMain"]');
  let at = page.scrollTop, frames = 0;
  const look = () => {
    frames = page.scrollTop === at ? frames + 1 : 0;
    at = page.scrollTop;
    frames < 10 ? requestAnimationFrame(look) : still(true);
  };
  look();
})"""
"""Comes back once the page has not scrolled for ten frames."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record and an app that lets a restricted record be opened with a reason."""
    with pytest.MonkeyPatch.context() as setting:
        setting.setenv("HANDOVER_BREAK_GLASS", "true")
        with open_house(tmp_path_factory.mktemp("house")) as opened:
            yield opened


def _come(browser: Browser, house: House, person: str, way: str, path: str = "") -> Page:
    size, dark = WAYS[way]
    return come_in(browser, house, person, path, size, dark=dark)


def _tap(page: Page, name: str, *, role: str = "button") -> None:
    page.get_by_role(role, name=re.compile(name)).first.click()  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_who_and_the_queue(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "", way))
    page.get_by_role("button", name=re.compile("^Go on as")).first.wait_for()
    walk.look("who are you")
    _tap(page, "^Go on as Sorrel Marten")
    page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
    walk.look("the queue")
    page.locator("summary").filter(has_text="Filter and order").click()
    page.get_by_role("combobox", name="Order").wait_for()
    walk.look("the queue, its filter open")
    page.get_by_role("combobox", name="Order").scroll_into_view_if_needed()
    page.wait_for_function(_STANDS_STILL)  # a list closes where the page still scrolls
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name=re.compile("^Worth")).wait_for()
    walk.look("the queue, a list of the filter open")
    _tap(page, "^Worth", role="option")
    page.get_by_text(re.compile("^Worth a look first: ")).wait_for()
    walk.look("the queue, worth a look first")
    page.locator("summary").filter(has_text="What the bands and the orders mean").click()
    walk.look("the queue, its bands explained")
    page.goto(f"{house.address}/?who=k1&band=within&status=deferred")
    page.get_by_text("Nobody who waits matches this filter.").wait_for()
    walk.look("the queue, nobody in the filter")
    walk.end()


@pytest.mark.parametrize("way", ["wide", "phone-dark"])
def test_an_arrival(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k1", way))
    page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
    shift = Shift(house)
    family = f"ARRIVED{way.replace('-', '').upper()}"
    identity = shift.arrive(family)
    expect(card_of(page, family)).to_be_visible(timeout=TICKS)
    walk.look("the queue, somebody new")
    shift.leave(identity)
    walk.end()


def _through_the_record(walk: Walk, family: str) -> None:
    """One patient's record, with everything opened that opens."""
    page = walk.page
    open_patient(page, family)
    walk.look("a patient")
    page.locator(".st-key-now").get_by_text("Pulse", exact=True).last.click()
    page.locator('.st-key-now [data-testid="stVegaLiteChart"]').wait_for()
    walk.look("a patient, a trend")
    page.get_by_label("Search in this record").fill("tablets")
    page.get_by_text(re.compile(r"^(\d+ entr(y|ies) in \d|Nothing found)")).wait_for()
    walk.look("a patient, searched")
    page.get_by_label("Search in this record").fill("qqqq")
    page.get_by_text(re.compile("^Nothing found")).first.wait_for()
    walk.look("a patient, nothing found")
    page.get_by_label("Search in this record").fill("")
    page.get_by_text(re.compile("^Nothing found")).first.wait_for(state="hidden")
    sections = page.locator('[class*="st-key-section-"] summary')
    for closed in sections.all():
        if closed.locator("xpath=..").get_attribute("open") is None:
            closed.click()
            expect(closed.locator("xpath=..")).to_have_attribute("open", "")
            page.locator(IDLE).wait_for()
    walk.look("a patient, all sections open")
    page.locator("summary").filter(has_text="Timeline of everything").click()
    page.locator('[class*="st-key-timeline-"] [data-testid="stVegaLiteChart"]').wait_for()
    walk.look("a patient, the timeline")
    _tap(page, "^Make the handover sheet")
    page.get_by_role("link", name=re.compile("^Save or print")).wait_for()
    walk.look("a patient, the handover sheet")


@pytest.mark.parametrize(
    ("way", "family", "papers"),
    [
        ("wide", "BRAMBLEWICK", True),
        ("phone", "O'TESTÉ", True),
        ("dark", "BRACKENBURY", False),
        ("twice-as-large", "DOTTEREL", False),
    ],
)
def test_a_record(browser: Browser, house: House, way: str, family: str, *, papers: bool) -> None:
    walk = Walk(page := _come(browser, house, "k1", way))
    _through_the_record(walk, family)
    documents = page.get_by_role("button", name=re.compile("^Open: "))
    if papers:
        documents.first.click()
        page.get_by_role("button", name=re.compile("^Close: ")).wait_for()
        walk.look("a patient, a document open")
    else:
        expect(documents).to_have_count(0)
    walk.end()


@pytest.mark.parametrize("way", ["upright", "phone-dark"])
def test_the_documents_of_a_record(browser: Browser, house: House, way: str) -> None:
    """A PDF, an image and what is shown as letters: each opened closes the one before."""
    walk = Walk(page := _come(browser, house, "k1", way))
    open_patient(page, "BRAMBLEWICK")
    page.locator("summary").filter(has_text="Documents: 5").click()
    documents = page.get_by_role("button", name=re.compile("^Open: "))
    expect(documents).to_have_count(5)
    kinds = set()
    for words in documents.all_inner_texts():
        title = words.removeprefix("Open: ")
        page.get_by_role("button", name=words, exact=True).click()
        page.get_by_role("button", name=f"Close: {title}", exact=True).wait_for()
        expect(page.locator(".hv-file")).to_have_count(1)
        kind = page.locator(".hv-file .quiet").inner_text()
        if kind == "(PDF)":
            page.get_by_role("region", name="Pages of the document").wait_for()
        walk.look(f"a patient, {title} {kind}")
        kinds.add(kind)
    assert {"(PDF)", "(image)"} < kinds
    walk.end()


@pytest.mark.parametrize("way", ["wide", "phone-dark"])
def test_a_restricted_record_and_its_glass(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k1", way))
    page.get_by_role("button", name=f"Open {restricted_name(page)}", exact=True).click()
    reason = page.get_by_label("Why do you have to open it now?")
    reason.wait_for()
    walk.look("a restricted record")
    _tap(page, "^Open the restricted record")
    page.locator('[data-testid="stAlert"]').first.wait_for()
    walk.look("a restricted record, no reason given")
    reason.fill("Unconscious, nobody with them who knows their medicines")
    reason.press("Tab")
    _tap(page, "^Open the restricted record")
    page.get_by_role("button", name="Close the restricted record now").wait_for()
    walk.look("a restricted record, opened")
    walk.end()


class InPart(Refusing):
    """A record that can't tell procedures nor reports: some sections fail, some are in part."""

    refused = ("Procedure?", "DiagnosticReport?")


@pytest.mark.parametrize("way", ["upright", "phone-dark"])
def test_a_record_whose_sections_are_empty_partial_and_failed(
    browser: Browser, tmp_path: Path, way: str
) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text('title = "A site"\n[history]\nnot_held = ["Immunization"]\n')
    through = functools.partial(doorkeeper, kind=InPart)
    with open_house(tmp_path, through=through, profile=str(profile)) as house:
        walk = Walk(page := _come(browser, house, "k1", way))
        open_patient(page, "BRACKENBURY")
        for state in ("none-returned", "asserted-none", "failed"):
            page.locator(f".hv-state.{state}:visible").first.wait_for()
        page.get_by_text("Not all of the record is here.").wait_for()
        walk.look("a patient, sections empty and failed")
        page.locator("summary").filter(has_text="Immunisations: not held").click()
        page.locator(".hv-state.not-held:visible").wait_for()
        page.locator("summary").filter(has_text="Results: 5, not all loaded").click()
        page.get_by_text("Some results could not be loaded.").wait_for()
        walk.look("a patient, a section in part and one not held")
        walk.end()


@pytest.mark.parametrize("way", ["upright", "phone-dark"])
def test_a_review_that_nobody_has(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k1", way))
    open_patient(page, "BRACKENBURY")
    page.get_by_text("Review asked for", exact=True).wait_for()
    page.get_by_role("button", name="I have it").wait_for()
    walk.look("a review asked for, nobody has it")
    walk.end()


@pytest.mark.parametrize("way", ["wide", "phone-dark"])
def test_a_review_that_the_ed_was_faster_than(browser: Browser, house: House, way: str) -> None:
    """The ED takes over whom somebody holds: the tablet says so by itself."""
    shift = Shift(house)
    family = f"TAKEN{way.replace('-', '').upper()}"
    identity = shift.arrive(family)
    walk = Walk(page := _come(browser, house, "k1", way))
    card_of(page, family).wait_for(timeout=TICKS)
    open_patient(page, family)
    _tap(page, "^I have it$")
    page.get_by_text(re.compile("^You have it")).wait_for()
    answer(page, "a-sepsis", "No")
    page.get_by_text(re.compile("^Saved")).first.wait_for()
    shift.leave(identity)
    page.get_by_text("Handed over first", exact=True).wait_for(timeout=TICKS)
    page.get_by_text("No longer waiting.").wait_for()
    walk.look("a review, handed over meanwhile")
    walk.end()


def test_a_redirect_from_what_it_lacks_to_its_confirming(browser: Browser, tmp_path: Path) -> None:
    """One checklist, answered once, on two tablets of the same person."""
    family = "BRAMBLEWICK"
    with open_house(tmp_path) as house:
        answered = _come(browser, house, "k1", "wide")
        open_patient(answered, family)
        _tap(answered, "^I have it$")
        answered.get_by_text(re.compile("^You have it")).wait_for()
        other = _come(browser, house, "k1", "phone-dark")
        open_patient(other, family)
        walks = [Walk(answered), Walk(other)]
        for walk in walks:
            _tap(walk.page, "^Redirect to community care", role="radio")
            walk.page.get_by_text("It can't be recorded yet:").wait_for()
            walk.look("a redirect, and why it can't be recorded yet")
            _tap(walk.page, "^Check and confirm")
            walk.page.get_by_role("alert").filter(has_text="It can't be recorded yet:").wait_for()
            walk.look("a redirect, pressed for too early")
        answer_all(answered)
        other.reload()
        other.get_by_text("Everything that has to be answered is.").wait_for()
        _tap(other, "^Redirect to community care", role="radio")
        for walk in walks:
            expect(walk.page.get_by_text("It can't be recorded yet:")).to_have_count(0)
            _tap(walk.page, "^Check and confirm")
            walk.page.get_by_role("button", name=re.compile("^Record it for")).wait_for()
            walk.look("a redirect, to be confirmed")
            walk.end()


@pytest.mark.parametrize(
    ("way", "family"),
    [("wide", "CORNFLOWERDALE"), ("phone", "HAWTHORNLEY"), ("dark", "BRAMBLEWICK")],
)
def test_a_review_from_the_claim_to_its_undoing(
    browser: Browser, house: House, way: str, family: str
) -> None:
    walk = Walk(page := _come(browser, house, "k1", way))
    open_patient(page, family)
    _tap(page, "^I have it$")
    page.get_by_text(re.compile("^You have it")).wait_for()
    page.locator('[class*="-answer-"]').first.wait_for()
    walk.look("a review held")
    colleague = Walk(_come(browser, house, "k2", way))
    open_patient(colleague.page, family)
    colleague.page.locator("summary").filter(has_text="Take it over").click()
    colleague.look("a review that somebody else holds")
    page.locator("summary").filter(has_text="Between you and the ED").click()
    page.get_by_label("New note").wait_for()
    walk.look("a review, its notes")
    answer(page, "a-sepsis", "Yes")
    page.get_by_role("radio", name="Redirect to community care").click()
    _tap(page, "^Ask a second clinician")
    page.get_by_text("Do not ask any more").wait_for()
    walk.look("a red flag, and a second clinician asked for")
    colleague.page.get_by_role("button", name=re.compile("^I agree, for")).wait_for(timeout=TICKS)
    colleague.look("asked to override a red flag")
    colleague.page.get_by_label("Why a redirect is right").fill("Seen by the registrar")
    colleague.page.get_by_label("Why a redirect is right").press("Tab")
    _tap(colleague.page, "^I agree, for")
    colleague.page.get_by_text(re.compile("^Recorded, with your name")).wait_for()
    colleague.look("a red flag overridden, by who did")
    colleague.end()
    page.get_by_text("Do not ask any more").wait_for(state="hidden", timeout=TICKS)
    walk.look("a red flag overridden, and what is still missing")
    for choice in ("No capacity", "Put off", "Patient declined", "Not suitable"):
        page.get_by_role("radio", name=re.compile(choice)).click()
        page.locator(IDLE).wait_for()
        walk.look(f"deciding: {choice}")
    page.get_by_role("combobox", name="Reason").click()
    page.get_by_role("option").first.wait_for()
    walk.look("deciding, the list of reasons open")
    page.get_by_role("option").first.click()
    page.get_by_label("In words", exact=True).fill("Needs an X-ray of the hip")
    _tap(page, "^Check and confirm")
    page.get_by_role("button", name=re.compile("^Record it for")).wait_for()
    walk.look("deciding, to be confirmed")
    _tap(page, "^Record it for")
    page.get_by_text(re.compile("^Recorded for")).wait_for()
    page.locator("summary").filter(has_text="Undo this decision").click()
    walk.look("decided, and how to undo it")
    _tap(page, "^Undo the decision about")
    page.get_by_text("Say why you undo it").wait_for()
    walk.look("not undone: no reason given")
    no_traceback(page)
    walk.end()


@pytest.mark.parametrize("way", ["wide", "upright", "phone-dark"])
def test_the_coordinators_screens(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k3", way))
    _tap(page, "^Ask for a review of")
    page.get_by_role("button", name="Don't ask").wait_for()
    walk.look("the coordinator's queue, asking for a review")
    _tap(page, "^Redirect candidates", role="link")
    page.get_by_role("button", name=re.compile("^More")).first.wait_for()
    walk.look("redirect candidates")
    still_here = page.locator('.st-key-group-still-here [class*="st-key-card-"]').first
    still_here.get_by_role("button", name=re.compile("^More")).click()
    _tap(page, "^Hand back")
    page.get_by_role("button", name="The patient got worse").wait_for()
    walk.look("redirect candidates, handing back")
    walk.end()


def test_a_coordinator_asks_again_after_an_answer(browser: Browser, tmp_path: Path) -> None:
    """A redirect handed back, a new review asked for, and that one asked for again."""
    with open_house(tmp_path) as house:
        walk = Walk(page := _come(browser, house, "k3", "wide", "candidates"))
        watch = Walk(_come(browser, house, "k3", "phone-dark", "candidates"))
        here = page.locator('.st-key-group-still-here [class*="st-key-card-"]').first
        family = re.split(r"[ ,]", here.locator("h3").inner_text())[0]
        for each in (walk, watch):
            _tap(each.page, f"^More.*{family}")
            each.page.get_by_role("button", name=re.compile("^Hand back")).wait_for()
        _tap(page, "^Hand back")
        _tap(page, "^The patient got worse")
        for each in (walk, watch):
            anew = each.page.get_by_role("button", name="Ask for a new review")
            anew.wait_for(timeout=TICKS)
            each.look("redirect candidates, one that came back")
        _tap(page, "^Ask for a new review")
        for each in (walk, watch):
            each.page.get_by_role("button", name="Ask again").wait_for(timeout=TICKS)
            each.look("redirect candidates, a new review asked for")
        _tap(page, "^Ask again")
        for each in (walk, watch):
            each.page.get_by_text("Asked 2 times").wait_for(timeout=TICKS)
            each.look("redirect candidates, asked for again")
            each.end()


@pytest.mark.parametrize("way", ["wide", "upright", "phone", "dark"])
def test_the_managers_rooms(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k5", way))
    page.get_by_role("button", name="Make the file").wait_for()
    walk.look("avoided admissions")
    _tap(page, "^Count (everybody )?who waited")
    page.get_by_role("button", name="Count who waited again").wait_for()
    walk.look("avoided admissions, with everybody who waited")
    _tap(page, "^Make the file")
    page.get_by_role("link", name=re.compile("^Save the CSV")).wait_for()
    walk.look("avoided admissions, a file made")
    page.locator(".hv-means summary").first.click()
    walk.look("avoided admissions, a definition open")
    _tap(page, "^Which bite first", role="link")
    page.get_by_role("heading", level=1, name="Which bite first").wait_for()
    page.locator(IDLE).wait_for()
    walk.look("which bite first")
    page.locator("summary").filter(has_text="How much work or cost each takes").click()
    walk.look("which bite first, its weights")
    _tap(page, "^Command centre", role="link")
    page.get_by_role("heading", level=1, name="Command centre").wait_for()
    page.locator("summary").filter(has_text="How the numbers are worked out").click()
    walk.look("command centre")
    _tap(page, "^Show on a wall screen", role="link")
    page.locator(".hv-wall").first.wait_for()
    walk.look("wall screen")
    walk.end()


@pytest.mark.parametrize("way", ["wide", "phone"])
def test_somebody_elses_screen(browser: Browser, house: House, way: str) -> None:
    walk = Walk(page := _come(browser, house, "k5", way, "candidates"))
    page.locator(IDLE).wait_for()
    walk.look("a screen that isn't theirs")
    walk.end()


def test_the_record_is_down(browser: Browser, tmp_path: Path) -> None:
    """Each person's first screen, and an open patient, while nothing answers."""
    with open_house(tmp_path) as house:
        walks = [Walk(come_in(browser, house, who)) for who in ("k1", "k3", "k5")]
        reading = Walk(come_in(browser, house, "k1", size=PHONE, dark=True))
        open_patient(reading.page, "CORNFLOWERDALE")
        house.kill_the_record()
        for walk in walks[:2]:
            walk.page.locator('[class*="st-key-stale-list"]').wait_for(timeout=TICKS)
            walk.look("the queue, old")
        _tap(reading.page, "^I have it$")
        reading.page.locator(".hv-box.stop:visible").first.wait_for(timeout=TICKS)
        reading.look("a patient whose review can't be taken")
        walks[2].page.get_by_role("link", name="Command centre").click()
        walks[2].page.get_by_role("heading", level=1, name="Command centre").wait_for()
        walks[2].page.locator(".hv-box.stop:visible").first.wait_for(timeout=TICKS)
        walks[2].look("command centre, nothing answers")
        late = Walk(come_in(browser, house, "k2"))
        late.page.get_by_text(re.compile("can't be reached")).first.wait_for(timeout=TICKS)
        late.look("nothing to be read at all")
        for walk in (*walks, reading, late):
            walk.end()


@pytest.mark.parametrize("way", ["wide", "phone-dark"])
def test_a_queue_that_is_slow(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Nothing fails; the record only takes its time, longer than a list may be old."""
    monkeypatch.setenv("HANDOVER_STALE_SECONDS", str(REFRESH_SECONDS + 3))
    for setting in ("READ", "DEADLINE"):
        monkeypatch.setenv(f"HANDOVER_{setting}_SECONDS", str(Holding.LONGEST))
    doors: list[Holding] = []

    @contextlib.contextmanager
    def through(record: str) -> Iterator[Doorkeeper]:
        with doorkeeper(record, kind=Holding) as door:
            assert isinstance(door, Holding)
            doors.append(door)
            yield door

    with open_house(tmp_path, through=through) as house:
        reading = Walk(_come(browser, house, "k1", way))
        reading.page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
        (door,) = doors
        door.hold()
        reading.look("the queue, being read again", running=True)
        beside = Walk(_come(browser, house, "k2", way))
        beside.page.get_by_text("has not been read again in time").wait_for(timeout=TICKS)
        beside.look("the queue, not read again in time")
        first = Walk(_come(browser, house, "k3", way))
        first.look("the queue, being read for the first time", running=True)
        door.let_go()
        for walk in (reading, beside, first):
            walk.page.locator('[class*="st-key-live-list"]').wait_for(timeout=TICKS)
            walk.end()


def test_nobody_waits(browser: Browser, tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        shift = Shift(house)
        for entry in shift.read("Encounter?status=arrived,triaged,planned&_count=200")["entry"]:
            shift.leave(entry["resource"]["id"])
        for person in ("k1", "k3"):
            walk = Walk(page := come_in(browser, house, person))
            page.get_by_text(re.compile("Nobody")).first.wait_for(timeout=TICKS)
            walk.look("nobody waits")
            walk.end()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_streamlits_own_is_what_the_table_says(browser: Browser, scheme: str) -> None:
    """The elements as they come, without the house's theme and style sheets."""
    port = free_port()
    started = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run"),
            str(Path(__file__).with_name("bare_streamlit.py")),
            "--server.headless=true",
            f"--server.port={port}",
            "--browser.gatherUsageStats=false",
        ],
        cwd=Path(__file__).parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = browser.new_context(
            viewport=TABLET,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
        ).new_page()
        _wait_for(port)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_text("The end").wait_for()
        found = {(rule, _element(page, target)) for rule, target, _ in broken(page)}
    finally:
        started.terminate()
        started.wait(20)
    listed = {(each.rule, each.element) for each in OF_STREAMLIT if scheme in each.themes}
    assert found == listed
    page.context.close()


def _wait_for(port: int) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
        assert client.get(f"http://127.0.0.1:{port}/_stcore/health").status_code == 200


def _element(page: Page, target: str) -> str:
    """The Streamlit element that this lies in."""
    found: str = page.locator(target).first.evaluate(
        "node => node.closest('[data-testid=stElementContainer] > [data-testid]')?.dataset.testid"
    )
    return found
