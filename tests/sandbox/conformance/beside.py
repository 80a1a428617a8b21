"""What another server does otherwise, kept as a list that is held to be true.

`python -m tests.sandbox.conformance.beside medplum` writes `medplum.toml` anew.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import httpx

from tests.sandbox.conformance.__main__ import disagreements
from tests.servers.start_medplum import start_medplum

HERE = Path(__file__).parent
_PASSING = re.compile(
    r"http://127\.0\.0\.1:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|\b2?ci-[0-9a-f]+|[0-9a-f]{12}"
)
_HEADING = """\
# Where the Medplum FHIR router does otherwise than the specification says, as the cases show it:
# the paragraph that decides and the case, and what the server did instead. Made by
# `python -m tests.sandbox.conformance.beside medplum`; test_beside_medplum.py holds it to be true.

[disagreements]
"""


def of_medplum() -> dict[str, str]:
    """Each case that the Medplum router does otherwise, and what it does. Raises CannotStart."""
    server = start_medplum()
    try:
        with httpx.Client(
            base_url=server.base + "/",
            headers={"Content-Type": "application/fhir+json"},
            timeout=60,
            trust_env=False,
        ) as client:
            return dict(disagreements(client, "medplum"))
    finally:
        server.stop()


def listed(server: str) -> dict[str, str]:
    """The disagreements of a server that are known."""
    with (HERE / f"{server}.toml").open("rb") as file:
        known: dict[str, str] = tomllib.load(file)["disagreements"]
    return known


def main() -> int:
    """Write the list anew."""
    lines = [_HEADING]
    for title, said in of_medplum().items():
        plain = " ".join(_PASSING.sub("...", said).split())[:110]
        lines.append(f"{json.dumps(title)} = {json.dumps(plain)}\n")
    (HERE / "medplum.toml").write_text("".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
