"""A large Bundle is read in pieces, and nobody can tell: not a field of it is read otherwise."""

from __future__ import annotations

import json
import random
from typing import Any

import orjson
import pytest

from fhir_queries import exact, pieces
from fhir_queries.errors import BadRecord
from fhir_queries.exact import read_fast
from fhir_queries.pieces import read_in_pieces

NASTY = (
    '"},{"fullUrl":"x',
    '\\"},{\\"fullUrl\\":',
    '},{"fullUrl": ',
    '"Bundle"',
    "\\",
    "Zoë 🚑",
    '"fullUrl"',
    "],[{}",
    "",
)


def observation(number: int, luck: random.Random) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "note": [{"text": luck.choice(NASTY)} for _ in range(luck.randrange(4))],
        "valueQuantity": {"value": luck.choice((4.1, 120, -0.0, 1e22)), "unit": "mmol/L"},
    }


def searchset(count: int, luck: random.Random) -> dict[str, Any]:
    entries = [
        {
            "fullUrl": f"https://record.example/fhir/Observation/o{number}",
            "resource": observation(number, luck),
            "search": {"mode": "match"},
        }
        for number in range(count)
    ]
    link = [{"relation": "next", "url": "https://record.example/fhir?page=2"}]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": count,
        "entry": entries,
        "link": link,
    }


def batch(counts: list[int], luck: random.Random) -> dict[str, Any]:
    answers: list[Any] = [{"response": {"status": "201 Created"}}]
    for count in counts:
        answer = {"response": {"status": "200 OK"}, "resource": searchset(count, luck)}
        answers.append(answer if luck.random() < 0.5 else dict(reversed(answer.items())))
    return {"resourceType": "Bundle", "type": "batch-response", "entry": answers}


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PIECE", 1500)
    monkeypatch.setattr(exact, "_LARGE", 0)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("indent", [None, 1])
def test_an_answer_in_pieces_is_the_answer_as_it_stands(seed: int, indent: int | None) -> None:
    luck = random.Random(seed)  # noqa: S311 - test data
    for bundle in (searchset(80, luck), batch([0, 1, 2, 60, 3, 70], luck)):
        for body in (json.dumps(bundle, indent=indent).encode(), orjson.dumps(bundle)):
            assert repr(read_in_pieces(body)) == repr(json.loads(body))
            assert repr(read_fast(body)) == repr(json.loads(body))


@pytest.mark.usefixtures("small_pieces")
def test_it_really_is_taken_apart() -> None:
    body = orjson.dumps(searchset(80, random.Random(1)))  # noqa: S311 - test data
    cuts = list(pieces._cuts(body))
    assert len(cuts) > 5
    assert sum(end - start for start, end in cuts) > len(body) * 0.9
    assert max(end - start for start, end in cuts) < 4 * pieces._PIECE


@pytest.mark.usefixtures("small_pieces")
def test_entries_of_a_bundle_inside_a_resource_are_left_to_the_other_way() -> None:
    luck = random.Random(2)  # noqa: S311 - test data
    document = {"resourceType": "Parameters", "parameter": [{"resource": searchset(50, luck)}]}
    body = json.dumps(document).encode()
    with pytest.raises(ValueError, match="elsewhere"):
        read_in_pieces(body)
    assert read_fast(body) == document


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b'{"resourceType":"Bundle","entry":[]}',
        b'{"resourceType":"Bundle","fullUrl":1,"entry":["fullUrl",{"fullUrl":2}]}',
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": {}}] * 900}).encode(),
    ],
)
def test_what_offers_nowhere_to_cut_is_read_whole(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut|unexpected"):
        read_in_pieces(body)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_fault_in_a_piece_is_the_same_fault(place: float) -> None:
    body = orjson.dumps(searchset(80, random.Random(3)))  # noqa: S311 - test data
    at = body.index(b'{"fullUrl"', int(len(body) * place))
    for broken in (body[:at], body[:at] + b"," + body[at:], body[:at] + b"}" + body[at:]):
        with pytest.raises(BadRecord):
            read_fast(broken)
    name = body.index(b'"status":"final"', at) + len(b'"status":"')
    bad = body[:name] + b"\xff" + body[name + 1 :]
    read = read_fast(bad)
    assert len(read["entry"]) == 80
    assert any(entry["resource"]["status"] == "\ufffdinal" for entry in read["entry"])
