"""`python -m tests.sandbox.conformance URL`: ask any FHIR R4 server the conformance cases.

Each disagreement is one line: the paragraph of the specification, the case, and what the server
did instead. The token, if one is needed, is in HANDOVER_CONFORMANCE_TOKEN.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

import httpx

from tests.sandbox.conformance import cases, interactions


def disagreements(client: httpx.Client, server: str) -> Iterator[tuple[str, str]]:
    """(case, what the server did instead) of every case that the server does otherwise."""
    cases.store(client)
    for case in cases.search_cases():
        if said := _said(lambda case=case: cases.disagreement(client, case)):
            yield case.title, said
    for case in interactions.interaction_cases():
        if said := _said(lambda case=case: interactions.disagreement(client, case, server)):
            yield case.title, said


def _said(ask: object) -> str:
    try:
        told: str = ask()  # type: ignore[operator]
    except (
        httpx.HTTPError,
        AssertionError,
        KeyError,
        ValueError,
        StopIteration,
        TypeError,
    ) as error:
        told = f"{type(error).__name__}: {error}"
    return told


def main(arguments: list[str]) -> int:
    """Ask a server; returns 0 when it agrees with all, 1 when not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox.conformance", description=__doc__
    )
    parser.add_argument("base", metavar="URL")
    parser.add_argument("--name", default="other", help="what the server is called in the cases")
    chosen = parser.parse_args(arguments)
    headers = {"Content-Type": "application/fhir+json"}
    if token := os.environ.get("HANDOVER_CONFORMANCE_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    count = 0
    with httpx.Client(
        base_url=chosen.base.rstrip("/") + "/", headers=headers, timeout=60, trust_env=False
    ) as client:
        for title, said in disagreements(client, chosen.name):
            count += 1
            sys.stdout.write(f"{title}: {' '.join(said.split())[:300]}\n")
    sys.stdout.write(f"{count} disagreements\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
