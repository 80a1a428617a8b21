"""``python -m tests.servers.report``: ask three servers everything, write docs/servers.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fhir_queries.trial import MISSING, WORKS
from tests.servers.measure import Measured, measure
from tests.servers.records import HISTORY_WEEKS, NAMES, OPENERS, SEED, TITLES, people
from tests.servers.running import CannotStart

PAGE = Path(__file__).parents[2] / "docs" / "servers.md"

SHOWN = {
    "decimals kept to the last digit": (
        "A value is shown with the digits that the record kept: 37 where 37.0 was measured. No "
        "rule depends on the zero."
    ),
    "transaction is all or nothing": (
        "A decision that the record half takes is noticed when it is read again. The screen says "
        "that it is not recorded and keeps the answers; deciding again finishes it. Until then no "
        "screen shows it as decided, since the review itself is written last."
    ),
    "delete": (
        "Nothing: the app deletes nothing. `check --write` says what it left behind. The "
        "recommended settings refuse deletion on purpose (`deploy/hapi.properties`)."
    ),
}
"""What a clinician sees where a server lacks something, by the line of the table."""


def main() -> int:
    """Write the page; 1 with the reason where a server can't be had."""
    found: dict[str, list[Measured]] = {}
    for name in NAMES:
        sys.stderr.write(f"{TITLES[name]} ...\n")
        try:
            with OPENERS[name]() as server:
                found[name] = list(measure(server))
        except CannotStart as why:
            sys.stderr.write(f"{why}\n")
            return 1
    PAGE.write_text(page(found), encoding="utf-8")
    return 0


def page(found: Mapping[str, Sequence[Measured]]) -> str:
    """docs/servers.md."""
    lines = [
        "# Three servers, one app",
        "",
        "Written by `make servers-page`, never by hand. The same app asked the same made-up",
        f"people (seed {SEED}, {len(people())} resources with {HISTORY_WEEKS} weeks of decisions)",
        "of three servers, two of which nobody here wrote. `make test-hapi` asks all three again",
        "and compares every answer; on HAPI all that is written is checked against base R4.",
        "",
        "**works**: as asked. **falls back**: the server ignores or refuses a part, and the app",
        "makes up for it with the same answer. **missing**: it can't be made up for; what a",
        "clinician then sees stands below. In each cell: the HTTP exchanges of one asking once the",
        "server's ways are known, and the median time with app and servers together on one machine",
        f"of {os.cpu_count()} cores. HAPI's times include checking each write against base R4.",
        "",
        f"| what is asked | {' | '.join(TITLES[name] for name in found)} |",
        f"|---|{'---|' * len(found)}",
    ]
    by_name = {name: {each.name: each for each in rows} for name, rows in found.items()}
    for row in next(iter(found.values())):
        cells = " | ".join(_cell(by_name[name][row.name]) for name in found)
        lines.append(f"| {row.name} | {cells} |")
    lines += ["", "## What the app does instead", ""]
    for name, rows in found.items():
        ways = list(
            dict.fromkeys(way for row in rows for way in row.instead if row.state != MISSING)
        )
        if ways:
            lines += [f"**{TITLES[name]}**", "", *(f"- {way}" for way in ways), ""]
    lines += ["## What is missing, and what a clinician sees", ""]
    for name, rows in found.items():
        for row in rows:
            if row.state == MISSING:
                seen = SHOWN.get(row.name) or row.cost or "; ".join(row.instead)
                lines.append(f"- **{TITLES[name]}, {row.name}.** {seen}")
    return "\n".join([*lines, ""])


def states_in(text: str) -> dict[str, dict[str, str]]:
    """By what is asked and server: the state that the page tells."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    head, *others = ([cell.strip() for cell in row] for row in rows)
    names = {title: name for name, title in TITLES.items()}
    return {
        row[0]: {
            names[title]: cell.partition(":")[0]
            for title, cell in zip(head[1:], row[1:], strict=True)
        }
        for row in others
    }


def _cell(row: Measured) -> str:
    if row.state == MISSING:
        return MISSING
    state = WORKS if row.state.startswith(WORKS) else row.state
    exchanges = f"{row.exchanges} x, " if row.exchanges else ""
    return f"{state}: {exchanges}{row.milliseconds:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
