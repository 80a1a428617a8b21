# Record servers that nobody here wrote, on loopback, for trying the app and for tests/servers.
# Each is left running until its -stop target; docs/servers.md says what each can and can't do.
MEDPLUM_PORT ?= 8103
HAPI_PORT ?= 8104
# FLAGS=--empty leaves the made-up people out. For HAPI, --h2 keeps it in memory (a quick try)
# and --validate refuses what isn't base R4.
FLAGS ?=

.PHONY: medplum medplum-stop hapi hapi-stop test-hapi servers-page

medplum: $(VENV)/.test ## start Medplum's FHIR router (needs Node.js) on port 8103
	$(PY) -m tests.servers.start medplum --port $(MEDPLUM_PORT) $(FLAGS)

medplum-stop: $(VENV)/.test ## end it
	$(PY) -m tests.servers.start medplum --stop

hapi: $(VENV)/.test ## start HAPI FHIR on PostgreSQL (needs Java 17, Maven) on port 8104
	$(PY) -m tests.servers.start hapi --port $(HAPI_PORT) $(FLAGS)

hapi-stop: $(VENV)/.test ## end it and remove its database
	$(PY) -m tests.servers.start hapi --stop

test-hapi: $(VENV)/.test ## run tests/servers on all three servers, HAPI too (minutes)
	HANDOVER_TEST_HAPI=1 $(PY) -m pytest tests/servers $(ARGS)

servers-page: $(VENV)/.test ## ask all three servers everything and write docs/servers.md (minutes)
	$(PY) -m tests.servers.report
