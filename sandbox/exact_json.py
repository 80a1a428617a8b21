"""JSON that keeps numbers as they were written: 1.10 stays 1.10.

FHIR's decimals carry their precision in their digits ("the precision of the decimal value has
significance", http://hl7.org/fhir/R4/datatypes.html#decimal), which a float loses.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


class ExactDecimal(float):
    """A JSON number with a fraction, exponent or many digits, and the text it came as."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> ExactDecimal:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[ExactDecimal], tuple[str]]:
        return ExactDecimal, (self.text,)


def _integer(text: str) -> int | ExactDecimal:
    # orjson writes no integer beyond 64 bits; FHIR allows one wherever it allows a decimal.
    return int(text) if len(text) < 18 and text != "-0" else ExactDecimal(text)


def _not_json(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_float=ExactDecimal, parse_int=_integer, parse_constant=_not_json)


def loads(body: bytes | str) -> Any:
    """The value of a JSON text; raises ValueError for anything that is not JSON in UTF-8."""
    text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _exactly(value: Any) -> Any:
    if isinstance(value, ExactDecimal):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")


def dumps(value: Any) -> bytes:
    """The value as compact JSON; raises ValueError for text that UTF-8 can't carry."""
    try:
        return orjson.dumps(value, default=_exactly)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error
