"""The job with a keyboard and nothing else: no finger, no mouse, and the focus always seen."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from clinical.moments import LONDON
from clinical.ranking import Term, Weights
from clinical.weeks import Weeks
from fhir_queries.ranking_weights import read_weights
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from tests.browser.house import SIZES, House, blank_page, come_in, no_traceback, open_house
from tests.browser.keyboard import Keyboard
from tests.browser.looking import answers_kept, resources
from tests.browser.ward_round import (
    SUITABLE,
    answer,
    lines_shown,
    open_patient,
    restricted_name,
)

pytestmark = pytest.mark.browser
DECISIONS = ("Redirect to community care",)
MOST_KEYS = 600
"""Key presses for all of a clinician's work on one patient, every letter she types among them."""
FAMILY = "BRAMBLEWICK"
REDIRECTED = "DOTTEREL"
"""Whom somebody else has redirected, and who is still here."""
_SOME_PAGES = """[...document.querySelectorAll('*')]
  .map(each => each.shadowRoot?.querySelector('[data-testid="pdf-content"]'))
  .filter(Boolean).some"""
_PAGES_CAN_BE_SCROLLED = (
    f"() => {_SOME_PAGES}(pages => pages.scrollHeight > pages.clientHeight + 100)"
)
_PAGES_ARE_SCROLLED = f"() => {_SOME_PAGES}(pages => pages.scrollTop > 0)"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A record and an app of this test's own: each works on the same person."""
    with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A record and an app for those who only look."""
    with open_house(tmp_path_factory.mktemp("untouched")) as opened:
        yield opened


def _come_to_the_door(browser: Browser, house: House, size: str = "wide") -> Page:
    """The app as somebody finds it who has not said who they are."""
    page = blank_page(browser, SIZES[size], touch=False)
    page.goto(house.address)
    page.get_by_role("heading", name="Who are you?").wait_for()
    return page


def _come_in(browser: Browser, house: House, person: str, size: str = "wide") -> Keyboard:
    """Choose who one is, and come to the first screen of this person."""
    page = _come_to_the_door(browser, house, size)
    keys = Keyboard(page)
    keys.settle()
    keys.go_to(f"^Go on as {person}")
    expect(page.get_by_role("heading", name="Who are you?")).to_have_count(0)
    page.get_by_role("heading", level=1).first.wait_for()
    keys.settle()
    expect(page.locator("h1:focus")).to_have_count(1)
    return keys


def _open(keys: Keyboard, family: str) -> None:
    """Open this patient from the queue, and wait until their record stands there: the focus has
    come along, to their name.
    """
    keys.go_to(f"^Open {family}")
    keys.page.get_by_text("Redirect review", exact=True).wait_for()
    keys.page.get_by_text("Shared record", exact=True).wait_for()
    keys.settle()
    expect(keys.page.locator("h1:focus")).to_contain_text(family)
    keys.look()


def _record_it(keys: Keyboard, family: str) -> None:
    """Check what was decided, confirm it, and wait until it is recorded."""
    keys.go_to("^Check and confirm$")
    keys.go_to(f"^Record it for {family}")
    keys.page.get_by_text(re.compile(f"^Recorded for {family}")).wait_for()


def _wait_for_button(keys: Keyboard, name: str) -> None:
    """What was pressed has brought this button, and everything stands where it stays."""
    keys.page.get_by_role("button", name=re.compile(name)).first.wait_for()
    keys.settle()


def _choose_from_a_list(keys: Keyboard, is_chosen: Callable[[], bool]) -> None:
    """The first of the list of what has the focus; again where the page was drawn anew meanwhile,
    which closes a list.
    """
    option = keys.page.get_by_role("option").first
    for _ in range(10):
        keys.press("ArrowDown")
        with contextlib.suppress(PlaywrightTimeout):
            option.wait_for(timeout=3_000)
            keys.press("Enter")
        for _ in range(30):
            if is_chosen():
                return
            keys.page.wait_for_timeout(100)
    raise AssertionError("nothing is chosen from the list")


def _wait_until_kept(keys: Keyboard, house: House, link_id: str, wait: str = "wait-01") -> None:
    """The record has this line's answer, so that the lines that it brings are on their way."""
    for _ in range(400):
        found = resources(house, f"QuestionnaireResponse?encounter=Encounter/{wait}")
        if found and link_id in answers_kept(found[0]):
            keys.settle()
            return
        keys.page.wait_for_timeout(50)
    raise AssertionError(f"{link_id} was never kept")


def _answer_all(keys: Keyboard, house: House) -> int:
    """Answer each line that the Tab key comes to, and go back for those that came up behind it.

    Returns how many.
    """
    answered: set[str] = set()
    back = False
    while True:
        at = keys.step("Shift+Tab" if back else "Tab")
        assert at is not None, "the Tab key leaves the page before the decision"
        left = {*lines_shown(keys.page)} - answered
        if at.name in DECISIONS:
            if not left:
                return len(answered)
            back = True
        if at.link_id not in left:
            continue
        back = False
        answered.add(at.link_id)
        wanted = SUITABLE.get(at.link_id, "No" if at.link_id.startswith("a-") else "Yes")
        if at.tag in ("textarea", "input") and at.role != "radio":
            keys.type(wanted or "")
        else:
            keys.choose(wanted)
            _wait_until_kept(keys, house, at.link_id)


@pytest.mark.parametrize("size", SIZES)
def test_a_clinician_does_all_of_it_by_keyboard(browser: Browser, house: House, size: str) -> None:
    keys = _come_in(browser, house, "Sorrel Marten", size)
    page = keys.page
    _open(keys, FAMILY)
    keys.go_to("Frailty: [0-9]")
    expect(page.locator("details[open] summary").filter(has_text="Frailty: ")).to_be_visible()
    keys.tab_to("^Search in this record", back=True)
    keys.type("sodium")
    page.get_by_text(re.compile(r"^[0-9]+ entries in 1 section$")).wait_for()
    keys.go_to("^Go to the review$", back=True)
    keys.go_to("^I have it$")
    page.get_by_text(re.compile("^You have it")).wait_for()
    page.get_by_role("radio", name="Redirect to community care").wait_for()
    keys.settle()
    assert _answer_all(keys, house) >= 35
    keys.choose("Redirect to community care")
    expect(page.locator(".hv-box.warn").filter(has_text="can't be recorded yet")).to_have_text([])
    _record_it(keys, FAMILY)
    done = keys.pressed
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "completed"
    keys.settle()
    keys.go_to("^.*Undo this decision", back=True)
    keys.tab_to("^Why you undo it")
    keys.type("Chosen by mistake")
    keys.go_to("^Undo the decision about")
    page.get_by_text(re.compile("^Undone")).first.wait_for()
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "in-progress"
    sys.stdout.write(f"\n{size}: {done} keys to the decision, {keys.pressed} with its undoing\n")
    assert done < MOST_KEYS
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_queue_is_ordered_by_keyboard(browser: Browser, untouched: House, size: str) -> None:
    keys = _come_in(browser, untouched, "Sorrel Marten", size)
    keys.go_to("Filter and order")
    keys.page.get_by_role("combobox", name="Order").wait_for()
    keys.settle()
    keys.tab_to("Order", role="combobox")
    keys.type("Worth")
    expect(keys.page.get_by_role("option")).to_have_text([re.compile("^Worth a look")])
    keys.press("Enter")
    expect(keys.page.get_by_text(re.compile("^Worth a look first: "))).to_be_visible()
    assert "order=" in keys.page.url
    keys.page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_clinician_takes_over_asks_for_a_second_one_and_declines_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    family = "MARIGOLDSEN"
    keys = _come_in(browser, house, "Sorrel Marten", size)
    page = keys.page
    _open(keys, family)
    keys.go_to("^Go to the review$")
    keys.go_to("Take it over$")
    page.get_by_label("Why you take it over").wait_for()
    keys.tab_to("^Why you take it over")
    keys.type("Colleague called away")
    keys.go_to("^Take it over$")
    page.get_by_text(re.compile("^You have it now")).wait_for()
    (task,) = resources(house, f"Task?patient.family={family}")
    wait = task["encounter"]["reference"].partition("/")[2]
    keys.settle()
    keys.go_to("^Go to the review$", back=True)
    while (at := keys.step()) is not None and at.link_id != "a-sepsis":
        assert at.name not in DECISIONS
    keys.choose("Yes")
    _wait_until_kept(keys, house, "a-sepsis", wait)
    keys.tab_to(DECISIONS[0])
    keys.choose(DECISIONS[0])
    keys.go_to("^Ask a second clinician$", back=True)
    page.get_by_role("button", name="Do not ask any more").wait_for()
    keys.tab_to(DECISIONS[0], back=True)
    keys.choose("Not suitable")
    keys.tab_to("^Reason")
    reason = page.get_by_role("combobox", name="Reason")
    _choose_from_a_list(keys, lambda: reason.input_value() != "")
    keys.settle()
    keys.tab_to("^In words$")
    keys.type("Sepsis not ruled out")
    _record_it(keys, family)
    (task,) = resources(house, f"Task?patient.family={family}")
    assert task["status"] == "rejected"
    assert "Sepsis not ruled out" in str(task)
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_clinician_puts_off_and_then_records_that_the_patient_declines_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    keys = _come_in(browser, house, "Sorrel Marten", size)
    page = keys.page
    _open(keys, FAMILY)
    _take_and_choose(keys, "Put off")
    keys.tab_to("^in 15 min$")
    keys.choose("in 30 min")
    keys.tab_to("^In words$")
    keys.type("Waits for a blood test")
    _record_it(keys, FAMILY)
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "on-hold"
    assert _outcome(task) == "deferred"
    assert "Waits for a blood test" in str(task)
    again = datetime.fromisoformat(task["restriction"]["period"]["start"])
    decided = datetime.fromisoformat(task["executionPeriod"]["end"])
    assert again - decided == timedelta(minutes=30)
    keys.settle()
    _take_and_choose(keys, "Patient declined")
    keys.tab_to("^Reason")
    reason = page.get_by_role("combobox", name="Reason")
    _choose_from_a_list(keys, lambda: reason.input_value() != "")
    keys.settle()
    keys.tab_to("^In words$")
    keys.type("Would rather stay")
    _record_it(keys, FAMILY)
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "rejected"
    assert _outcome(task) == "patient-declined"
    assert "Would rather stay" in str(task)
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_clinician_finds_no_room_and_reverses_a_redirect_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    keys = _come_in(browser, house, "Sorrel Marten", size)
    page = keys.page
    _open(keys, FAMILY)
    _take_and_choose(keys, "No capacity")
    page.get_by_text("Which had no room?").wait_for()
    keys.settle()
    keys.tab_to("^Carer Crisis")
    room = keys.choose(None).name
    _record_it(keys, FAMILY)
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert _outcome(task) == "no-capacity"
    assert room.split(" (")[0] in str(task)
    keys.settle()
    keys.go_to("^Waiting in ambulances$", back=True)
    page.get_by_role("button", name=re.compile(f"^Open {REDIRECTED}")).wait_for()
    keys.settle()
    _open(keys, REDIRECTED)
    keys.go_to("^Go to the review$")
    keys.go_to("The redirect failed$")
    keys.tab_to("^The service could not come$")
    keys.choose("The patient got worse")
    keys.go_to(f"^Reverse the redirect of {REDIRECTED}")
    page.get_by_text(re.compile("^Reversed|Redirect reversed")).first.wait_for()
    tasks = resources(house, f"Task?patient.family={REDIRECTED}")
    assert "redirect-reversed" in [_outcome(each) for each in tasks]
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_second_clinician_agrees_to_an_override_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    first = come_in(browser, house, "k1")
    open_patient(first, FAMILY)
    first.get_by_role("button", name="I have it", exact=True).click()
    first.get_by_text(re.compile("^You have it")).wait_for()
    answer(first, "a-sepsis", "Yes")
    first.get_by_role("radio", name="Redirect to community care").click()
    first.get_by_role("button", name=re.compile("^Ask a second clinician")).click()
    first.get_by_text("Do not ask any more").wait_for()
    keys = _come_in(browser, house, "Bryony Heath", size)
    page = keys.page
    _open(keys, FAMILY)
    keys.go_to("^Go to the review$")
    page.get_by_label("Why a redirect is right").wait_for()
    keys.settle()
    keys.tab_to("^Why a redirect is right")
    keys.type("Seen by the registrar")
    keys.go_to("^I agree, for")
    page.get_by_text(re.compile("^Recorded, with your name")).wait_for()
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert "Seen by the registrar" in str(task)
    no_traceback(page)
    page.context.close()
    first.context.close()


def _take_and_choose(keys: Keyboard, decision: str) -> None:
    """Take the review of the patient on the screen, and choose what to decide."""
    keys.go_to("^Go to the review$", back=True)
    keys.go_to("^I have it$")
    keys.page.get_by_text(re.compile("^You have it")).wait_for()
    keys.page.get_by_role("radio", name=DECISIONS[0]).wait_for()
    keys.settle()
    keys.tab_to(DECISIONS[0])
    keys.choose(decision)


def _outcome(task: dict[str, Any]) -> str:
    return str(task["businessStatus"]["coding"][0]["code"])


@pytest.mark.parametrize("size", SIZES)
def test_documents_are_opened_and_closed_by_keyboard(
    browser: Browser, untouched: House, size: str
) -> None:
    keys = _come_in(browser, untouched, "Sorrel Marten", size)
    page = keys.page
    _open(keys, FAMILY)
    keys.go_to("Documents: [0-9]")
    _wait_for_button(keys, "^Open: ")
    keys.go_to("^Open: Visit report")
    _wait_for_button(keys, "^Close: Visit report")
    keys.tab_to("^What the file is written in$")
    keys.go_to("^Close: Visit report", back=True)
    expect(page.locator(".hv-file")).to_have_count(0)
    keys.go_to("^Open: Occupational therapy letter")
    page.get_by_role("region", name="Pages of the document").wait_for()
    keys.settle()
    page.wait_for_function(_PAGES_CAN_BE_SCROLLED)
    keys.tab_to("^Pages of the document$")
    keys.press("PageDown")
    page.wait_for_function(_PAGES_ARE_SCROLLED)
    keys.go_to("^Close: Occupational therapy letter", back=True)
    expect(page.locator(".hv-file")).to_have_count(0)
    keys.go_to("^Open: Sketch of the home")
    _wait_for_button(keys, "^Close: Sketch of the home")
    expect(page.locator(".hv-image")).to_be_visible()
    keys.go_to("^Close: Sketch of the home")
    expect(page.locator(".hv-file")).to_have_count(0)
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_another_person_goes_on_by_keyboard(browser: Browser, untouched: House, size: str) -> None:
    """The tablet is handed on, and nothing of the one before is left on it."""
    keys = _come_in(browser, untouched, "Sorrel Marten", size)
    page = keys.page
    _open(keys, FAMILY)
    keys.go_to("^Change person$", back=True)
    page.get_by_role("heading", name="Who are you?").wait_for()
    keys.settle()
    keys.go_to("^Go on as Corin Sedge")
    _wait_for_button(keys, f"^Ask for a review of {FAMILY}")
    expect(page.locator(".hv-who")).to_contain_text("Corin Sedge")
    expect(page.get_by_text("Shared record", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Open "))).to_have_count(0)
    assert "who=k3" in page.url
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_coordinator_asks_for_a_review_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    keys = _come_in(browser, house, "Corin Sedge", size)
    keys.go_to(f"^Ask for a review of {FAMILY}")
    keys.page.get_by_role("button", name="Don't ask").wait_for()
    keys.go_to("^Fall, no apparent serious injury$")
    expect(keys.page.get_by_role("button", name="Don't ask")).to_have_count(0)
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["description"] == "Falls response"
    keys.page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_coordinator_follows_a_review_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    """A note, how many a service can take, and the review withdrawn."""
    family = "BRACKENBURY"
    keys = _come_in(browser, house, "Corin Sedge", size)
    page = keys.page
    keys.go_to("^Redirect candidates$", back=True)
    page.get_by_role("heading", level=1, name="Redirect candidates").wait_for()
    keys.settle()
    keys.go_to(f"^{family}")
    _wait_for_button(keys, f"Less.*{family}")
    keys.go_to("^Write a note$")
    page.locator(".st-key-composer input").wait_for()
    keys.settle()
    keys.tab_to("^Note to the clinician about", back=True)
    keys.type("Daughter on her way")
    keys.go_to("^Add the note$")
    expect(page.locator(".st-key-composer")).to_have_count(0)
    keys.settle()
    (task,) = resources(house, f"Task?patient.family={family}")
    assert [each["text"] for each in task["note"]][-1] == "Daughter on her way"
    keys.go_to("^Carer Crisis", back=True)
    _wait_for_button(keys, "^3$")
    keys.go_to("^3$")
    page.locator('[class*="st-key-service-service-carers"]').get_by_text("Corin Sedge").wait_for()
    keys.settle()
    keys.go_to("^Withdraw the review$", back=True)
    _wait_for_button(keys, "^Leave it as it is$")
    keys.tab_to("^Leave it as it is$")
    keys.tab_to(".", back=True)
    keys.press("Enter")
    keys.settle()
    expect(page.get_by_role("button", name="Leave it as it is")).to_have_count(0)
    (task,) = resources(house, f"Task?patient.family={family}")
    assert task["status"] == "cancelled"
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_looks_narrows_and_takes_away_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    keys = _come_in(browser, house, "Merle Ashdown", size)
    page = keys.page
    page.get_by_role("button", name="Make the file").wait_for()
    keys.settle()
    keys.tab_to("^4 weeks$")
    keys.choose("52 weeks")
    first = Weeks.until(datetime.now(LONDON).date(), 52).first
    page.locator(".hv-asat").filter(has_text=f"from {first:%d}-").wait_for()
    keys.settle()
    keys.go_to("^Count everybody who waited, too$")
    _wait_for_button(keys, "^Count who waited again$")
    keys.go_to("Who is counted", back=True)
    page.get_by_role("combobox", name="Age").wait_for()
    keys.tab_to("^Age")
    _choose_from_a_list(keys, lambda: "age=" in page.url)
    page.get_by_text("Who is counted: Age").wait_for()
    keys.settle()
    figure = page.locator(".hv-means[open]")
    keys.tab_to(".", around="avoided-headlines")
    keys.press("Enter")
    expect(figure.first).to_be_visible()
    keys.go_to("^Make the file$")
    with page.expect_download() as saving:
        keys.go_to("^Save the CSV")
    assert saving.value.suggested_filename.endswith(".csv")
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_goes_through_the_other_rooms_by_keyboard(
    browser: Browser, house: House, size: str
) -> None:
    keys = _come_in(browser, house, "Merle Ashdown", size)
    page = keys.page
    keys.go_to("^Which bite first$", back=True)
    page.get_by_role("heading", level=1, name="Which bite first").wait_for()
    keys.settle()
    keys.tab_to("^How many people")
    keys.press("ArrowRight", 2)
    page.get_by_text("You are trying others").wait_for()
    keys.go_to("How much work or cost each takes")
    keys.tab_to("^1$", around="bite-0-effort")
    keys.choose("5")
    keys.go_to("^Save for every manager$")
    page.get_by_text(re.compile("^Saved by Merle Ashdown")).wait_for()
    held = RecordSettings(record_url=house.record.base, record_token=house.record.token)
    saved = read_weights(SharedRecord.connect(held))
    assert saved is not None
    assert saved.by is not None
    assert saved.by.name == "Merle Ashdown"
    assert saved.weights.terms[Term.VOLUME] == Weights().terms[Term.VOLUME] + 2
    assert list(saved.weights.effort.values()) == [5]
    keys.settle()
    keys.go_to("^Command centre$", back=True)
    page.get_by_role("heading", level=1, name="Command centre").wait_for()
    keys.settle()
    keys.go_to("How the numbers are worked out")
    keys.go_to("^Show on a wall screen", back=True)
    page.locator(".hv-wall").first.wait_for()
    no_traceback(page)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_restricted_record_is_opened_with_a_reason_by_keyboard(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    monkeypatch.setenv("HANDOVER_BREAK_GLASS", "true")
    with open_house(tmp_path) as house:
        keys = _come_in(browser, house, "Sorrel Marten", size)
        page = keys.page
        keys.go_to(f"^Open {restricted_name(page)}")
        page.get_by_label("Why do you have to open it now?").wait_for()
        keys.settle()
        keys.tab_to("^Why do you have to open it now")
        keys.type("Unconscious, nobody with them who knows their medicines")
        keys.go_to("^Open the restricted record$")
        page.get_by_role("button", name="Close the restricted record now").wait_for()
        keys.settle()
        keys.go_to("^Close the restricted record now$", back=True)
        page.get_by_role("button", name="Open the restricted record").wait_for()
        audited = resources(house, "AuditEvent?_count=200&_sort=-date")
        assert any("Unconscious, nobody" in str(each) for each in audited)
        no_traceback(page)
        page.context.close()
