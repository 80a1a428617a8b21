"""Reading the cases, putting their resources into a server, and judging its answers.

Nothing here knows which server is asked: another one is a matter of another client.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
PREFIX = "cf-"
_MAX_PAGES = 40


@dataclass(frozen=True, slots=True)
class SearchCase:
    """One search and what it finds: names as in search.toml, or the status of a refusal."""

    spec: str
    name: str
    search: str
    finds: list[str] | int
    ordered: bool

    @property
    def title(self) -> str:
        """What pytest calls it."""
        return f"{self.spec.split()[0]} {self.name}"


def resources() -> list[dict[str, Any]]:
    """The resources that the searches are about."""
    loaded: list[dict[str, Any]] = json.loads((HERE / "resources.json").read_text("utf-8"))
    return loaded


def search_cases() -> Iterator[SearchCase]:
    """All cases of search.toml."""
    with (HERE / "search.toml").open("rb") as file:
        groups = tomllib.load(file)["group"]
    for group in groups:
        for name, search, finds in group["cases"]:
            yield SearchCase(group["spec"], name, search, finds, group.get("ordered", False))


def store(client: httpx.Client) -> None:
    """Put the resources into a server, those that others refer to first."""
    for resource in resources():
        answer = client.put(f"{resource['resourceType']}/{resource['id']}", json=resource)
        answer.raise_for_status()


def pages(client: httpx.Client, search: str) -> Iterator[dict[str, Any]]:
    """The pages of a search, each a Bundle, by their next links."""
    url: str | None = search
    for _ in range(_MAX_PAGES):
        if url is None:
            return
        answer = client.get(url)
        answer.raise_for_status()
        bundle: dict[str, Any] = answer.json()
        yield bundle
        url = next(
            (link["url"] for link in bundle.get("link", []) if link["relation"] == "next"), None
        )
    raise AssertionError("the pages don't end")


def found(client: httpx.Client, search: str) -> list[str]:
    """What a search finds among our resources, named as in search.toml."""
    names = []
    for bundle in pages(client, search):
        for entry in bundle.get("entry", []):
            resource, mode = entry["resource"], entry.get("search", {}).get("mode", "match")
            if not str(resource.get("id", "")).startswith(PREFIX):
                continue
            identity = resource["id"].removeprefix(PREFIX)
            name = identity if mode == "match" else f"+{resource['resourceType']}/{identity}"
            names.append(name)
    return names


def disagreement(client: httpx.Client, case: SearchCase) -> str:
    """How a server's answer differs from what the specification says; empty if it doesn't."""
    if isinstance(case.finds, int):
        answer = client.get(case.search)
        if answer.status_code != case.finds:
            return f"answered {answer.status_code}, not {case.finds}"
        if answer.json().get("resourceType") != "OperationOutcome":
            return "refused without an OperationOutcome"
        return ""
    names = found(client, case.search)
    if len(set(names)) != len(names):
        return f"gave something twice: {names}"
    same = names == case.finds if case.ordered else sorted(names) == sorted(case.finds)
    return "" if same else f"found {names}, not {case.finds}"
