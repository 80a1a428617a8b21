"""Two parts of a page asked for one right after the other: what either draws is shown."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from pages.parts.heard_out import hear_every_run_out
from tests.browser.house import free_port

ROOT = Path(__file__).parents[2]
APP = "import streamlit as st; app = st.App('tests/pages/two_parts.py')"
GAPS = [each / 2000 for each in range(60)] * 4
"""Seconds from one request to the next: about what a run takes, on a fast machine or a busy one."""
OFFERED = [Subprotocol("streamlit")]
_COUNTS = re.compile(r"<p>(\w) (\d+) (\w) (\d+)</p>")


@pytest.fixture
def address() -> Iterator[str]:
    """Where the page of two parts is served."""
    port = free_port()
    serve = f"{APP}; import uvicorn; uvicorn.run(app, host='127.0.0.1', port={port})"
    process = subprocess.Popen(
        [sys.executable, "-c", serve],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class Visitor:
    """A browser's end of the socket: what it asks for, and the counts that it was shown last."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.parts: dict[str, str] = {}
        """The id of each part, by the order in which they refresh."""
        self.shown: dict[str, tuple[int, int]] = {}
        """Of each part: how often it said that it, and the other one, was drawn."""

    def ask(self, part: str = "") -> None:
        """Ask for the page, or for one part of it."""
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        if part:
            asked.rerun_script.fragment_id = self.parts[part]
            asked.rerun_script.is_auto_rerun = True
        self._socket.send(asked.SerializeToString())

    def listen(self, part: str, times: int) -> None:
        """Take in what comes until this part says that it was drawn so often."""
        while self.shown.get(part, (0, 0))[0] < times:
            told = ForwardMsg.FromString(self._socket.recv(timeout=20, decode=False))
            kind = told.WhichOneof("type")
            if kind == "auto_rerun":
                self.parts["ab"[len(self.parts)]] = told.auto_rerun.fragment_id
            elif kind == "delta" and told.delta.new_element.WhichOneof("type") == "html":
                found = _COUNTS.fullmatch(told.delta.new_element.html.body)
                assert found is not None
                self.shown[found[1]] = (int(found[2]), int(found[4]))


def _come(address: str) -> ClientConnection:
    for _ in range(200):
        try:
            return connect(f"ws://{address}/_stcore/stream", subprotocols=OFFERED, proxy=None)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the page is not served")


def test_a_part_that_is_followed_at_once_by_another_is_shown(address: str) -> None:
    with _come(address) as socket:
        visitor = Visitor(socket)
        visitor.ask()
        visitor.listen("b", 1)
        assert set(visitor.parts) == {"a", "b"}
        lost = []
        for number, gap in enumerate(GAPS, start=2):
            visitor.ask("a")
            time.sleep(gap)
            visitor.ask("b")
            visitor.listen("b", number)
            if visitor.shown["a"][0] != visitor.shown["b"][1]:
                lost.append(gap)
        assert lost == []
        assert visitor.shown["a"][0] == len(GAPS) + 1


def _of_run(run: str, *parts: str) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(parts)
    return message


def _began(run: str, *parts: str) -> ForwardMsg:
    message = _of_run(run, *parts)
    message.new_session.page_script_hash = "page"
    return message


def _over(run: str, *parts: str) -> ForwardMsg:
    message = _of_run(run, *parts)
    message.script_finished = (
        ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY if parts else ForwardMsg.FINISHED_SUCCESSFULLY
    )
    return message


def _drawn(run: str, *path: int, part: str = "", block: bool = False) -> ForwardMsg:
    message = _of_run(run)
    message.metadata.delta_path.extend(path)
    message.delta.fragment_id = part
    if block:
        message.delta.add_block.allow_empty = True
    else:
        message.delta.new_element.html.body = run
    return message


WHOLE_SCREEN = (
    _began("whole"),
    _drawn("whole", 0, 0),
    _drawn("whole", 0, 1, part="pulse", block=True),
    _drawn("whole", 0, 1, 0, part="pulse"),
    _drawn("whole", 0, 2, block=True),
    _drawn("whole", 0, 2, 0),
    _over("whole"),
)


@pytest.fixture
def queue() -> ForwardMsgQueue:
    """What waits to be sent to a browser."""
    hear_every_run_out()
    return ForwardMsgQueue()


def test_a_part_that_begins_takes_nothing_from_the_screen_that_waits_to_be_sent(
    queue: ForwardMsgQueue,
) -> None:
    for message in WHOLE_SCREEN:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["pulse"])
    tick = (
        _began("tick", "pulse"),
        _drawn("tick", 0, 1, part="pulse", block=True),
        _drawn("tick", 0, 1, 0, part="pulse"),
        _over("tick", "pulse"),
    )
    for message in tick:
        queue.enqueue(message)
    assert queue.flush() == [*WHOLE_SCREEN, *tick]


def test_a_part_that_begins_leaves_the_end_of_another_as_it_was(queue: ForwardMsgQueue) -> None:
    review = (_began("tap", "review"), _drawn("tap", 0, 3, part="review"), _over("tap", "review"))
    for message in review:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["pulse"])
    *_, over = queue.flush()
    assert over.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def test_a_screen_that_begins_anew_takes_the_place_of_what_waits(queue: ForwardMsgQueue) -> None:
    for message in WHOLE_SCREEN:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True)
    left = queue.flush()
    assert [each.WhichOneof("type") for each in left] == ["new_session", "script_finished"]
    assert left[1].script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
