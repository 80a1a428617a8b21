"""A large Bundle, read a piece at a time.

``orjson`` works in memory of some 17 times the octets it is given: beyond a few hundred KiB the
system has to find that memory anew for each answer, which costs more than the reading. Cut between
its entries, a Bundle of any size is read in the memory of one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import uuid4

import orjson

_PIECE = 1 << 17
_MARK = b'"fullUrl"'
"""The first key of an entry. Inside a string its quotes would be escaped."""
_BUNDLE = b'"Bundle"'


def read_in_pieces(body: bytes) -> Any:
    """The JSON of ``body``, a Bundle of entries or of Bundles.

    Raises ValueError where it can't be cut, or isn't JSON: it is then to be read whole.
    """
    token = f"{uuid4()} "
    rest: list[bytes] = []
    pieces: list[list[Any]] = []
    done = 0
    for start, end in _cuts(body):
        # What is whole between brackets stood in one list, so it may be taken out of it
        pieces.append(orjson.loads(b"[" + body[start:end] + b"]"))
        rest += (body[done:start], orjson.dumps(token + str(len(pieces) - 1)))
        done = end
    if not pieces:
        raise ValueError("nowhere to cut")
    rest.append(body[done:])
    whole = b"".join(rest)
    if len(whole) > len(body) // 2:
        raise ValueError("not enough to cut")
    bundle = orjson.loads(whole)
    if _put_back(bundle, token, pieces) != len(pieces):
        raise ValueError("cut elsewhere than between the entries of a Bundle")
    return bundle


def _cuts(body: bytes) -> Iterator[tuple[int, int]]:
    """Where entries that may be read for themselves begin and end, comma not included.

    None reaches from one Bundle into another: what is around them stays where it is.
    """
    for first, last in pairwise([*_all(body, _BUNDLE), len(body)]):
        end = _before(body, body.rfind(_MARK, first, last))[0]
        start = _before(body, body.find(_MARK, first, last))[1]
        while 0 <= start < end:
            comma, following = end, end
            if end - start > 2 * _PIECE:
                comma, following = _before(body, body.find(_MARK, start + _PIECE, end))
            if comma <= start:
                break
            yield start, comma
            start = following


def _all(body: bytes, sought: bytes) -> Iterator[int]:
    at = body.find(sought)
    while at >= 0:
        yield at
        at = body.find(sought, at + 1)


def _before(body: bytes, mark: int) -> tuple[int, int]:
    """Where the comma and the brace before a mark stand; -1 for what isn't there."""
    brace = -1 if mark < 0 else _last_but_blanks(body, mark)
    if brace < 0 or body[brace : brace + 1] != b"{":
        return -1, -1
    comma = _last_but_blanks(body, brace)
    return (comma if body[comma : comma + 1] == b"," else -1), brace


def _last_but_blanks(body: bytes, end: int) -> int:
    while end > 0 and body[end - 1] in b" \t\r\n":
        end -= 1
    return end - 1


def _put_back(bundle: Any, token: str, pieces: list[list[Any]]) -> int:
    """Put each piece where its placeholder stands in the entries; gives how many were."""
    found = 0
    inner = [_entries(entry.get("resource")) for entry in _entries(bundle) if type(entry) is dict]
    for entries in (_entries(bundle), *inner):
        for at in range(len(entries) - 1, -1, -1):
            entry = entries[at]
            if type(entry) is str and entry.startswith(token):
                entries[at : at + 1] = pieces[int(entry.removeprefix(token))]
                found += 1
    return found


def _entries(bundle: Any) -> list[Any]:
    entries = bundle.get("entry") if type(bundle) is dict else None
    return entries if type(entries) is list else []
