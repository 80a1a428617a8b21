"""``python -m fhir_queries``: the questions of the app, from a command line."""

from __future__ import annotations

import sys

from fhir_queries.command_line import main

if __name__ == "__main__":
    sys.exit(main())
