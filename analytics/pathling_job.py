"""The counts by Pathling on Spark: what runs in the environment of its own (``make spark-venv``).

It reads a job from standard input and writes the answers to standard output, both as JSON. It
imports nothing of this project, which isn't installed there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ON_THIS_MACHINE_ONLY = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
}

AS_THE_VIEWS_NEED = {
    # Spark's pruning of nested columns loses every row of a view that takes two fields of one
    # element (period.start and period.end), without an error: Pathling's views are generators,
    # and the pruned generator no longer gives what the plan above it reads.
    "spark.sql.optimizer.nestedSchemaPruning.enabled": "false",
    "spark.sql.optimizer.expression.nestedPruning.enabled": "false",
}


def answers(job: dict[str, Any]) -> dict[str, Any]:
    """The rows of each answer, and how many cases there are."""
    from pathling import PathlingContext  # noqa: PLC0415 - only there where this is run
    from pyspark.sql import SparkSession  # noqa: PLC0415

    builder = SparkSession.builder.master(f"local[{job['cores']}]")
    for key, value in {**ON_THIS_MACHINE_ONLY, **AS_THE_VIEWS_NEED, **job["settings"]}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    context = PathlingContext.create(spark, enable_terminology=False, enable_extensions=True)
    held = {path.name.partition(".")[0] for path in Path(job["export"]).glob("*.ndjson")}
    source = context.read.ndjson(job["export"])
    for view in job["views"]:
        taken = view["resource"] in held
        frame = source.view(json=view["text"]) if taken else spark.sql(view["empty"])
        _keep(frame, view["name"])
    for function in job["functions"]:
        spark.sql(function)
    for name, query in job["tables"]:
        _keep(spark.sql(query), name)
    found: dict[str, Any] = {
        name: [row.asDict() for row in spark.sql(query).collect()] for name, query in job["answers"]
    }
    found["cases"] = spark.sql("SELECT count(*) AS many FROM outcome_case").collect()[0]["many"]
    spark.stop()
    return found


def _keep(frame: Any, name: str) -> None:
    """Work the table out here and now, so that what is made of it doesn't plan all of it again."""
    frame.localCheckpoint().createOrReplaceTempView(name)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(json.load(sys.stdin))))
