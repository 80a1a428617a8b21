"""Plain tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under headings, columns as wide as their widest cell; no trailing blanks."""
    cells = [[_one_line(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(headings))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _one_line(cell: str) -> str:
    """``cell`` without line breaks and control characters, which a terminal might obey."""
    kept = "".join(each if each.isprintable() else " " for each in cell)
    return " ".join(kept.split())


def plain(words: str) -> str:
    """``words`` as one printable line."""
    return _one_line(words)
