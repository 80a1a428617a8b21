"""Whether what stands in the record is what was sent: servers exist that say "done" and lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fhir_queries.references import local_reference

_THE_RECORDS_OWN = frozenset({"id", "meta", "text", "implicitRules"})


def stands(sent: Any, stored: Any, names: Mapping[str, str] | None = None) -> bool:
    """Whether everything in ``sent`` is in ``stored``.

    The record may add to it, and may write an instant or a reference in another form; ``names``
    are what temporary references (``urn:uuid:...``) became. Its own parts (id, meta, narrative)
    aren't compared.
    """
    return not differences(sent, stored, names)


def differences(sent: Any, stored: Any, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The paths at which ``stored`` isn't what was ``sent``; element names only, no values."""
    found: list[str] = []
    top = dict(sent)
    for own in _THE_RECORDS_OWN:
        top.pop(own, None)
    _compare(top, stored, "", names or {}, found)
    return tuple(found)


def _compare(sent: Any, stored: Any, path: str, names: Mapping[str, str], found: list[str]) -> None:
    if isinstance(sent, dict):
        if not isinstance(stored, dict):
            found.append(path)
            return
        for key, value in sent.items():
            _compare(value, stored.get(key), f"{path}.{key}" if path else key, names, found)
    elif isinstance(sent, list | tuple):
        if not isinstance(stored, list) or len(stored) != len(sent):
            found.append(path)
            return
        for one, other in zip(sent, stored, strict=True):
            _compare(one, other, path, names, found)
    elif not _same(sent, stored, path, names):
        found.append(path)


def _same(sent: Any, stored: Any, path: str, names: Mapping[str, str]) -> bool:
    if sent == stored and isinstance(sent, bool) == isinstance(stored, bool):
        return True
    if isinstance(sent, int | float | Decimal) and isinstance(stored, int | float | Decimal):
        return Decimal(str(sent)) == Decimal(str(stored))
    if not isinstance(sent, str) or not isinstance(stored, str):
        return False
    if path.endswith("reference"):
        wanted = names.get(sent, sent)
        return local_reference(wanted) == local_reference(stored) != ""
    return _same_instant(sent, stored)


def _same_instant(sent: str, stored: str) -> bool:
    if len(sent) < 17 or len(stored) < 17 or "T" not in sent:
        return False
    try:
        one, other = datetime.fromisoformat(sent), datetime.fromisoformat(stored)
    except ValueError:
        return False
    return one.tzinfo is not None and other.tzinfo is not None and one == other
