"""Which resources match: the rows of a search, in order, as one SQL statement.

SQLite would have to guess which condition is the rare one (who waits now, among years of
arrivals). Each condition's index is asked instead, up to a limit, and the rarest leads.
"""

# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from typing import Any

from sandbox import schema, values
from sandbox.search.condition import Clause
from sandbox.search.query import SortKey

_FEW = 32
_MANY = 2000

_SORT_VALUES = ("code", "folded", "low", "target", "low", "uri")
"""The column to sort by, in the order of `schema.INDEX_TABLES`."""


def _leading(connection: sqlite3.Connection, clauses: Sequence[Clause]) -> int | None:
    """The position of the clause that fewest resources meet, None if none can lead."""
    candidates = [
        (position, clause)
        for position, clause in enumerate(clauses)
        if not clause.negative and clause.alternatives
    ]
    if len(candidates) < 2:
        return candidates[0][0] if candidates else None
    best, fewest = candidates[0][0], _MANY
    for position, clause in candidates:
        (rows,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({clause.rough_select()}) LIMIT {fewest})",
            clause.arguments,
        ).fetchone()
        if rows < fewest:
            best, fewest = position, rows
        if fewest <= _FEW:
            break
    return best


def _order(sort: Sequence[SortKey]) -> tuple[str, list[Any]]:
    keys, arguments = [], []
    for key in sort:
        direction = "DESC" if key.descending else "ASC"
        if key.parameter.code in {"_id", "_lastUpdated"}:
            column = "id" if key.parameter.code == "_id" else "updated"
            value = f"(SELECT {column} FROM resource WHERE rid = m.rid)"
        else:
            table = key.parameter.table
            pick = "max" if key.descending else "min"
            value = (
                f"(SELECT {pick}({_SORT_VALUES[table]}) FROM {schema.INDEX_TABLES[table]} "
                f"INDEXED BY {schema.INDEX_TABLES[table]}_rid WHERE rid = m.rid AND p = ?)"
            )
            arguments.append(key.parameter.number)
        keys.append(f"{value} {direction} NULLS LAST")
    return ", ".join([*keys, "m.rid"]), arguments


def matching(
    connection: sqlite3.Connection,
    resource_type: str,
    clauses: Sequence[Clause],
    sort: Sequence[SortKey] = (),
    limit: int | None = None,
) -> array[int]:
    """The row numbers of the resources that meet all clauses, in the order asked for."""
    lead = _leading(connection, clauses)
    arguments: list[Any]
    if lead is None:
        source, arguments = (
            "(SELECT rid FROM resource WHERE type = ? AND deleted = 0)",
            [resource_type],
        )
    else:
        distinct = "" if len(clauses[lead].alternatives) > 1 else "DISTINCT "
        select = clauses[lead].select()
        source = f"({select.replace('SELECT ', f'SELECT {distinct}', 1)})"
        arguments = list(clauses[lead].arguments)
    tests = []
    for position, clause in enumerate(clauses):
        if position != lead:
            tests.append(clause.test())
            arguments.extend(clause.arguments)
    order, order_arguments = _order(sort)
    sql = f"SELECT m.rid FROM {source} m"
    if tests:
        sql += " WHERE " + " AND ".join(tests)
    sql += f" ORDER BY {order}"
    if limit is not None:
        sql += f" LIMIT {limit}"
    return array("q", [row[0] for row in connection.execute(sql, [*arguments, *order_arguments])])


assert len(_SORT_VALUES) == len(schema.INDEX_TABLES) == values.URI + 1  # noqa: S101
