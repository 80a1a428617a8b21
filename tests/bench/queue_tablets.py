"""A tablet with the queue open, without the browser: what it says and hears on the websocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from time import perf_counter

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Tablet:
    """One session. ``every`` is the interval at which the app asks it to refresh, in seconds."""

    address: str
    """``host:port`` of the app."""
    person: str
    every: float = 0.0
    words: str = ""
    """Everything that the newest run sent as markup."""
    received: int = 0
    """Bytes received in the newest run."""
    _session: str = ""
    _fragment: str = ""
    _page: str = ""
    _socket: ClientConnection | None = None
    _seen: list[str] = field(default_factory=list)
    _kept: dict[str, ForwardMsg] = field(default_factory=dict)
    """Large messages, which a browser keeps and tells the app that it has."""

    async def open(self) -> float:
        """Connect and have the whole screen drawn; with the session of before, where there was
        one. Returns seconds from the first byte sent to the end of the run."""
        began = perf_counter()
        await self.connect()
        await self._run()
        return perf_counter() - began

    async def connect(self) -> None:
        """Connect, as a browser does: it offers compression, and its session of before."""
        offered = ["streamlit", "none", *([self._session] if self._session else [])]
        self._socket = await connect(
            f"ws://{self.address}/_stcore/stream",
            subprotocols=[Subprotocol(each) for each in offered],
            max_size=None,
            proxy=None,
            open_timeout=PATIENCE_SECONDS,
        )

    async def refresh(self) -> float:
        """Have the list refreshed, as the timer in the browser does. Returns seconds."""
        assert self._fragment, "the app asked for no refresh"
        began = perf_counter()
        await self._run(self._fragment)
        return perf_counter() - began

    async def keep_refreshing(self, after: float, until: float) -> list[float]:
        """Refresh every interval, beginning ``after`` seconds from now, until the time
        ``until`` of the event loop. Returns the seconds that each took."""
        loop = asyncio.get_running_loop()
        took, due = [], loop.time() + after
        while due < until:
            await asyncio.sleep(max(0.0, due - loop.time()))
            took.append(await self.refresh())
            due += self.every
        return took

    async def close(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                await self._socket.close()
            self._socket = None

    def vanish(self) -> None:
        """Lose the network: the socket is gone without a word."""
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None

    async def _run(self, fragment: str = "") -> None:
        assert self._socket is not None, "the tablet is not connected"
        asked = BackMsg()
        asked.rerun_script.query_string = f"who={self.person}"
        asked.rerun_script.page_script_hash = self._page
        asked.rerun_script.cached_message_hashes.extend(self._kept)
        if fragment:
            asked.rerun_script.fragment_id = fragment
            asked.rerun_script.is_auto_rerun = True
        await self._socket.send(asked.SerializeToString())
        self._seen.clear()
        self.received = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._finished(await self._next()):
                pass
        self.words = "\n".join(self._seen)
        assert "hv-card-top" in self.words, f"no queue was drawn: {self.words[:300]}"

    async def _next(self) -> ForwardMsg:
        assert self._socket is not None, "the tablet is not connected"
        told = await self._socket.recv(decode=False)
        self.received += len(told)
        return ForwardMsg.FromString(told)

    def _finished(self, told: ForwardMsg) -> bool:
        """Take one message in; whether it ends the run."""
        if told.WhichOneof("type") == "ref_hash":
            told = self._kept[told.ref_hash]
        if told.hash and told.metadata.cacheable:
            self._kept[told.hash] = told
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self._session = told.new_session.initialize.session_id or self._session
            self._page = told.new_session.page_script_hash
        elif kind == "auto_rerun":
            self._fragment, self.every = told.auto_rerun.fragment_id, told.auto_rerun.interval
        elif kind == "delta":
            self._see(told.delta.new_element)
        return kind == "script_finished" and told.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
        )

    def _see(self, element: Element) -> None:
        """Keep what is to be read of one element of the screen."""
        if element.WhichOneof("type") == "html":
            self._seen.append(element.html.body)
        elif element.bidi_component.bytes:
            cards = json.loads(element.bidi_component.bytes)
            self._seen.extend(markup for _, markup, _ in cards)
