# Every target does its own set-up; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

.PHONY: run test lint venv docs screenshots record-answers lock clean help
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -hE '^[a-zA-Z_%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([^:]+):[^#]*## ?/  make \1\t/' | expand -t 24

$(VENV)/.app: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ...")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.test: $(VENV)/.app requirements-test.lock
	$(PY) -m pip install --quiet --require-hashes -r requirements-test.lock
	@touch $@

venv: $(VENV)/.test ## make .venv with the locked packages and the test tools

run: $(VENV)/.app ## start the embedded record and the app on http://localhost:8501
	$(PY) asgi.py

test: $(VENV)/.test ## run every test (STRICT=1: a left-out test is a failure)
ifdef ARGS
	HANDOVER_TEST_STRICT=$(STRICT) $(PY) -m pytest $(ARGS)
else
	together=0; HANDOVER_TEST_STRICT=$(STRICT) $(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not alone" || together=$$?; \
	HANDOVER_TEST_STRICT=$(STRICT) $(PY) -m pytest -m alone && exit $$together
endif

lint: $(VENV)/.test ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench-%: $(VENV)/.test ## run tests/bench/NAME.py and write figures/NAME.json
	$(PY) -m tests.bench.$(subst -,_,$*)

docs: $(VENV)/.test ## make anew the parts of the documents that come from code or figures
	$(PY) -m tests.docs.made

screenshots: $(VENV)/.test ## take the documents' pictures anew, on the way through the journey
	HANDOVER_SCREENSHOTS=1 HANDOVER_TEST_STRICT=1 $(PY) -m pytest tests/browser/test_journey.py

record-answers: $(VENV)/.test ## record anew, from the real server, the answers that tests replay
	$(PY) -m tests.recorded.record_answers

lock: ## renew the lock files (needs uv); names and hashes only, no host
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock
	uv pip compile pyproject.toml --group test --group lint --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements-test.lock
	uv pip compile --group spark --python-version 3.11 --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements-spark.lock

clean: ## remove what the other targets made (not the records people keep)
	rm -rf $(VENV) .venv-spark .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

include servers.mk
include spark.mk
