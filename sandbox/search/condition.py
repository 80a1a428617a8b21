# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound
"""A condition of a search as SQL over the index tables, and how its text is taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Alternative:
    """Rows of one index table any of which makes a resource match."""

    table: str
    where: str
    arguments: tuple[Any, ...]

    def select(self) -> str:
        """SQL for the row numbers of the resources that match."""
        return f"SELECT rid FROM {self.table} WHERE {self.where}"

    def test(self) -> str:
        """SQL for whether the resource `m` matches, by looking at its own rows only."""
        by = "" if self.table == "resource" else f" INDEXED BY {self.table}_rid"
        return f"EXISTS (SELECT 1 FROM {self.table}{by} WHERE rid = m.rid AND ({self.where}))"


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition that a search puts on its matches."""

    alternatives: tuple[Alternative, ...]
    negative: bool = False

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The values of the placeholders, in order."""
        return tuple(value for each in self.alternatives for value in each.arguments)

    def select(self) -> str:
        """SQL for the row numbers that match; only for clauses that are not negative."""
        return " UNION ".join(each.select() for each in self.alternatives)

    def rough_select(self) -> str:
        """As `select`, with some perhaps twice: SQLite need not gather all before the first."""
        return " UNION ALL ".join(each.select() for each in self.alternatives)

    def test(self) -> str:
        """SQL for whether the resource `m` meets the clause."""
        tests = " OR ".join(each.test() for each in self.alternatives) or "0"
        return f"NOT ({tests})" if self.negative else f"({tests})"


def split_unescaped(text: str, separator: str) -> list[str]:
    r"""Split at each separator that no backslash escapes (search.html 2.21.1.5.7)."""
    parts = re.split(rf"((?:[^\\{re.escape(separator)}]|\\.)*)", text, flags=re.DOTALL)
    found, current = [], ""
    for part in parts:
        if part == separator:
            found.append(current)
            current = ""
        else:
            current += part
    return [*found, current]


def unescaped(text: str) -> str:
    r"""The text with `\,`, `\|`, `\$` and `\\` read as the characters they stand for."""
    return re.sub(r"\\([,|$\\])", r"\1", text)
