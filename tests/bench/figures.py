"""Figures that a benchmark measured, kept in ``figures/NAME.json``, and the tables made of them."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "figures"


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
