"""What other servers do otherwise, kept as lists that are held to be true.

`python -m tests.sandbox.conformance.beside medplum` (or `hapi`) writes `medplum.toml` anew.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.sandbox.conformance.__main__ import disagreements
from tests.servers.start_hapi import start_hapi
from tests.servers.start_medplum import start_medplum

HERE = Path(__file__).parent
_PASSING = re.compile(
    r"http://127\.0\.0\.1:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|\b2?ci-[0-9a-f]+|[0-9a-f]{12}"
)
_HEADING = """\
# Where the {server} does otherwise than the specification says, as the cases show it: the
# paragraph that decides and the case, and what the server did instead. Made by
# `python -m tests.sandbox.conformance.beside {name}`; test_beside.py holds it to be true.

[disagreements]
"""
_SERVERS = {"medplum": "Medplum FHIR router", "hapi": "HAPI FHIR server as deploy/ sets it up"}


def of_medplum() -> dict[str, str]:
    """Each case that the Medplum router does otherwise, and what it does. Raises CannotStart."""
    server = start_medplum()
    try:
        return _asked(server.base, "medplum")
    finally:
        server.stop()


def of_hapi() -> dict[str, str]:
    """Each case that HAPI does otherwise, and what it does. Raises CannotStart."""
    hapi = start_hapi(h2=True)
    try:
        return _asked(hapi.server.base, "hapi")
    finally:
        hapi.stop()


def _asked(base: str, server: str) -> dict[str, str]:
    with httpx.Client(
        base_url=base + "/",
        headers={"Content-Type": "application/fhir+json"},
        timeout=60,
        trust_env=False,
    ) as client:
        return dict(disagreements(client, server))


def listed(server: str) -> dict[str, str]:
    """The disagreements of a server that are known."""
    with (HERE / f"{server}.toml").open("rb") as file:
        known: dict[str, str] = tomllib.load(file)["disagreements"]
    return known


def main(arguments: list[str]) -> int:
    """Write the list of a server anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=sorted(_SERVERS))
    name = parser.parse_args(arguments).server
    asked: dict[str, Callable[[], dict[str, str]]] = {"medplum": of_medplum, "hapi": of_hapi}
    lines = [_HEADING.format(server=_SERVERS[name], name=name)]
    for title, said in asked[name]().items():
        plain = " ".join(_PASSING.sub("...", said).split())[:110]
        lines.append(f"{json.dumps(title)} = {json.dumps(plain)}\n")
    (HERE / f"{name}.toml").write_text("".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
