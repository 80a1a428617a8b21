"""Documents opened: shown as what they are, never run, and never fetched from anywhere else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.documents import OpenedFile, ShownAs
from clinical.person import Caller
from fhir_queries.asking import Resource
from fhir_queries.documents import ELSEWHERE, MOST_FILES, RESTRICTED, read_document
from fhir_queries.errors import BadRecord, NotFound, NotPermitted, RecordUnavailable
from fhir_queries.history import read_history
from fhir_queries.reading import attachments
from fhir_queries.reading.attachments import opened_file
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from sandbox.people.paper import drawing, pdf
from tests.fhir_queries.questions.shapes import Told, answered, of_patient

LETTER = b"Not to be given again.\n<script>alert(1)</script>"
PNG = drawing(("#.", "+#"))
HTML = b"<html onload='x()'>"
OWN = "https://record.example/fhir"


def base64(content: bytes) -> str:
    return b64encode(content).decode()


def hash_of(content: bytes) -> str:
    return base64(sha1(content, usedforsecurity=False).digest())


def attachment(content: bytes = LETTER, kind: str = "text/plain", **more: Any) -> dict[str, Any]:
    return {"contentType": kind, "data": base64(content), "title": "A letter", **more}


class Holding(Told):
    """A record with one document, and these Binaries."""

    def __init__(self, *attached: Any, binaries: dict[str, Any] | None = None, **more: Any) -> None:
        document = of_patient("DocumentReference", "d1", **more)
        document["content"] = [{"attachment": each} for each in attached]
        super().__init__({"source": answered("source", document)})
        self.settings = RecordSettings(record_url=OWN)
        self.binaries = binaries or {}
        self.fetched: list[str] = []

    def fetch(self, reference: str) -> Resource:
        """A Binary, or what is wrong with it."""
        self.fetched.append(reference)
        found = self.binaries[reference]
        if isinstance(found, Exception):
            raise found
        return {"resourceType": "Binary", **found}


def files(record: Holding, caller: Caller, **more: Any) -> tuple[OpenedFile, ...]:
    found = read_document(record, caller, "DocumentReference/d1", patient_id="p1", **more)
    return found.files


def only(record: Holding, caller: Caller) -> OpenedFile:
    (file,) = files(record, caller)
    return file


@pytest.mark.parametrize(
    ("content", "kind", "shown_as"),
    [
        (LETTER, "text/plain", ShownAs.TEXT),
        (LETTER, "text/plain; charset=utf-8", ShownAs.TEXT),
        (b'{"a": 1}', "application/json", ShownAs.TEXT),
        (pdf("A letter", "Words"), "application/pdf", ShownAs.PDF),
        (PNG, "image/png", ShownAs.IMAGE),
        (HTML, "text/html", ShownAs.SOURCE),
        (b"<svg onload='x()'/>", "image/svg+xml", ShownAs.SOURCE),
        (b"<a/>", "application/xml", ShownAs.SOURCE),
        (b"<ClinicalDocument/>", "application/hl7-v3+xml", ShownAs.SOURCE),
        (b"alert(1)", "application/javascript", ShownAs.SOURCE),
        (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument", ShownAs.NOT_SHOWN),
        (b"\xd0\xcf\x11\xe0", "application/msword", ShownAs.NOT_SHOWN),
        (b"II*\x00", "image/tiff", ShownAs.NOT_SHOWN),
        (LETTER, "", ShownAs.NOT_SHOWN),
        (LETTER, "application/octet-stream", ShownAs.NOT_SHOWN),
    ],
)
def test_each_kind_is_shown_as_what_it_is_or_refused_with_a_sentence(
    clinician: Caller, content: bytes, kind: str, shown_as: ShownAs
) -> None:
    file = only(Holding(attachment(content, kind)), clinician)
    assert file.shown_as is shown_as
    if shown_as in (ShownAs.TEXT, ShownAs.SOURCE):
        assert file.text == content.decode()
        assert not file.content
    elif shown_as is ShownAs.NOT_SHOWN:
        assert file.said
        assert not file.content
        assert not file.text
    else:
        assert file.content == content


@pytest.mark.parametrize(
    ("attached", "sentence"),
    [
        (attachment(data=base64(LETTER)[:-3]), attachments.NOT_WHOLE),
        (attachment(data="%%%"), attachments.NOT_WHOLE),
        (attachment(data=7), attachments.NOT_WHOLE),
        (attachment(data=""), attachments.EMPTY),
        (attachment(size=len(LETTER) + 1), "it is cut off or was changed"),
        (attachment(hash=hash_of(b"another letter")), attachments.OTHER_HASH),
        (attachment(HTML, "application/pdf"), "says that it is a PDF, and it isn't"),
        (attachment(PNG, "image/jpeg"), "says that it is a JPEG image, and it isn't"),
        (attachment(b"MZ\x00\x90", "text/plain"), "says that it is a text, and it isn't"),
        (attachment(PNG[:30], "image/png"), attachments.NOT_WHOLE),
        ({"contentType": "text/plain"}, "holds no content"),
        (attachment(size=11 << 20), "larger than 10 MiB"),
        (attachment(b"a" * (10 << 20) + b"b"), "larger than 10 MiB"),
    ],
)
def test_what_is_not_what_its_sender_recorded_is_not_shown(
    clinician: Caller, attached: dict[str, Any], sentence: str
) -> None:
    file = only(Holding(attached), clinician)
    assert file.shown_as is ShownAs.NOT_SHOWN
    assert sentence in file.said[0]


def test_a_file_that_agrees_with_its_size_and_hash_is_shown_plainly(clinician: Caller) -> None:
    right = attachment(size=len(LETTER), hash=hash_of(LETTER))
    assert only(Holding(right), clinician).said == ()
    other = only(Holding(attachment(hash="c29tZSBvdGhlciBoYXNo")), clinician)
    assert (other.shown_as, other.said) == (ShownAs.TEXT, (attachments.HASH_UNKNOWN,))


def test_an_image_that_would_unfold_to_gigabytes_is_refused(clinician: Caller) -> None:
    width = (100_000).to_bytes(4, "big")
    bomb = PNG[:16] + width + width + PNG[24:]
    file = only(Holding(attachment(bomb, "image/png")), clinician)
    assert file.shown_as is ShownAs.NOT_SHOWN


@pytest.mark.parametrize(
    ("kind", "content", "sure"),
    [
        ("text/plain; charset=utf-8", "Zoë 38°".encode(), True),
        ("text/plain", "Zoë 38°".encode("utf-8-sig"), True),
        ("text/plain; charset=windows-1252", "Zoë 38°".encode("cp1252"), True),
        ("text/plain", "Zoë 38°".encode("utf-16"), True),
        ("text/plain", "Zoë 38°".encode("cp1252"), False),
        ("text/plain; charset=no-such", "Zoë 38°".encode(), False),
    ],
)
def test_a_text_is_read_as_it_was_written(kind: str, content: bytes, sure: bool) -> None:
    file = opened_file(attachment(content, kind), content)
    assert file.text == "Zoë 38°"
    assert (attachments.ODD_LETTERS not in file.said) is sure


def test_a_very_long_text_is_cut_and_that_is_said() -> None:
    content = b"a" * (attachments.MOST_LETTERS + 1)
    file = opened_file(attachment(content), content)
    assert len(file.text) == attachments.MOST_LETTERS
    assert attachments.CUT in file.said


@pytest.mark.parametrize(
    "address", ["Binary/b1", f"{OWN}/Binary/b1", f"{OWN}/Binary/b1/_history/2"]
)
def test_a_file_in_a_binary_of_the_record_is_fetched_from_it(
    clinician: Caller, address: str
) -> None:
    kept = {"Binary/b1": {"contentType": "text/plain", "data": base64(LETTER)}}
    record = Holding({"contentType": "text/plain", "url": address}, binaries=kept)
    assert only(record, clinician).text == LETTER.decode()
    assert record.fetched == ["Binary/b1"]


def test_a_file_in_a_contained_binary_is_opened(clinician: Caller) -> None:
    inside = {"resourceType": "Binary", "id": "b", "data": base64(LETTER)}
    record = Holding({"contentType": "text/plain", "url": "#b"}, contained=[inside])
    assert only(record, clinician).text == LETTER.decode()
    assert record.fetched == []


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/Binary/b1",
        f"{OWN}.elsewhere.example/Binary/b1",
        "https://record.example@elsewhere.example/fhir/Binary/b1",
        f"{OWN}/../admin",
        f"{OWN}/Patient/p2",
        f"{OWN}/Binary/b1?x=1",
        "Binary/../Patient",
        "//elsewhere.example/Binary/b1",
        "file:///etc/passwd",
        "data:text/html,x",
        "urn:uuid:0",
    ],
)
def test_an_address_anywhere_else_is_never_followed(clinician: Caller, address: str) -> None:
    record = Holding({"contentType": "text/plain", "url": address})
    file = only(record, clinician)
    assert (file.shown_as, file.said) == (ShownAs.NOT_SHOWN, (ELSEWHERE,))
    assert record.fetched == []


def test_a_binary_that_the_record_does_not_give_is_said(clinician: Caller) -> None:
    record = Holding(
        {"contentType": "text/plain", "url": "Binary/b1"},
        attachment(),
        binaries={"Binary/b1": RecordUnavailable("timeout")},
    )
    missing, other = files(record, clinician)
    assert "can't be reached" in missing.said[0]
    assert other.shown_as is ShownAs.TEXT


def test_opening_is_audited_and_not_for_a_manager(clinician: Caller, manager: Caller) -> None:
    record = Holding(attachment())
    files(record, clinician)
    (event,) = record.audited
    assert [each["what"]["reference"] for each in event["entity"]] == [
        "Patient/p1",
        "DocumentReference/d1",
    ]
    with pytest.raises(NotPermitted):
        files(record, manager)
    with pytest.raises(NotFound):
        read_document(record, clinician, "DocumentReference/d2", patient_id="p1")
    with pytest.raises(BadRecord):
        read_document(record, clinician, "../Binary/b1", patient_id="p1")


def test_a_document_marked_as_restricted_needs_a_reason(clinician: Caller) -> None:
    label = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
        ]
    }
    record = Holding(attachment(), securityLabel=[label])
    (file,) = files(record, clinician)
    assert file.said == (RESTRICTED,)
    (opened,) = files(record, clinician, break_glass="has to know now")
    assert opened.shown_as is ShownAs.TEXT
    assert record.audited[-1]["purposeOfEvent"][0]["text"] == "has to know now"


def test_a_document_with_many_files_says_that_not_all_are_shown(clinician: Caller) -> None:
    found = files(Holding(*[attachment()] * (MOST_FILES + 2)), clinician)
    assert len(found) == MOST_FILES + 1
    assert found[-1].shown_as is ShownAs.NOT_SHOWN


ANY = st.none() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)


@given(
    st.dictionaries(
        st.sampled_from(["contentType", "data", "url", "size", "hash", "title"]), ANY, max_size=6
    ),
    st.sampled_from(["text/plain", "application/pdf", "image/png", "text/html", None]),
    st.binary(max_size=40),
)
def test_any_attachment_is_shown_or_refused_and_breaks_nothing(
    given_parts: dict[str, Any], kind: str | None, content: bytes
) -> None:
    attached = {"data": base64(content), **given_parts}
    if kind:
        attached["contentType"] = kind
    found = opened_file(attached, content)
    assert found.shown_as is not ShownAs.NOT_SHOWN or found.said


def test_the_documents_of_the_made_up_people_open(people: SharedRecord, clinician: Caller) -> None:
    _, record = read_history(people, clinician, "wait-01")
    shown = {
        entry.title: read_document(people, clinician, entry.reference, patient_id="person-01")
        .files[0]
        .shown_as
        for entry in record.sections["documents"].entries
    }
    assert shown == {
        "Discharge summary: urinary tract infection": ShownAs.TEXT,
        "Comprehensive geriatric assessment": ShownAs.PDF,
        "Sketch of the home: bed, commode, step": ShownAs.IMAGE,
        "Visit report of the home care provider": ShownAs.SOURCE,
        "Occupational therapy letter": ShownAs.PDF,
    }
