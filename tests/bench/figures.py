"""Figures that a benchmark measured, kept in ``figures/NAME.json``, and the tables made of them.

``python -m tests.bench.figures`` renews the tables in README.md and docs/ between their markers::

    <!-- figures: connection -->
    <!-- /figures -->
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "figures"
MARKED = re.compile(r"(<!-- figures: (?P<name>[a-z-]+) -->\n).*?(<!-- /figures -->)", re.DOTALL)


def this_machine() -> str:
    """What a figure was measured on: cores, kind of processor, Python; nothing that names it."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. ``n`` is how many measurements its median, ratio or count rests on."""

    name: str
    value: float
    unit: str
    n: int
    machine: str


def figure(name: str, value: float, unit: str, n: int) -> Figure:
    """A figure of this machine, to four significant digits."""
    return Figure(name, float(f"{value:.4g}"), unit, n, this_machine())


def write_figures(name: str, figures: Sequence[Figure]) -> Path:
    """Write ``figures/NAME.json`` and print the same as a table. Returns the file's path."""
    FIGURES.mkdir(exist_ok=True)
    path = FIGURES / f"{name}.json"
    path.write_text(json.dumps([asdict(one) for one in figures], indent=1) + "\n")
    sys.stdout.write(table(figures))
    return path


def read_figures(name: str) -> list[Figure]:
    """The figures of ``figures/NAME.json``."""
    return [Figure(**one) for one in json.loads((FIGURES / f"{name}.json").read_text())]


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table of ``figures``."""
    lines = ["| figure | value | unit | n |", "|---|---:|---|---:|"]
    lines += [f"| `{one.name}` | {one.value:g} | {one.unit} | {one.n} |" for one in figures]
    return "\n".join(lines) + "\n"


def with_tables(text: str) -> str:
    """``text`` with every marked table made anew from its figures."""
    return MARKED.sub(lambda m: m[1] + table(read_figures(m["name"])) + m[3], text)


def documents() -> list[Path]:
    """The documents that may hold tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> int:
    """Renew every table."""
    for path in documents():
        before = path.read_text()
        after = with_tables(before)
        if after != before:
            path.write_text(after)
            sys.stdout.write(f"renewed {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
