"""A server that only hands out octets made before, in a process of its own.

``python -m tests.bench.canned_server FILE DELAY_MS``: FILE is JSON, of answers by method and
target (``*`` for any query). It prints its port, and ends with its standard input. ``GET /count``
tells how many requests there were.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]


class _Connection(asyncio.Protocol):
    counted = 0

    def __init__(self, answers: Mapping[str, bytes], delay: float) -> None:
        self.answers = answers
        self.delay = delay
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while True:
            head, end, rest = self.pending.partition(b"\r\n\r\n")
            if not end:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(rest) < length:
                return
            self.pending = rest[length:]
            method, target, _ = head.split(b" ", 2)
            answer = self.answer(f"{method.decode()} {target.decode()}")
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.transport.write, answer)
            else:
                self.transport.write(answer)  # type: ignore[attr-defined]

    def answer(self, asked: str) -> bytes:
        if asked == "GET /count":
            return _http(str(_Connection.counted).encode())
        _Connection.counted += 1
        path, _, query = asked.partition("?")
        for key in (asked, f"{path}?*_include" if "_include" in query else "", f"{path}?*", path):
            if key in self.answers:
                return self.answers[key]
        return _http(b'{"resourceType":"Bundle","type":"searchset"}')


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def _serve(answers: Mapping[str, bytes], delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers, delay), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def canned(answers: Mapping[str, object], delay_ms: int = 0) -> Iterator[str]:
    """Serve ``answers`` (JSON by ``METHOD /path``) until the block ends; gives the base address."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "answers.json"
        file.write_text(json.dumps(answers))
        command = [sys.executable, "-m", "tests.bench.canned_server", str(file), str(delay_ms)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/fhir"
            process.communicate(timeout=10)


if __name__ == "__main__":
    made = json.loads(Path(sys.argv[1]).read_text())
    bodies = {key: _http(json.dumps(value).encode()) for key, value in made.items()}
    asyncio.run(_serve(bodies, int(sys.argv[2]) / 1000))
