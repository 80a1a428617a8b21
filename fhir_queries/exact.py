"""JSON as the record sent it: fast for reading, exact for what is written back.

``orjson`` reads a number as a float, so 1.10 would go back as 1.1, and a FHIR decimal's
precision is part of its meaning. What may be written back is therefore read with ``Decimal``,
whose digits go out again as they came.
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson

from fhir_queries.errors import BadRecord
from fhir_queries.pieces import read_in_pieces

_BOM = b"\xef\xbb\xbf"
_LARGE = 1 << 20
"""From here on a Bundle is read in pieces, and what can't be cut by ``json``: ``orjson`` works in
memory of some 17 times the octets."""


def read_fast(body: bytes) -> Any:
    """The JSON of ``body``; numbers with a fraction are floats. Raises BadRecord."""
    large = len(body) > _LARGE
    if large:
        with suppress(ValueError, RecursionError):
            return read_in_pieces(body)
    try:
        return json.loads(body) if large else orjson.loads(body)
    except (ValueError, RecursionError):
        return _read_patiently(body, float)


def read_exact(body: bytes) -> Any:
    """The JSON of ``body``; numbers with a fraction are Decimals. Raises BadRecord."""
    return _read_patiently(body, Decimal)


def write_exact(resource: Any) -> bytes:
    """The JSON of ``resource``, with each Decimal digit for digit.

    Raises TypeError for what JSON can't hold.
    """
    return orjson.dumps(resource, default=_digits)


def _digits(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} can't be JSON")


def _read_patiently(body: bytes, number: type[float] | type[Decimal]) -> Any:
    """Reads what strict parsers refuse in one string or number, since the rest is still good.

    Octets that aren't UTF-8 and halves of surrogate pairs become U+FFFD; NaN becomes null.
    """
    text = body.removeprefix(_BOM).decode("utf-8", errors="replace")
    if not text.strip():
        raise BadRecord("the answer is empty")
    if text.lstrip()[0] == "<":
        raise BadRecord("the answer is markup, not JSON")
    try:
        found = json.loads(text, parse_float=number, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise BadRecord("the answer isn't JSON, or is cut short") from None
    return _whole_characters(found) if "\\ud" in text.lower() else found


def _whole_characters(found: Any) -> Any:
    if isinstance(found, str):
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(found, list):
        return [_whole_characters(one) for one in found]
    if isinstance(found, dict):
        return {_whole_characters(key): _whole_characters(one) for key, one in found.items()}
    return found
