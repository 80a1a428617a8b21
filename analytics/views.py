"""ViewDefinitions (SQL on FHIR v2) as queries of DuckDB over a table of resources as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.view_paths import WrongView, compiled

FOLDER = Path(__file__).parent / "views"
_PARTS = frozenset({"column", "select", "forEach", "forEachOrNull"})
_ABOUT = frozenset(
    {"resourceType", "url", "name", "title", "description", "status", "fhirVersion", "resource"}
)
_CASTS = {"boolean": "BOOLEAN", "integer": "INTEGER"}


@dataclass(frozen=True, slots=True)
class View:
    """One ViewDefinition as its JSON says it."""

    name: str
    resource: str
    definition: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Its JSON, for an engine that reads ViewDefinitions itself."""
        return json.dumps(self.definition)


def all_views() -> tuple[View, ...]:
    """The views that the counts are made of."""
    return tuple(read_view(path) for path in sorted(FOLDER.glob("*.json")))


def read_view(path: Path) -> View:
    """The ViewDefinition of a file. Raises WrongView where it has no name or no resource type."""
    definition = json.loads(path.read_text("utf-8"))
    try:
        return View(str(definition["name"]), str(definition["resource"]), definition)
    except KeyError as missing:
        raise WrongView(f"{path.name} has no {missing.args[0]}") from None


def query_of(view: View, source: str) -> str:
    """The query that gives a view's rows.

    ``source`` is a table with one resource of the view's type in each row, as JSON, in a column
    ``body``; the macros of ``view_paths`` have to be there. Raises WrongView for what this runner
    doesn't do.
    """
    unknown = set(view.definition) - _ABOUT - {"select", "where"}
    if unknown:
        raise WrongView(f"{view.name}: {sorted(unknown)[0]!r} isn't known to this runner")
    query = _Query(view.resource, source)
    for part in view.definition["select"]:
        query.add(part, "body", at_root=True)
    for condition in view.definition.get("where", ()):
        query.keep(str(condition["path"]))
    return query.sql


class _Query:
    def __init__(self, resource: str, source: str) -> None:
        self._resource = resource
        self._columns: list[str] = []
        self._from = [source]
        self._where: list[str] = []

    @property
    def sql(self) -> str:
        kept = f" WHERE {' AND '.join(self._where)}" if self._where else ""
        columns, source = ", ".join(self._columns), " ".join(self._from)
        return f"SELECT {columns} FROM {source}{kept}"  # noqa: S608 - compiled, not typed in

    def keep(self, path: str) -> None:
        """Keep only the resources of which this path holds."""
        self._where.append(compiled(path, self._resource, "body", at_root=True).as_truth())

    def add(self, part: Mapping[str, Any], item: str, *, at_root: bool) -> None:
        """Add the columns of one ``select``, read from ``item``."""
        unknown = set(part) - _PARTS
        if unknown:
            raise WrongView(f"{sorted(unknown)[0]!r} isn't known to this runner")
        for word, join in (("forEach", "CROSS JOIN"), ("forEachOrNull", "LEFT JOIN")):
            if word in part:
                found = compiled(str(part[word]), self._resource, item, at_root=at_root)
                name = f"part{len(self._from)}"
                on = " ON TRUE" if join == "LEFT JOIN" else ""
                self._from.append(f"{join} LATERAL unnest({found.sql}) AS {name}(item){on}")
                item, at_root = f"{name}.item", False
        for column in part.get("column", ()):
            self._add_column(column, item, at_root)
        for inner in part.get("select", ()):
            self.add(inner, item, at_root=at_root)

    def _add_column(self, column: Mapping[str, Any], item: str, at_root: bool) -> None:
        if column.get("collection"):
            raise WrongView(f"{column['name']}: this runner has no columns of several values")
        found = compiled(str(column["path"]), self._resource, item, at_root=at_root)
        cast = _CASTS.get(str(column.get("type", "string")))
        sql = found.sql if found.truth else found.as_text()
        if cast is not None and not found.truth:
            sql = f"TRY_CAST({sql} AS {cast})"
        self._columns.append(f'{sql} AS "{column["name"]}"')
