# Record servers that nobody here wrote, on loopback, for trying the app and for tests/servers.
# Each is left running until its -stop target; docs/servers.md says what each can and can't do.
MEDPLUM_PORT ?= 8103

.PHONY: medplum medplum-stop

medplum: $(VENV)/.test ## start Medplum's FHIR router (needs Node.js) on port 8103
	$(PY) -m tests.servers.start medplum --port $(MEDPLUM_PORT)

medplum-stop: $(VENV)/.test ## end it
	$(PY) -m tests.servers.start medplum --stop
