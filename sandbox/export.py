"""Bulk export of the whole record: `$export` with the asynchronous pattern and NDJSON.

After the Bulk Data Access implementation guide (http://hl7.org/fhir/uv/bulkdata/export.html):
kick-off, status, files, and removal. All files of one export are of one state of the record.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from sandbox import definitions
from sandbox.dates import date_range
from sandbox.problems import Problem, bad_request
from sandbox.store import Store, instant

KEPT_EXPORTS = 8
STATUS = "$export-status"
FILE = "$export-file"
_FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
_PARAMETERS = ("_type", "_since", "_outputFormat")


@dataclass(slots=True)
class Export:
    """One export: what was asked, and how far it is."""

    name: str
    request: str
    types: tuple[str, ...]
    since: int
    now: int
    directory: Path
    counts: dict[str, int] = field(default_factory=dict)
    done: threading.Event = field(default_factory=threading.Event)
    failed: bool = False


class Exports:
    """The exports that were asked for; the oldest give way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._exports: OrderedDict[str, Export] = OrderedDict()

    def start(self, url: str, parameters: Mapping[str, str], now: int) -> str:
        """Begin an export and return its name. Raises Problem (400)."""
        unknown = set(parameters) - set(_PARAMETERS)
        if unknown:
            raise bad_request(f"$export takes {', '.join(_PARAMETERS)} only", "not-supported")
        if parameters.get("_outputFormat", _FORMATS[0]).replace(" ", "+") not in _FORMATS:
            raise bad_request("_outputFormat is application/fhir+ndjson", "not-supported")
        types = tuple(filter(None, parameters.get("_type", "").split(",")))
        for kind in types:
            if kind not in definitions.resource_types():
                raise bad_request(f"{kind[:60]} is not a resource type")
        since = -(2**62)
        if parameters.get("_since"):
            try:
                since = date_range(parameters["_since"].replace(" ", "+"))[0]
            except (ValueError, OverflowError) as error:
                raise bad_request("_since is an instant") from error
        directory = Path(tempfile.mkdtemp(prefix="record-export-"))
        export = Export(token_urlsafe(12), url, types, since, now, directory)
        with self._lock:
            self._exports[export.name] = export
            while len(self._exports) > KEPT_EXPORTS:
                _, oldest = self._exports.popitem(last=False)
                shutil.rmtree(oldest.directory, ignore_errors=True)
        threading.Thread(target=self._write, args=(export,), daemon=True).start()
        return export.name

    def _write(self, export: Export) -> None:
        try:
            with self._store.read() as connection:
                connection.set_progress_handler(None, 0)
                for kind in export.types or sorted(definitions.resource_types()):
                    rows = connection.execute(
                        "SELECT body FROM resource "
                        "WHERE type = ? AND deleted = 0 AND updated >= ? ORDER BY rid",
                        (kind, export.since),
                    )
                    self._write_type(export, kind, rows)
        except Exception:  # noqa: BLE001 - told to whoever asks for the status
            export.failed = True
        export.done.set()

    @staticmethod
    def _write_type(export: Export, kind: str, rows: Any) -> None:
        first = next(rows, None)
        if first is None:
            return
        count = 1
        with (export.directory / f"{kind}.ndjson").open("wb") as file:
            file.write(first[0] + b"\n")
            for (body,) in rows:
                file.write(body + b"\n")
                count += 1
        export.counts[kind] = count

    def find(self, name: str) -> Export:
        """An export by name. Raises Problem (404)."""
        with self._lock:
            export = self._exports.get(name)
        if export is None:
            raise Problem(404, "not-found", "there is no such export, or no longer")
        return export

    def manifest(self, name: str, base: str, *, secured: bool) -> dict[str, Any] | None:
        """What an export holds and where; None while it is being written.

        Raises Problem (404, 500).
        """
        export = self.find(name)
        if not export.done.is_set():
            return None
        if export.failed:
            raise Problem(500, "exception", "the export could not be written")
        return {
            "transactionTime": instant(export.now),
            "request": export.request,
            "requiresAccessToken": secured,
            "output": [
                {"type": kind, "url": f"{base}/{FILE}/{name}/{kind}.ndjson", "count": count}
                for kind, count in sorted(export.counts.items())
            ],
            "error": [],
        }

    def file(self, name: str, file_name: str) -> Path:
        """One file of a finished export. Raises Problem (404)."""
        export = self.find(name)
        kind = file_name.removesuffix(".ndjson")
        if not export.done.is_set() or kind not in export.counts:
            raise Problem(404, "not-found", "the export has no such file")
        return export.directory / f"{kind}.ndjson"

    def remove(self, name: str) -> None:
        """Forget an export and its files. Raises Problem (404)."""
        export = self.find(name)
        with self._lock:
            self._exports.pop(name, None)
        shutil.rmtree(export.directory, ignore_errors=True)

    def close(self) -> None:
        """Remove the files of all exports."""
        with self._lock:
            exports, self._exports = list(self._exports.values()), OrderedDict()
        for export in exports:
            shutil.rmtree(export.directory, ignore_errors=True)
