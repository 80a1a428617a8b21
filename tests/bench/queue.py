"""What a hundred open queues cost: the record, the person who waits for a refresh, the memory.

``make bench-queue`` writes ``figures/queue.json`` in some four minutes. The app is served as
``python asgi.py`` serves it, in front of the embedded record, both on this machine; the tablets
are sessions played over Streamlit's websocket (``queue_tablets``), each run drawn and sent in
full. A doorkeeper between app and record counts what the record is asked.

Sessions of tablets that have gone are kept for a while, so that one that slept goes on where it
was: 15 minutes in service, here 15 seconds, so that it can be seen what is left when they end.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.embedded import EmbeddedRecord, start_embedded_record
from tests.bench.figures import ROOT, Figure, figure, write_figures
from tests.bench.queue_counting import Doorkeeper, doorkeeper
from tests.bench.queue_tablets import Tablet

TABLETS = 100
REFRESH_SECONDS = 15
WINDOW_SECONDS = 62
KEPT_SECONDS = 15
PEOPLE = ("k1", "k2")
"""Two clinicians of two organisations, who may see the same."""
APP = (
    "from streamlit import config\n"
    "import asgi\n"
    f"config.set_option('server.disconnectedSessionTTL', {KEPT_SECONDS})\n"
    "raise SystemExit(asgi.main())\n"
)


@dataclass(frozen=True, slots=True)
class App:
    """The app under measurement."""

    process: subprocess.Popen[bytes]
    address: str

    def megabytes(self) -> float:
        """Its resident memory now, in MB (1024 * 1024 bytes)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("the app is gone")


@asynccontextmanager
async def served(folder: Path, record: EmbeddedRecord, base: str) -> AsyncIterator[App]:
    """The app in front of ``base``, ready to be asked."""
    port = random.randint(20_000, 30_000)  # noqa: S311
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-c", APP],
        cwd=ROOT,
        env={
            **os.environ,
            "HANDOVER_HOST": "127.0.0.1",
            "HANDOVER_PORT": str(port),
            "HANDOVER_RECORD_URL": base,
            "HANDOVER_RECORD_TOKEN": record.token,
            "HANDOVER_DEMONSTRATION": "true",
            "HANDOVER_REFRESH_SECONDS": str(REFRESH_SECONDS),
            "HANDOVER_STATE_DIR": str(folder / "state"),
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(300):
                assert process.poll() is None, "the app ended before it had loaded everything"
                try:
                    if (await client.get(f"http://{address}/ready")).json()["loaded"]:
                        break
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
            else:
                raise TimeoutError("the app had not loaded everything in time")
        yield App(process, address)
    finally:
        process.terminate()
        process.wait(20)


def percentile(seconds: Sequence[float], which: float) -> float:
    """The smallest of ``seconds`` that so many of a hundred are not above, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * which / 100))] * 1000


def a_minute(reads: Sequence[float]) -> float:
    """How often a minute the queue was read, by the time between the first and the last."""
    assert len(reads) >= 3, f"too few reads to tell: {len(reads)}"
    return (len(reads) - 1) / (reads[-1] - reads[0]) * 60


async def all_at_once(tablets: Sequence[Tablet], what: str) -> list[float]:
    """What ``what`` takes each of them, begun by all at the same moment."""
    return list(await asyncio.gather(*(getattr(each, what)() for each in tablets)))


async def spread(tablets: Sequence[Tablet], keeper: Doorkeeper) -> tuple[list[float], float]:
    """The refreshes of a window, spread over the interval, and the reads of the queue a minute."""
    until = asyncio.get_running_loop().time() + WINDOW_SECONDS
    keeper.queue_reads.clear()
    each_took = await asyncio.gather(
        *(
            each.keep_refreshing(each.every * number / len(tablets), until)
            for number, each in enumerate(tablets)
        )
    )
    return [took for of_one in each_took for took in of_one], a_minute(keeper.queue_reads)


async def close_all(tablets: Sequence[Tablet]) -> None:
    """Close all these tabs."""
    await asyncio.gather(*(each.close() for each in tablets))


async def outage(record: EmbeddedRecord, tablets: Sequence[Tablet]) -> list[float]:
    """The network goes, and with it the record; both come back, and all tablets at once."""
    for each in tablets:
        each.vanish()
    os.kill(record.pid, 9)
    await asyncio.sleep(2)
    await asyncio.to_thread(record.start)
    return await all_at_once(tablets, "open")


async def measure(folder: Path, record: EmbeddedRecord, keeper: Doorkeeper) -> list[Figure]:
    """Everything, in the order in which it can be measured."""
    async with served(folder, record, keeper.base) as app:
        one = Tablet(app.address, PEOPLE[0])
        await one.open()
        alone = [await one.refresh() for _ in range(20)]
        cold = app.megabytes()
        first = [Tablet(app.address, PEOPLE[n % len(PEOPLE)]) for n in range(TABLETS)]
        opened = await all_at_once(first, "open")
        together = await all_at_once(first, "refresh")
        await close_all(first)
        _, reads_of_one = await spread([one], keeper)
        before = app.megabytes()

        tablets = [Tablet(app.address, PEOPLE[n % len(PEOPLE)]) for n in range(TABLETS)]
        for each in tablets:
            await each.open()
        refreshed, reads_of_many = await spread(tablets, keeper)
        with_all = app.megabytes()
        back = await outage(record, tablets)
        most = max(with_all, app.megabytes())
        await close_all(tablets)
        await spread([one], keeper)
        after = app.megabytes()
        await one.close()
    return [
        figure("queue_reads_with_1", reads_of_one, "reads a minute", 1),
        figure("queue_reads_with_100", reads_of_many, "reads a minute", TABLETS),
        figure("queue_reads_100_vs_1", reads_of_many / reads_of_one, "ratio", 1),
        figure("refresh_alone_p50", percentile(alone, 50), "ms", len(alone)),
        figure("refresh_spread_p50", percentile(refreshed, 50), "ms", len(refreshed)),
        figure("refresh_spread_p95", percentile(refreshed, 95), "ms", len(refreshed)),
        figure("refresh_all_at_once_p95", percentile(together, 95), "ms", len(together)),
        figure("back_after_outage_p95", percentile(back, 95), "ms", len(back)),
        figure("new_sessions_all_at_once_p95", percentile(opened, 95), "ms", len(opened)),
        figure("memory_with_1_at_first", cold, "MB", 1),
        figure("memory_with_1_before_the_100", before, "MB", 1),
        figure("memory_with_100", most, "MB", 1),
        figure("memory_with_1_after_the_100", after, "MB", 1),
        figure("memory_after_vs_before", after / before, "ratio", 1),
        figure("memory_after_vs_at_first", after / cold, "ratio", 1),
        figure("bytes_a_refresh", one.received, "bytes", 1),
    ]


def main() -> int:
    """Measure all of it and write the figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-queue-") as name:
        folder = Path(name)
        record = start_embedded_record(folder / "record.sqlite")
        try:
            with doorkeeper(record.base) as keeper:
                figures = asyncio.run(measure(folder, record, keeper))
        finally:
            record.stop()
    write_figures("queue", figures)
    sys.stdout.write(f"measured in {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
