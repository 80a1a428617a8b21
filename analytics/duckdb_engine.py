"""The counts by DuckDB, embedded: nothing to install besides, nothing left behind."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from analytics.counts import (
    ANSWERS,
    PREPARED,
    STEPS,
    Asked,
    Figures,
    Row,
    figures,
    functions,
    query,
)
from analytics.engines import NoExport, checked, files_of
from analytics.view_paths import MACROS, quoted
from analytics.views import View, all_views, query_of

_LARGEST = 16 * 1024 * 1024
"""The largest resource, in bytes."""


class Opened:
    """An export that is read once and may be asked again and again. Close it after use."""

    def __init__(self, export: Path) -> None:
        """Reads the NDJSON files of a folder, ``Type.ndjson`` or ``Type.N.ndjson``.

        Raises NoExport where there are none, or one isn't NDJSON of FHIR, and WrongView.
        """
        import duckdb  # noqa: PLC0415 - heavy, and only this command needs it

        checked(export)
        self._connection = duckdb.connect()
        try:
            self._read(export)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            self.close()
            raise NoExport(f"{export} can't be read: {str(error).splitlines()[0]}") from error

    def _read(self, export: Path) -> None:
        execute = self._connection.execute
        execute("SET TimeZone = 'UTC'")
        for macro in MACROS:
            execute(macro)
        for each in functions("duckdb"):
            execute(f"CREATE MACRO {each.name}({', '.join(each.arguments)}) AS ({each.body})")
        for view in all_views():
            _make_view(self._connection, export, view)
        for step in PREPARED:
            execute(f"CREATE TABLE {step} AS {query(step)}")

    def figures(self, asked: Asked) -> Figures:
        """What was asked."""
        execute = self._connection.execute
        execute(f"CREATE OR REPLACE TABLE asked AS {asked.query}")
        for step in STEPS:
            execute(f"CREATE OR REPLACE TABLE {step} AS {query(step)}")
        (cases,) = execute("SELECT count(*) FROM outcome_case").fetchone() or (0,)
        answers = {name: _rows(self._connection, name) for name in ANSWERS}
        return figures("duckdb", asked, int(cases), answers)

    def close(self) -> None:
        """Let go of what was read."""
        self._connection.close()


def run(export: Path, asked: Asked) -> Figures:
    """The figures of an export. Raises NoExport and WrongView."""
    with closing(Opened(export)) as opened:
        return opened.figures(asked)


def _make_view(connection: Any, export: Path, view: View) -> None:
    files = ", ".join(quoted(str(path)) for path in files_of(export, view.resource))
    source = "(SELECT CAST(NULL AS JSON) AS body WHERE false)"
    if files:
        read = f"read_ndjson_objects([{files}], maximum_object_size={_LARGEST})"
        source = f"(SELECT json AS body FROM {read})"  # noqa: S608 - quoted names of files
    connection.execute(f"CREATE TABLE {view.name} AS {query_of(view, source)}")


def _rows(connection: Any, name: str) -> list[Row]:
    found = connection.execute(query(name))
    columns = [each[0] for each in found.description]
    return [_row(columns, values) for values in found.fetchall()]


def _row(columns: list[str], values: tuple[Any, ...]) -> Mapping[str, Any]:
    return dict(zip(columns, values, strict=True))
