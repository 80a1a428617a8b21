"""The embedded shared record: a FHIR R4 server over SQLite, and made-up people to put in it."""
