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
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

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
