"""Medplum's FHIR router on its in-memory repository: installed by npm, run by Node."""

from __future__ import annotations

import shutil
import subprocess

from tests.servers.running import HERE, CannotStart, Running, start

FOLDER = HERE / "medplum"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"


def lacking() -> str | None:
    """Why it can't be started on this machine, or None."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "no Node.js (20.19 or newer) with npm on this machine"
    return None


def install() -> None:
    """Install the locked packages unless they are there. Raises CannotStart with npm's words."""
    if why := lacking():
        raise CannotStart(why)
    lock = FOLDER / "package-lock.json"
    if INSTALLED.is_file() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
        return
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(f"npm ci failed for the Medplum router:\n{done.stderr}")
    INSTALLED.touch()


def start_medplum(port: int = 0, *, stay: bool = False) -> Running:
    """Start an empty one on loopback; ``port`` 0 takes a free one. Raises CannotStart."""
    install()
    return start(
        "medplum",
        ["node", "server.mjs", "--port", str(port)],
        patience=60,
        stay=stay,
        cwd=FOLDER,
    )
