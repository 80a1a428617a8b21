"""The resources that change together, and how each of them is to be written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from fhir_queries.asking import Resource
from fhir_queries.checklist import CHECKLIST_IDENTIFIER
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.provenance import write_provenance
from fhir_queries.reading.fields import mapping, text
from fhir_queries.writes import Write


def _new_name() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


@dataclass(slots=True)
class Parts:
    """The resources of one decision, and how each is to be written."""

    task: Resource = field(default_factory=dict)
    response: Resource | None = None
    response_changes: bool = False
    referral: Resource | None = None
    referral_changes: bool = False
    provenance: Resource | None = None
    new_response_name: str = field(default_factory=_new_name)
    """What other parts call the checklist where it is new."""
    new_referral_name: str = field(default_factory=_new_name)

    def response_name(self) -> str:
        """How other parts refer to the checklist; empty where there is none."""
        return _name(self.response, self.new_response_name)

    def referral_name(self) -> str:
        """How other parts refer to the referral; empty where there is none or it is revoked."""
        if self.referral is None or self.referral.get("status") == "revoked":
            return ""
        return _name(self.referral, self.new_referral_name)

    def _write_response(self) -> Write | None:
        """The checklist's entry, None where it stays as it is."""
        if self.response is None or not self.response_changes:
            return None
        identifier = text(mapping(self.response.get("identifier")).get("value"))
        return _write(self.response, f"{CHECKLIST_IDENTIFIER}|{identifier}", self.new_response_name)

    def _write_referral(self) -> Write | None:
        """The referral's entry, None where it stays as it is."""
        if self.referral is None or not self.referral_changes:
            return None
        identifier = text(mapping(self.referral.get("identifier")).get("value"))
        return _write(self.referral, f"{REFERRAL_IDENTIFIER}|{identifier}", self.new_referral_name)

    def writes(self) -> list[Write]:
        """Everything to be written, the Task last: it alone says how the review stands."""
        found = [self._write_response(), self._write_referral()]
        if self.provenance is not None:
            found.append(write_provenance(self.provenance, str(self.task["id"])))
        found.append(put(self.task))
        return [each for each in found if each is not None]


def _name(resource: Resource | None, new: str) -> str:
    if resource is None:
        return ""
    identity = text(resource.get("id"))
    return f"{resource['resourceType']}/{identity}" if identity else new


def _write(resource: Resource, identifier: str, full_url: str) -> Write:
    kind = str(resource["resourceType"])
    if text(resource.get("id")):
        return put(resource)
    condition = f"identifier={identifier}"
    return Write("POST", resource, kind, if_none_exist=condition, full_url=full_url)


def put(resource: Resource) -> Write:
    """The entry that replaces the version that was read."""
    version = text(mapping(resource.get("meta")).get("versionId"))
    return Write("PUT", resource, f"{resource['resourceType']}/{resource['id']}", if_match=version)
