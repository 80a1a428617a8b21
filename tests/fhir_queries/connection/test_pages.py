"""Pages: only from the record's own origin, never in a circle, never silently unread."""

from __future__ import annotations

import pytest

from fhir_queries.asking import Answer, Search
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Sent, bundle, http, serving

EVERYBODY = Search("everybody", "Patient", ())
SECRET = "a-token-that-stays-here"


def patient(number: int) -> dict[str, str]:
    return {"resourceType": "Patient", "id": f"p{number}"}


def pages(*links: str):
    """Page N of one patient each; ``links[N]`` leads on from it. {base} is the record's own."""

    def respond(asked: Asked) -> Sent:
        number = int(dict(asked.params).get("page", "0"))
        base = f"http://{asked.headers['host']}/fhir"
        link = links[number].replace("{base}", base) if number < len(links) else ""
        return http(200, bundle(patient(number), next_link=link))

    return respond


def ask(record) -> Answer:
    return record.ask([EVERYBODY]).by_name["everybody"]


@pytest.mark.parametrize(
    "link",
    [
        "{base}/Patient?page=1",
        "{base}?page=1",
        "Patient?page=1",
        "?page=1",
        "/fhir/Patient?page=1",
        " {base}/Patient?page=1 ",
    ],
)
def test_a_next_link_in_any_form_is_followed(link: str) -> None:
    with serving(pages(link)) as server, connected(server.base) as record:
        found = ask(record)
        assert [one["id"] for one in found.matches] == ["p0", "p1"]
        assert found.complete


def test_a_next_link_to_another_host_is_not_followed_and_no_token_goes_there() -> None:
    with serving(pages()) as elsewhere:
        link = f"{elsewhere.base}/Patient?page=1"
        with (
            serving(pages(link)) as server,
            connected(server.base, record_token=SECRET) as record,
        ):
            found = ask(record)
        assert elsewhere.asked == []
        assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert not found.complete
    assert "was not read" in found.warnings[0]


@pytest.mark.parametrize(
    "link",
    [
        "//elsewhere.example/fhir?page=1",
        "http://127.0.0.1.elsewhere.example/fhir?page=1",
        "http://user@elsewhere.example/fhir?page=1",
        "ftp://127.0.0.1/fhir?page=1",
        "http://[bad",
        "javascript:alert(1)",
    ],
)
def test_a_next_link_that_is_no_page_of_the_record_is_said(link: str) -> None:
    with serving(pages(link)) as server, connected(server.base) as record:
        found = ask(record)
        assert not found.complete
        assert len(server.asked) == 1


def test_a_profile_may_put_page_links_on_the_records_own_address(tmp_path) -> None:
    profile = tmp_path / "behind_a_proxy.toml"
    profile.write_text('[searches]\npage_links = "on-our-address"\n')
    inner = "http://inner-name.example:8080/fhir/Patient?page=1"
    with serving(pages(inner)) as server, connected(server.base, profile=str(profile)) as record:
        assert len(ask(record).matches) == 2


def test_a_next_link_that_points_at_itself_ends() -> None:
    with serving(pages("?page=0")) as server, connected(server.base) as record:
        found = ask(record)
        assert len(found.matches) == 1
        assert not found.complete
        assert len(server.asked) <= 3


def test_pages_that_go_round_in_a_circle_end() -> None:
    with (
        serving(pages("?page=1", "?page=2", "?page=0")) as server,
        connected(server.base) as record,
    ):
        found = ask(record)
        assert [one["id"] for one in found.matches] == ["p0", "p1", "p2"]
        assert not found.complete


def test_links_that_are_always_new_and_bring_nothing_new_end() -> None:
    def respond(asked: Asked) -> Sent:
        number = int(dict(asked.params).get("again", "0"))
        return http(200, bundle(patient(0), next_link=f"?again={number + 1}"))

    with serving(respond) as server, connected(server.base) as record:
        assert not ask(record).complete
        assert len(server.asked) == 2


def test_pages_without_end_are_bounded_and_said() -> None:
    def respond(asked: Asked) -> Sent:
        number = int(dict(asked.params).get("page", "0"))
        return http(200, bundle(patient(number), next_link=f"?page={number + 1}"))

    with serving(respond) as server, connected(server.base, most_pages=5) as record:
        found = ask(record)
        assert len(found.matches) == 6
        assert not found.complete


@pytest.mark.parametrize("second", [http(500), http(200, b"{"), http(200, {"resourceType": "x"})])
def test_a_page_that_fails_leaves_the_rest_and_is_said(second: Sent) -> None:
    def respond(asked: Asked) -> Sent:
        return second if asked.params else http(200, bundle(patient(0), next_link="?page=1"))

    with serving(respond) as server, connected(server.base) as record:
        found = ask(record)
        assert len(found.matches) == 1
        assert not found.complete
        assert found.error is None


def test_one_page_is_one_page_and_said_to_be() -> None:
    search = Search("newest", "Patient", (), every_page=False)
    with serving(pages("?page=1")) as server, connected(server.base) as record:
        found = record.ask([search]).by_name["newest"]
        assert len(found.matches) == 1
        assert not found.complete


def test_a_total_without_links_is_read_on_by_offset() -> None:
    def respond(asked: Asked) -> Sent:
        offset = int(dict(asked.params).get("_offset", "0"))
        return http(200, bundle(*map(patient, range(offset, min(offset + 2, 5))), total=5))

    with serving(respond) as server, connected(server.base) as record:
        found = ask(record)
        assert len(found.matches) == 5
        assert found.complete
        assert len(server.asked) == 3


def test_a_total_that_counts_what_is_included_is_not_more() -> None:
    found = bundle(patient(0), {"resourceType": "Organization", "id": "o"}, total=2)
    with serving(lambda _: http(200, found)) as server, connected(server.base) as record:
        assert ask(record).complete
        assert len(server.asked) == 1


def test_the_deadline_bounds_all_pages_together() -> None:
    def respond(asked: Asked) -> Sent:
        number = int(dict(asked.params).get("page", "0"))
        answer = http(200, bundle(patient(number), next_link=f"?page={number + 1}"))
        return Sent([0.2, *answer.parts])

    with serving(respond) as server, connected(server.base) as record:
        found = record.ask([EVERYBODY], deadline=0.7).by_name["everybody"]
        assert 1 <= len(found.matches) <= 4
        assert not found.complete
