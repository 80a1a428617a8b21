"""The counts by Pathling on Spark, for a record too large for one machine.

The same ViewDefinitions and the same SQL as ``duckdb_engine``; Pathling reads the views itself.
It runs in an environment of its own (``make spark-venv``), since Spark brings much that the app
doesn't want, and on this machine alone: it binds to loopback.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from analytics.counts import (
    ANSWERS,
    PREPARED,
    STEPS,
    Asked,
    Figures,
    Function,
    figures,
    functions,
    query,
)
from analytics.engines import NoEngine, NoExport, checked
from analytics.views import View, all_views

HOME = Path(__file__).parents[1] / ".venv-spark"
READY = HOME / "ready"
"""Written when everything is there."""
NOT_REACHED = HOME / "maven-central-not-reached"
"""Written instead where everything is there but Pathling's jar."""
_JOB = Path(__file__).with_name("pathling_job.py")
_MEMORY = "2g"
_TYPES = {"boolean": "BOOLEAN", "integer": "INT"}


def run(export: Path, asked: Asked) -> Figures:
    """The figures of an export. Raises NoEngine where Pathling isn't set up or fails, NoExport."""
    checked(export)
    if not READY.exists():
        raise NoEngine("Pathling isn't set up on this machine: `make spark-venv` does it.")
    done = subprocess.run(  # noqa: S603 - our own job, by the Python that was set up for it
        [str(HOME / "bin" / "python"), str(_JOB)],
        input=json.dumps(_job(export, asked)),
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if done.returncode:
        raise NoEngine(f"Pathling failed: {_reason(done.stderr)}")
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise NoExport(f"Pathling gave no answer about {export}") from error
    return figures("pathling", asked, int(found["cases"]), found)


def _job(export: Path, asked: Asked) -> dict[str, Any]:
    tables = [
        *((name, query(name)) for name in PREPARED),
        ("asked", asked.query),
        *((name, query(name)) for name in STEPS),
    ]
    jar = next((HOME / "jars").glob("*.jar"))
    return {
        "export": str(export.resolve()),
        "cores": min(2, os.cpu_count() or 1),
        "settings": {
            "spark.driver.extraClassPath": str(jar),
            "spark.driver.memory": _MEMORY,
            "spark.sql.warehouse.dir": str(HOME / "warehouse"),
        },
        "views": [
            {"name": view.name, "resource": view.resource, "text": view.text, "empty": _empty(view)}
            for view in all_views()
        ],
        "functions": [_function(each) for each in functions("spark")],
        "tables": tables,
        "answers": [(name, query(name)) for name in ANSWERS],
    }


def _function(each: Function) -> str:
    arguments = ", ".join(f"{name} {kind}" for name, kind in each.arguments.items())
    return (
        f"CREATE OR REPLACE TEMPORARY FUNCTION {each.name}({arguments}) "
        f"RETURNS {each.returns} RETURN {each.body}"
    )


def _empty(view: View) -> str:
    """A table like this view with nothing in it: the export holds no such resource."""
    columns = ", ".join(
        f"CAST(NULL AS {_TYPES.get(column.get('type', ''), 'STRING')}) AS {column['name']}"
        for part in view.definition["select"]
        for column in part["column"]
    )
    return f"SELECT {columns} WHERE false"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR")
            if name in os.environ}  # fmt: skip
    return {**kept, "JAVA_HOME": str(HOME / "java"), "SPARK_LOCAL_IP": "127.0.0.1"}


def _reason(said: str) -> str:
    """The line of what was said that tells most: the last one that names an error."""
    lines = [line for line in said.splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line or "Exception" in line]
    return (named or lines or ["it said nothing"])[-1].strip()[:300]
