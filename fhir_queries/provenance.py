"""Who did what to which resources, when and why: the Provenance of a decision or its undoing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clinical.checklist import Override
from clinical.moments import utc_text
from clinical.person import Caller
from fhir_queries.asking import Resource
from fhir_queries.audit import ODS
from fhir_queries.reading.fields import mapping, objects, text
from fhir_queries.reading.review_notes import actor
from fhir_queries.reading.reviews import OUTCOME_SYSTEM
from fhir_queries.review_task import reference_to
from fhir_queries.writes import Write

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def provenance(
    caller: Caller,
    activity: str,
    at: datetime,
    targets: Sequence[str],
    *,
    override: Override | None = None,
    why: str = "",
    revised: Sequence[Resource] = (),
) -> Resource:
    """The Provenance: ``targets`` are references, ``revised`` the versions that stood before."""
    agents = [_agent("author", reference_to(caller))]
    if caller.organisation:
        agents[0]["onBehalfOf"] = {
            "identifier": {"system": ODS, "value": caller.organisation},
            "display": caller.organisation_name or caller.organisation,
        }
    if override is not None:
        agents.append(
            _agent(
                "verifier",
                {
                    "identifier": {"system": caller.user_system, "value": override.by_user},
                    "display": override.by_name,
                },
            )
        )
    made: Resource = {
        "resourceType": "Provenance",
        "target": [{"reference": each} for each in targets if each],
        "occurredDateTime": utc_text(at),
        "recorded": utc_text(at),
        "activity": {"coding": [{"system": OUTCOME_SYSTEM, "code": activity}]},
        "agent": agents,
    }
    if why:
        made["reason"] = [{"text": why}]
    entities = [{"role": "revision", "what": {"reference": _version(each)}} for each in revised]
    if entities:
        made["entity"] = entities
    return made


def write_provenance(made: Resource, task: str) -> Write:
    """Its entry: found again by its Task and time, so that it is written once."""
    condition = f"target=Task/{task}&recorded={made['recorded']}"
    return Write("POST", made, "Provenance", if_none_exist=condition)


def signed(made: Resource, activity: str, user: str) -> bool:
    """Whether a Provenance says that ``user`` did ``activity``."""
    codings = objects(mapping(made.get("activity")).get("coding"))
    authors = [actor(each.get("who")) for each in objects(made.get("agent"))]
    by = next((each.user for each in authors if each is not None), "")
    return by == user and activity in [text(each.get("code")) for each in codings]


def _agent(kind: str, who: Resource) -> dict[str, Any]:
    return {"type": {"coding": [{"system": _PARTICIPANT, "code": kind}]}, "who": who}


def _version(resource: Resource) -> str:
    version = text(mapping(resource.get("meta")).get("versionId"))
    reference = f"{resource['resourceType']}/{resource['id']}"
    return f"{reference}/_history/{version}" if version else reference
