"""What any FHIR R4 server should do, as data, and a runner that asks a server for it."""
