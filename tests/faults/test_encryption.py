"""TLS: a record that isn't who it says it is gets no token, and a slow handshake ends in time."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from time import perf_counter

import pytest

from fhir_queries.asking import Search
from fhir_queries.errors import BadRecord, RecordUnavailable
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Sent, bundle, http, serving

pytestmark = pytest.mark.alone
QUEUE = [Search("queue", "Encounter", ())]
TOKEN = "a-token-that-stays-here"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody but this test knows, with its key in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "certificate.pem"
    key = folder / "key.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    subprocess.run([*command, "-keyout", key, "-out", made], check=True, capture_output=True)
    made.write_text(made.read_text() + key.read_text())
    return made


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def answer(asked: Asked) -> Sent:
    return http(200, bundle({"resourceType": "Encounter", "id": "e1"}))


def test_a_record_whose_certificate_the_site_trusts_is_read(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    with (
        serving(answer, tls) as server,
        connected(server.base, ca_file=str(certificate), record_token=TOKEN) as record,
    ):
        assert len(record.ask(QUEUE).by_name["queue"].matches) == 1
        assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_record_whose_certificate_nobody_signed_gets_nothing(tls: ssl.SSLContext) -> None:
    with (
        serving(answer, tls) as server,
        connected(server.base, record_token=TOKEN) as record,
    ):
        with pytest.raises(RecordUnavailable) as raised:
            record.ask(QUEUE)
        assert "certificate" in raised.value.detail
        assert server.asked == []


def test_a_certificate_for_another_name_gets_nothing(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    with serving(answer, tls) as server:
        other = server.base.replace("127.0.0.1", "localhost")
        with (
            connected(other, ca_file=str(certificate)) as record,
            pytest.raises(RecordUnavailable) as raised,
        ):
            record.ask(QUEUE)
        assert "certificate" in raised.value.detail
        assert server.asked == []


def test_a_server_that_speaks_no_tls_gets_no_token() -> None:
    with serving(answer) as server:
        with (
            connected(server.base.replace("http:", "https:"), record_token=TOKEN) as record,
            pytest.raises(RecordUnavailable),
        ):
            record.ask(QUEUE)
        assert not any(TOKEN in str(one.headers) for one in server.asked)


def test_a_handshake_that_never_ends_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"https://127.0.0.1:{silent.getsockname()[1]}/fhir"
        with connected(base) as record:
            began = perf_counter()
            with pytest.raises(RecordUnavailable):
                record.ask(QUEUE)
            assert perf_counter() - began < 2.5


def test_a_redirect_from_https_to_http_is_not_followed(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    with serving(answer) as plain:
        away = http(302, None, {"Location": f"{plain.base}/Encounter"})
        with (
            serving(lambda _: away, tls) as server,
            connected(server.base, ca_file=str(certificate), record_token=TOKEN) as record,
            pytest.raises(BadRecord),
        ):
            record.ask(QUEUE)
        assert plain.asked == []


def test_a_page_link_that_says_http_is_read_over_https(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    def respond(asked: Asked) -> Sent:
        number = len(asked.params)
        link = "" if number else f"http://{asked.headers['host']}/fhir/Encounter?page=1"
        return http(200, bundle({"resourceType": "Encounter", "id": f"e{number}"}, next_link=link))

    with (
        serving(respond, tls) as server,
        connected(server.base, ca_file=str(certificate)) as record,
    ):
        found = record.ask(QUEUE).by_name["queue"]
        assert len(found.matches) == 2
        assert found.complete
