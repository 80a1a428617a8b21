# Pathling on Spark, in an environment of its own beside the app's: analytics/pathling_engine.py.
SPARK := .venv-spark

.PHONY: spark-venv test-spark

$(SPARK)/.packages: requirements-spark.lock
	test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

spark-venv: $(VENV)/.app $(SPARK)/.packages ## make .venv-spark with Pathling, its jar and a Java 21 (needs Maven)
	$(PY) -m analytics.spark_setup

test-spark: $(VENV)/.test spark-venv ## hold Pathling's figures against the page's
	$(PY) -m pytest tests/analytics -m spark $(ARGS)
