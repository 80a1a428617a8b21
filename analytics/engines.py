"""What every engine raises, and how it finds an export's files."""

from __future__ import annotations

from pathlib import Path


class NoEngine(RuntimeError):
    """The engine isn't set up on this machine; the message says how it is."""


class NoExport(RuntimeError):
    """The folder holds no export of a record, or one that can't be read; the message says which."""


def files_of(export: Path, resource: str) -> list[Path]:
    """The files of one type of resource, as a Bulk Data export names them: ``Task.ndjson``, or
    ``Task.1.ndjson`` and so on.
    """
    return sorted([*export.glob(f"{resource}.ndjson"), *export.glob(f"{resource}.*.ndjson")])


def checked(export: Path) -> Path:
    """The folder, where it holds reviews. Raises NoExport."""
    if not files_of(export, "Task"):
        raise NoExport(f"{export} holds no Task.ndjson: that is no export of a record with reviews")
    return export
