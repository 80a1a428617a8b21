"""The parts of the documents that are made from the code or from measured figures.

``make docs`` renews them between their markers::

    <!-- made: settings -->
    <!-- /made -->
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clinical.indicator_rules.facts import Rule
from clinical.indicator_settings import UNVERIFIED, IndicatorSettings
from clinical.indicators import RULES
from clinical.outcome_counts import DEFINITIONS
from clinical.review_steps import state_diagram
from fhir_queries.log import Line as ConnectionLine
from fhir_queries.open_metrics import METRICS
from fhir_queries.settings import PREFIX, RecordSettings
from pages.parts.logged import Line as ScreenLine
from tests.bench.figures import FIGURES, read_figures, table
from tests.browser.axe import OF_STREAMLIT

ROOT = Path(__file__).resolve().parents[2]
MARKED = re.compile(
    r"(<!-- made: (?P<name>[a-z-]+(?: [a-z-]+)?) -->\n).*?(<!-- /made -->)", re.DOTALL
)


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    """Every setting: its variable, its default, what it means."""

    def shown(default: Any) -> str:
        if isinstance(default, tuple):
            return ", ".join(map(str, default)) or "none"
        return str(default).lower() if isinstance(default, bool) else str(default) or "none"

    return _rows(
        ("variable", "in the TOML file", "default", "what it means"),
        [
            (
                f"`{PREFIX}{field.name.upper()}`",
                f"`{field.name}`",
                shown(field.default),
                field.metadata["doc"],
            )
            for field in dataclasses.fields(RecordSettings)
        ],
    )


def definitions_table() -> str:
    """Every named count of ``outcomes`` and of the manager's page, in words."""
    return _rows(
        ("count", "definition"), [(f"`{name}`", words) for name, words in DEFINITIONS.items()]
    )


def metrics_table() -> str:
    """Every metric that the feed may hold."""
    return _rows(("metric", "meaning"), [(f"`{name}`", words) for name, words in METRICS.items()])


def states() -> str:
    """The diagram of a review's states."""
    return f"```mermaid\n{state_diagram()}```\n"


def of_streamlit() -> str:
    """What Streamlit's own elements break, and what is done about each."""
    return _rows(
        ("rule", "element", "what", "themes", "what is done"),
        [
            (f"`{each.rule}`", f"`{each.element}`", each.what, ", ".join(each.themes), each.done)
            for each in OF_STREAMLIT
        ],
    )


def log_lines() -> str:
    """Every line that the log may hold."""
    rows = [("connection", f"`{line.name}`", line.value) for line in ConnectionLine]
    rows += [("screens", f"`{line.name}`", line.value) for line in ScreenLine]
    return _rows(("where", "line", "text"), rows)


def indicators() -> str:
    """Every indicator: what it says, what it counts as, whether its source was read."""

    def counts_as(rule: Rule) -> str:
        if rule.shown_only:
            return "shown only"
        against = [
            words
            for words, holds in (("red flag", rule.red_flag), ("senior review", rule.senior_review))
            if holds
        ]
        return ", ".join(against) or "speaks for"

    return _rows(
        ("indicator", "in words", "counts as", "source"),
        [
            (
                f"`{rule.name}`",
                rule.words.format(settings=IndicatorSettings()),
                counts_as(rule),
                "UNVERIFIED" if rule.name in UNVERIFIED else "named in the code",
            )
            for rule in RULES
        ],
    )


def indicator_numbers() -> str:
    """The thresholds of the indicators as they come."""
    defaults = IndicatorSettings()
    return _rows(
        ("key", "default"),
        [
            (f"`{each.name}`", str(getattr(defaults, each.name)))
            for each in dataclasses.fields(IndicatorSettings)
            if isinstance(each.default, int)
        ],
    )


MAKERS: Mapping[str, Callable[[], str]] = {
    "settings": settings_table,
    "definitions": definitions_table,
    "indicators": indicators,
    "indicator-numbers": indicator_numbers,
    "review-states": states,
    "log-lines": log_lines,
    "of-streamlit": of_streamlit,
    "metrics": metrics_table,
}


def make(name: str) -> str:
    """What stands between the markers of this name. Raises KeyError for a name nobody makes."""
    kind, _, of = name.partition(" ")
    return table(read_figures(of)) if kind == "figures" else MAKERS[name]()


def made_anew(text: str) -> str:
    """``text`` with every marked part made anew."""
    return MARKED.sub(lambda found: found[1] + make(found["name"]) + found[3], text)


def documents() -> list[Path]:
    """Every document of the project."""
    return [
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "deploy").rglob("*.md")),
        ROOT / "sandbox" / "README.md",
        ROOT / "sandbox" / "people" / "README.md",
    ]


def names_made() -> set[str]:
    """The names of all parts that some document holds."""
    return {found["name"] for path in documents() for found in MARKED.finditer(path.read_text())}


def names_to_make() -> set[str]:
    """The names of all parts that some document has to hold."""
    return set(MAKERS) | {f"figures {path.stem}" for path in FIGURES.glob("*.json")}


def main() -> int:
    """Renew every made part."""
    for path in documents():
        before = path.read_text()
        after = made_anew(before)
        if after != before:
            path.write_text(after)
            sys.stdout.write(f"renewed {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
