"""What the app drew in two runs reaches the browser in one moment, and no answer is lost by it.

As after a moment without network, or on a tablet that was asleep. The browser then never sees what
the first of the two runs told it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.house import House, come_in, open_house
from tests.browser.looking import SETTLED, answers_kept, resources, shown
from tests.browser.ward_round import answer, line_of, open_patient

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FAMILY = "HAWTHORNLEY"
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
GIVEN = {"a-sepsis": "Not known", "a-chest-pain": "No", "a-stroke": "Yes"}


class Network:
    """What is between one tablet and the app: it can hold back what the app sends."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[bytes] | None = None
        self._tablet: WebSocketRoute | None = None
        self._app: WebSocketRoute | None = None
        self._session = ForwardMsg()
        self._run = BackMsg()
        page.route_web_socket(re.compile("_stcore/stream"), self._join)

    def _join(self, tablet: WebSocketRoute) -> None:
        self._tablet, self._app = tablet, tablet.connect_to_server()
        self._app.on_message(self._from_the_app)
        tablet.on_message(self._from_the_tablet)

    def _from_the_app(self, message: bytes | str) -> None:
        assert isinstance(message, bytes)
        told = ForwardMsg.FromString(message)
        if told.WhichOneof("type") == "new_session":
            self._session = told
        if told.WhichOneof("type") == "page_info_changed":
            self._run.rerun_script.query_string = told.page_info_changed.query_string
        if self.held is not None:
            self.held.append(message)
        elif self._tablet is not None:
            self._tablet.send(message)

    def _from_the_tablet(self, message: bytes | str) -> None:
        assert isinstance(message, bytes)
        told = BackMsg.FromString(message)
        if told.WhichOneof("type") == "rerun_script":
            self._run = told
        if self._app is not None:
            self._app.send(message)

    def run_again(self) -> None:
        """Have the whole page run once more, with what the tablet said last but no new tap."""
        assert self._app is not None
        again = BackMsg.FromString(self._run.SerializeToString())
        again.rerun_script.fragment_id = ""
        again.rerun_script.page_script_hash = self._session.new_session.page_script_hash
        kept = [
            each
            for each in self._run.rerun_script.widget_states.widgets
            if each.WhichOneof("value") != "trigger_value"
        ]
        del again.rerun_script.widget_states.widgets[:]
        again.rerun_script.widget_states.widgets.extend(kept)
        self._app.send(again.SerializeToString())

    def wait_for_runs(self, wanted: int) -> None:
        """Wait until this many runs ended whose messages are held back."""
        for _ in range(200):
            told = [ForwardMsg.FromString(each) for each in self.held or ()]
            ended = [
                each
                for each in told
                if each.WhichOneof("type") == "script_finished" and each.script_finished in ENDED
            ]
            if len(ended) >= wanted:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the app did not end {wanted} runs within 10 s")

    def let_through(self) -> None:
        """Send on, all at once, what was held back."""
        held, self.held = self.held or [], None
        assert self._tablet is not None
        for each in held:
            self._tablet.send(each)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in which no list refreshes by itself while a test looks."""
    with open_house(tmp_path_factory.mktemp("house"), refresh_seconds=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def first(browser: Browser, house: House) -> Page:
    """The tablet on which the answers were given."""
    page = come_in(browser, house, "k1")
    open_patient(page, FAMILY)
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()
    for link_id, words in GIVEN.items():
        answer(page, link_id, words)
    assert _kept(house) == GIVEN
    return page


@pytest.fixture
def second(first: Page, house: House) -> Iterator[tuple[Page, Network]]:
    """Another tab of the same clinician, on the queue."""
    page = first.context.new_page()
    page.set_default_timeout(20_000)
    network = Network(page)
    page.goto(f"{house.address}/?who=k1")
    page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
    yield page, network
    page.close()


def test_a_patient_drawn_twice_at_once_shows_and_keeps_every_answer(
    second: tuple[Page, Network], house: House
) -> None:
    page, network = second
    network.held = []
    page.get_by_role("button", name=re.compile(f"^Open {FAMILY}")).first.click()
    network.wait_for_runs(1)
    network.run_again()
    network.wait_for_runs(2)
    network.let_through()
    page.wait_for_function(SETTLED, arg=FAMILY)
    _says(page, GIVEN)
    _write(page, "Drawn twice at once")
    _is_kept(page, house, GIVEN | {"b-summary": "Drawn twice at once"})


def test_what_another_tablet_answered_is_shown_and_kept_though_drawn_twice_at_once(
    first: Page, second: tuple[Page, Network], house: House
) -> None:
    page, network = second
    open_patient(page, FAMILY)
    page.wait_for_function(SETTLED, arg=FAMILY)
    answer(first, "a-sepsis", "Yes")
    network.held = []
    line_of(page, "a-chest-pain").get_by_role("radio", name="Not known").click()
    network.wait_for_runs(1)
    network.run_again()
    network.wait_for_runs(2)
    network.let_through()
    now = GIVEN | {"a-sepsis": "Yes", "a-chest-pain": "Not known"}
    _says(page, now)
    _write(page, "Answered on another tablet")
    _is_kept(page, house, now | {"b-summary": "Answered on another tablet"})


def _says(page: Page, answers: dict[str, str]) -> None:
    for link_id, words in answers.items():
        chosen = line_of(page, link_id).get_by_role("radio", name=words, exact=True)
        expect(chosen).to_have_attribute("aria-checked", "true")
    seen = {line: words for _, line, words in shown(page).lines if line in GIVEN}
    assert seen == answers


def _write(page: Page, words: str) -> None:
    box = line_of(page, "b-summary").locator("textarea")
    box.fill(words)
    box.press("Tab")


def _is_kept(page: Page, house: House, answers: dict[str, str]) -> None:
    for _ in range(100):
        if _kept(house).get("b-summary") == answers["b-summary"]:
            break
        page.wait_for_timeout(50)
    assert _kept(house) == answers


def _kept(house: House) -> dict[str, str]:
    (task,) = resources(house, f"Task?patient.family={FAMILY}&status=in-progress")
    wait = str(task["focus"]["reference"])
    return answers_kept(resources(house, f"QuestionnaireResponse?encounter={wait}")[0])
