"""What one search has brought so far: read entry by entry, so that no entry costs another."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from fhir_queries.asking import Answer, Reading, Resource, Search
from fhir_queries.errors import BadRecord, RecordError
from fhir_queries.faults import error_of, not_supported, read_outcome
from fhir_queries.log import Line, say
from fhir_queries.references import fulfils_all, names_somebody_else

Params = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Gathering:
    """One search under way. ``params`` are those that were really sent."""

    search: Search
    params: Params
    matches: list[Resource] = field(default_factory=list)
    included: dict[str, Resource] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """Ids of what was received of the type searched for, kept or not."""
    set_aside: int = 0
    complete: bool = True
    withheld: bool = False
    warnings: list[str] = field(default_factory=list)
    error: RecordError | None = None
    unsupported: bool = False
    next_link: str = ""
    total: int | None = None
    patient_id: str = ""
    about_others: int = 0
    unfiltered: int = 0
    postponed: bool = False
    """Not sent as it is: another way of asking fills it in."""

    @property
    def answered(self) -> bool:
        """Whether the record answered this search at all."""
        return self.error is None and not self.unsupported and not self.postponed

    def take_failure(self, error: RecordError, body: Any = None) -> None:
        """Note that this search, or a further page of it, failed."""
        self.next_link = ""
        if self.matches or self.seen:
            self.complete = False
            self.warnings.append("Not every page could be read.")
            return
        self.unsupported = not_supported(error, body)
        self.withheld = self.withheld or read_outcome(body).withheld
        self.error = error

    def start_again(self, params: Params) -> None:
        """Forget a failure, to ask once more with other ``params``."""
        self.error, self.unsupported, self.withheld = None, False, False
        self.params = params

    def become(self, other: Gathering) -> None:
        """Hold what ``other`` brought in place of what this one did."""
        self.start_again(other.params)
        self.matches, self.seen = other.matches, other.seen
        self.included, self.next_link, self.total = other.included, other.next_link, other.total
        self.set_aside, self.unfiltered = other.set_aside, other.unfiltered
        self.about_others, self.complete = other.about_others, other.complete
        self.postponed = False

    def take_status(self, status: int, body: Any) -> int:
        """Take one answer with its HTTP status; gives how many new matches it brought."""
        if not 200 <= status < 300:
            self.take_failure(error_of(status, body), body)
            return 0
        return self.take(body)

    def take(self, bundle: Any) -> int:
        """Take one page; gives how many new matches it brought. Never raises."""
        self.next_link = ""
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            said = read_outcome(bundle)
            self.take_failure(BadRecord("the answer to a search is no Bundle"), bundle)
            self.warnings.extend(said.words)
            return 0
        entries = bundle.get("entry", ())
        if entries is None:
            entries = ()
        if not isinstance(entries, list | tuple):
            self.take_failure(BadRecord("the entries of a Bundle are no list"))
            return 0
        before = len(self.matches)
        self._take_entries(entries)
        total = bundle.get("total")
        self.total = total if isinstance(total, int) else None
        self.next_link = _next_link(bundle)
        return len(self.matches) - before

    def _take_entries(self, entries: Any) -> None:
        """Most entries are a match that names its patient, or included: the short way."""
        wanted, matches, seen = self.search.resource_type, self.matches, self.seen
        included = self.included
        patient = f"Patient/{self.patient_id}" if self.patient_id else ""
        expect = self.search.expect
        for entry in entries:
            try:
                resource = entry["resource"]
                own_id, kind = resource["id"], resource["resourceType"]
                if type(own_id) is not str or not own_id:
                    pass
                elif kind == wanted:
                    if (
                        entry["search"]["mode"] == "match"
                        and own_id not in seen
                        and (not patient or resource["subject"]["reference"] == patient)
                        and (not expect or fulfils_all(resource, expect))
                    ):
                        seen.add(own_id)
                        matches.append(resource)
                        continue
                elif type(kind) is str and kind and kind != "OperationOutcome":
                    included[f"{kind}/{own_id}"] = resource
                    continue
            except (KeyError, TypeError, IndexError):
                pass
            self._take_entry(entry, patient)

    def _take_entry(self, entry: Any, patient: str) -> None:
        resource = entry.get("resource") if type(entry) is dict else None
        kind = resource.get("resourceType") if type(resource) is dict else None
        if resource is None or type(kind) is not str or not kind:
            self.set_aside += 1
            return
        wanted = self.search.resource_type
        if kind == "OperationOutcome" and wanted != kind:
            self._take_outcome(resource)
            return
        mode = entry.get("search")
        mode = mode.get("mode") if type(mode) is dict else None
        own_id = resource.get("id")
        own_id = own_id if type(own_id) is str else ""
        if kind != wanted or mode == "include":
            if own_id:
                self.included[f"{kind}/{own_id}"] = resource
            else:
                self.set_aside += 1
            return
        if own_id in self.seen:
            return
        if own_id:
            self.seen.add(own_id)
        if patient and names_somebody_else(resource, patient):
            self.about_others += 1
        elif not fulfils_all(resource, self.search.expect):
            self.unfiltered += 1
        else:
            self.matches.append(resource)

    def _take_outcome(self, resource: Resource) -> None:
        said = read_outcome(resource)
        self.warnings.extend(said.words)
        self.withheld = self.withheld or said.withheld
        if said.failed:
            self.complete = False

    def answer(self) -> Answer:
        """What came of it."""
        name = self.search.name
        if self.unsupported:
            reading, error = Reading.NOT_SUPPORTED, self.error
        elif self.error is not None:
            reading, error = Reading.FAILED, self.error
            say(Line.SEARCH_FAILED, logging.WARNING, search=name, error=type(error).__name__)
        else:
            reading, error = Reading.ANSWERED, None
        if self.set_aside:
            say(Line.SET_ASIDE, logging.WARNING, search=name, entries=self.set_aside)
        if self.unfiltered:
            say(Line.FILTERED_HERE, search=name, entries=self.unfiltered)
        warnings = list(dict.fromkeys(self.warnings))
        if self.about_others:
            say(Line.FILTERED_HERE, logging.WARNING, search=name, entries=self.about_others)
            warnings.append(
                f"{self.about_others} left out: the record sent what is about somebody else."
            )
        return Answer(
            name=name,
            reading=reading,
            matches=self.matches,
            included=self.included,
            set_aside=self.set_aside,
            complete=self.complete,
            warnings=tuple(warnings),
            withheld=self.withheld,
            error=error,
        )


def begin(search: Search, params: Params) -> Gathering:
    """A search about to be sent with ``params``."""
    return Gathering(search, params, patient_id=patient_of(search.params))


def patient_of(params: Params) -> str:
    """The one Patient's id that a search is about; empty where it isn't about one."""
    for name, value in params:
        if name in ("patient", "subject", "patient:Patient", "subject:Patient"):
            kind, _, own_id = value.rpartition("/")
            if "," not in value and kind in ("", "Patient"):
                return own_id
    return ""


def _next_link(bundle: Resource) -> str:
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return ""
