"""Starting the record beside the app, and its dying and coming back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from sandbox.embedded import RecordDidNotStart, start_embedded_record
from tests.sandbox.conftest import client_of

pytestmark = pytest.mark.alone
ROOT = Path(__file__).parents[2]


def soon(true: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether it becomes true within a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_it_is_ready_when_it_is_returned_and_gone_when_it_is_stopped() -> None:
    record = start_embedded_record(None, arguments=("--empty",))
    assert record.alive
    assert len(record.token) >= 24
    with client_of(record) as client:
        assert client.get("Patient").status_code == 200
    record.stop()
    assert not record.alive


def test_its_token_is_not_in_its_command_line() -> None:
    record = start_embedded_record(None, arguments=("--empty",))
    try:
        command = Path(f"/proc/{record.pid}/cmdline")
        if not command.exists():
            pytest.skip("no /proc here to look the command line up in")
        assert record.token.encode() not in command.read_bytes()
    finally:
        record.stop()


def test_what_kept_it_from_starting_is_said(tmp_path: Path) -> None:
    no_database = tmp_path / "record.sqlite"
    no_database.write_text("this is no database, but long enough to be looked at as one" * 50)
    with pytest.raises(RecordDidNotStart, match=r"record\.sqlite is not a record"):
        start_embedded_record(no_database, arguments=("--empty",))


def test_it_comes_back_after_a_kill_with_what_it_held_at_the_same_address(tmp_path: Path) -> None:
    record = start_embedded_record(tmp_path / "record.sqlite", arguments=("--empty",))
    record.keep_running(delay=0.3)
    try:
        base, pid = record.base, record.pid
        with client_of(record) as client:
            patient = {"resourceType": "Patient", "id": "kept"}
            assert client.put("Patient/kept", json=patient).status_code == 201
        for _ in range(2):
            os.kill(record.pid, signal.SIGKILL)
            assert soon(lambda: not record.alive)
            assert soon(lambda: record.alive)
        assert record.pid != pid
        assert record.base == base
        with client_of(record) as client:

            def answers() -> bool:
                try:
                    return client.get("Patient/kept").status_code == 200
                except httpx.TransportError:
                    return False

            assert soon(answers)
    finally:
        record.stop()
    time.sleep(0.6)
    assert not record.alive


@pytest.mark.skipif(os.name != "posix", reason="kills the parent by a POSIX signal")
def test_it_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from sandbox.embedded import start_embedded_record as start\n"
            "import sys, time\n"
            "record = start(None, arguments=('--empty',))\n"
            "print(record.pid, record.base, flush=True)\n"
            "time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    base = parent.stdout.readline().split()[1]
    parent.kill()
    parent.wait()
    parent.stdout.close()

    def gone() -> bool:
        try:
            httpx.get(f"{base}/metadata", trust_env=False)
        except httpx.TransportError:
            return True
        return False

    assert soon(gone)


def test_an_existing_file_is_ready_within_a_second_or_so(tmp_path: Path) -> None:
    db = tmp_path / "record.sqlite"
    start_embedded_record(db, arguments=("--empty",)).stop()
    begun = time.perf_counter()
    record = start_embedded_record(db, arguments=("--empty",))
    took = time.perf_counter() - begun
    record.stop()
    assert took < 3  # a second on a machine that does nothing else


def test_readiness_is_one_line_of_json() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sandbox", "serve", "--port", "0", "--empty"),
            *("--ready-json", "--until-stdin-closes"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        timeout=30,
        check=True,
    )
    (line,) = done.stdout.splitlines()
    ready = orjson.loads(line)
    assert set(ready) == {"base", "pid", "seeded"}
    assert ready["seeded"] is False
