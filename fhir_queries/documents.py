"""A document of the record, opened: audited, bounded, and fetched from this record alone.

A document is a DocumentReference, a Media or the written form of a DiagnosticReport. Its files
stand in it (``attachment.data``), in a contained Binary, or in a Binary of the same record. An
address anywhere else is never followed: the record's token must not travel, and neither must the
fact that somebody reads about this patient.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from clinical.documents import OpenedDocument, OpenedFile
from clinical.person import Caller, Confidentiality
from fhir_queries.asking import Resource
from fhir_queries.errors import RecordError
from fhir_queries.history import read_source
from fhir_queries.port import Record
from fhir_queries.reading.attachments import (
    NO_KIND,
    OTHER_KIND,
    decoded,
    kind_of_file,
    may_be_opened,
    opened_file,
    refused,
)
from fhir_queries.reading.fields import mapping, objects, text
from fhir_queries.reading.people import confidentiality_of

OPENABLE = frozenset({"DocumentReference", "Media", "DiagnosticReport"})
MOST_FILES = 10
_MIB = 1 << 20
_BINARY = re.compile(r"Binary/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?")

NO_CONTENT = "The record holds no content of this document, only that it exists."
ELSEWHERE = "This file is kept by another system, which this app doesn't ask. It is not shown."
TOO_LARGE = "This file is larger than {most} MiB, the most that is opened here."
NOT_GIVEN = "The shared record didn't give this file. {why}"
MORE_FILES = "This document has further files, which are not shown."
RESTRICTED = "This document is marked as restricted, so it is not shown here."


def read_document(
    record: Record, caller: Caller, reference: str, *, patient_id: str, break_glass: str = ""
) -> OpenedDocument:
    """The document at ``reference`` with its files, each shown or refused with a sentence; audited.

    One that is itself marked as restricted is refused, unless ``break_glass`` gives the reason
    why restricted records are opened now.

    Raises NotFound where the record doesn't hold it, BadRecord where it is no document, and as
    ``read_source`` does.
    """
    resource = read_source(
        record, caller, reference, patient_id=patient_id, break_glass=break_glass
    )
    attachments = _attachments(resource)
    if _is_restricted(resource) and not break_glass:
        return OpenedDocument(reference, (refused({}, RESTRICTED),))
    if not attachments:
        return OpenedDocument(reference, (refused({}, NO_CONTENT),))
    files = [_file(record, resource, each) for each in attachments[:MOST_FILES]]
    if len(attachments) > MOST_FILES:
        files.append(refused({}, MORE_FILES))
    return OpenedDocument(reference, tuple(files))


def _attachments(resource: Resource) -> Sequence[dict[str, Any]]:
    match resource.get("resourceType"):
        case "DocumentReference":
            return [mapping(each.get("attachment")) for each in objects(resource.get("content"))]
        case "Media":
            return objects(resource.get("content"))
        case _:
            return objects(resource.get("presentedForm"))


def _is_restricted(resource: Resource) -> bool:
    codes = [
        code
        for label in objects(resource.get("securityLabel"))
        for code in objects(label.get("coding"))
    ]
    for labels in (resource, {"meta": {"security": codes}}):
        if confidentiality_of(labels) is not Confidentiality.NORMAL:
            return True
    return False


def _file(record: Record, resource: Resource, attachment: dict[str, Any]) -> OpenedFile:
    most = record.settings.document_mib
    too_large = TOO_LARGE.format(most=most)
    kind, size = kind_of_file(attachment), attachment.get("size")
    if not may_be_opened(kind):
        return refused(attachment, OTHER_KIND.format(kind=kind) if kind else NO_KIND)
    if type(size) is int and size > most * _MIB:
        return refused(attachment, too_large)
    data = attachment.get("data")
    if data is None:
        binary = _binary(record, resource, text(attachment.get("url")))
        if isinstance(binary, str):
            return refused(attachment, binary)
        data = binary.get("data")
    written = len(data) if isinstance(data, str) else 0
    content = decoded(data) if written <= most * _MIB * 3 // 2 else b""
    if (written and content == b"") or len(content or b"") > most * _MIB:
        return refused(attachment, too_large)
    return opened_file(attachment, content)


def _binary(record: Record, resource: Resource, address: str) -> Resource | str:
    """The Binary at this address, or the sentence that says why there is none."""
    if not address:
        return NO_CONTENT
    if address.startswith("#"):
        for contained in objects(resource.get("contained")):
            if contained.get("id") == address[1:] and contained.get("resourceType") == "Binary":
                return contained
        return NO_CONTENT
    own = record.settings.record_url.rstrip("/") + "/"
    local = address.removeprefix(own) if own != "/" else address
    if not _BINARY.fullmatch(local):
        return ELSEWHERE
    try:
        return record.fetch("/".join(local.split("/")[:2]))
    except RecordError as fault:
        return NOT_GIVEN.format(why=fault)
