"""Reading the interaction cases and sending their steps to a server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from uuid import uuid4

import httpx

HERE = Path(__file__).parent


class _Nothing:
    """What is at a path that leads nowhere."""

    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class InteractionCase:
    """Steps that a server answers as the specification says."""

    spec: str
    name: str
    steps: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """What pytest calls it."""
        return f"{self.spec} {self.name}"


def interaction_cases() -> Iterator[InteractionCase]:
    """All cases of interactions.toml."""
    with (HERE / "interactions.toml").open("rb") as file:
        for case in tomllib.load(file)["case"]:
            yield InteractionCase(case["spec"], case["name"], case["steps"])


def at(value: Any, path: str) -> Any:
    """What is at a dotted path of JSON; `_NOTHING` if there is nothing."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else _NOTHING
        elif isinstance(value, dict):
            value = value.get(step, _NOTHING)
        else:
            return _NOTHING
    return value


def _kept(bundle: Any, path: str) -> str:
    if path == "link[next]":
        return str(next(each["url"] for each in bundle["link"] if each["relation"] == "next"))
    return str(at(bundle, path))


def _matches(wanted: Any, told: Any) -> bool:
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return isinstance(told, str) and re.fullmatch(wanted[1:-1], told, re.DOTALL) is not None
    return type(wanted) is type(told) and bool(wanted == told)


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).safe_substitute(names)
    if isinstance(value, dict):
        return {key: _filled(content, names) for key, content in value.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    return value


def _version(answer: httpx.Response) -> str:
    """The version that a write made, as its ETag tells; empty if it made none."""
    if answer.status_code not in {200, 201}:
        return ""
    found = re.fullmatch(r'W/"(.+)"', answer.headers.get("ETag", ""))
    return found[1] if found else ""


def _faults(step: dict[str, Any], answer: httpx.Response) -> Iterator[str]:
    allowed = step["status"] if isinstance(step["status"], list) else [step["status"]]
    if answer.status_code not in allowed:
        yield f"answered {answer.status_code}, not {step['status']}: {answer.text[:300]}"
        return
    for name, pattern in step.get("headers", {}).items():
        if re.fullmatch(pattern, answer.headers.get(name, "")) is None:
            yield f"{name} is {answer.headers.get(name)!r}, not {pattern!r}"
    if step.get("empty") and answer.content:
        yield "has a body"
    if not {"json", "lacks", "ids"} & step.keys():
        return
    told = answer.json()
    for path, wanted in step.get("json", {}).items():
        if not _matches(wanted, at(told, path)):
            yield f"{path} is {at(told, path)!r}, not {wanted!r}"
    for path in step.get("lacks", []):
        if at(told, path) is not _NOTHING:
            yield f"{path} is there"
    if "ids" in step:
        there = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in told["entry"]}
        if there != set(step["ids"]):
            yield f"holds {sorted(there)}, not {step['ids']}"


def disagreement(client: httpx.Client, case: InteractionCase, server: str) -> str:
    """How a server's answers differ from what the specification says; empty if they don't."""
    names = {"unique": uuid4().hex[:12]}
    written = 0
    for number, raw in enumerate(case.steps, start=1):
        step = _filled(raw, names)
        if server not in step.get("only", [server]):
            continue
        method, _, path = step["send"].partition(" ")
        body = step["body"].encode() if "body" in step else None
        answer = client.request(method, path, content=body, headers=step.get("request", {}))
        if method in {"POST", "PUT", "PATCH"} and (version := _version(answer)):
            written += 1
            names[f"v{written}"] = version
        step = _filled(raw, names)
        faults = list(_faults(step, answer))
        if faults:
            return f"step {number}, {step['send']}: " + "; ".join(faults)
        for name, kept in step.get("keep", {}).items():
            names[name] = _kept(answer.json(), kept)
    return ""
