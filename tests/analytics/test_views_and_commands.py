"""The views say what the engines can do and no more, and the command says what went wrong."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics import pathling_engine, spark_setup
from analytics.command_line import main
from analytics.view_paths import MACROS, WrongView
from analytics.views import View, all_views, query_of

PATIENT = {
    "resourceType": "Patient",
    "id": "one",
    "active": True,
    "identifier": [
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"},
        {"system": "local", "value": "7"},
    ],
    "link": [
        {"other": {"reference": "https://record.example/fhir/Patient/two/_history/4"}},
        {"other": {"reference": "RelatedPerson/three"}},
    ],
    "extension": [
        {"url": "https://record.example/decile", "valueInteger": 4},
        {"url": "other", "valueInteger": 9},
    ],
    "name": None,
    "maritalStatus": {"text": "it's"},
}


def rows(select: list[dict[str, Any]], where: str = "") -> list[tuple[Any, ...]]:
    """What a view gives of that patient."""
    definition: dict[str, Any] = {"name": "v", "resource": "Patient", "select": select}
    if where:
        definition["where"] = [{"path": where}]
    with closing(duckdb.connect()) as connection:
        for macro in MACROS:
            connection.execute(macro)
        connection.execute("CREATE TABLE source AS SELECT CAST(? AS JSON) AS body",
                           [json.dumps(PATIENT)])  # fmt: skip
        query = query_of(View("v", "Patient", definition), "source")
        return sorted(connection.execute(query).fetchall())


def column(path: str, kind: str = "string") -> list[dict[str, Any]]:
    return [{"column": [{"name": "it", "path": path, "type": kind}]}]


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ("getResourceKey()", "string", "Patient/one"),
        ("identifier.where(system = 'local').value", "string", "7"),
        ("identifier.where(system = 'local' and value = '8').value", "string", None),
        ("identifier.where(system = 'local' or value = '8').exists()", "boolean", True),
        ("identifier.where(system != 'local').value", "string", "9990000026"),
        ("identifier.value.first()", "string", "9990000026"),
        ("link.other.getReferenceKey(Patient)", "string", "Patient/two"),
        ("extension('https://record.example/decile').value.ofType(integer)", "integer", 4),
        ("extension('nobody').value.ofType(integer)", "integer", None),
        ("name.family", "string", None),
        ("name.exists()", "boolean", False),
        ("active", "boolean", True),
        ("maritalStatus.text", "string", "it's"),
    ],
)
def test_paths_give_what_the_specification_says(path: str, kind: str, value: object) -> None:
    assert rows(column(path, kind)) == [(value,)]


def test_each_element_is_a_row_and_none_is_no_row_or_an_empty_one() -> None:
    inner = [{"name": "value", "path": "value"}]
    assert rows([{"forEach": "identifier", "column": inner}]) == [("7",), ("9990000026",)]
    assert rows([{"forEach": "telecom", "column": inner}]) == []
    assert rows([{"forEachOrNull": "telecom", "column": inner}]) == [(None,)]


def test_a_resource_that_is_not_wanted_is_no_row() -> None:
    assert rows(column("id"), where="active = 'false'") == []
    assert rows(column("id"), where="identifier.where(system = 'local').exists()") == [("one",)]


def test_several_values_where_one_is_wanted_are_an_error_and_not_the_first_of_them() -> None:
    with pytest.raises(duckdb.InvalidInputException, match="several values"):
        rows(column("identifier.value"))


@pytest.mark.parametrize(
    "path",
    ["name.count()", "identifier[0]", "active +", "identifier.where(", "a b", "active = true",
     "identifier.ofType(Thing).getResourceKey()", "link.where(other.getResourceKey() = 'x')"],
)  # fmt: skip
def test_a_path_that_is_not_known_is_refused(path: str) -> None:
    with pytest.raises(WrongView):
        rows(column(path))


@pytest.mark.parametrize(
    "select", [[{"unionAll": []}], [{"column": [{"name": "x", "path": "id", "collection": True}]}]]
)
def test_a_view_that_is_not_known_is_refused(select: list[dict[str, Any]]) -> None:
    with pytest.raises(WrongView):
        rows(select)


def test_every_view_is_named_as_its_file_and_takes_no_name_and_no_address() -> None:
    for view in all_views():
        assert (Path(view.definition["url"]).name, view.resource) == (
            view.name,
            view.definition["resource"],
        )
        for taken in ("name.", "address", "telecom"):
            assert f'"{taken}' not in view.text.replace(" ", "")


def test_a_folder_without_reviews_is_said_to_be_no_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--export", str(tmp_path), "--as-at", "2026-01-01"]) == 3
    assert "no Task.ndjson" in capsys.readouterr().err


def test_a_file_that_is_not_ndjson_is_said_to_be_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Task.ndjson").write_text("{nothing")
    assert main(["run", "--export", str(tmp_path), "--as-at", "2026-01-01"]) == 3
    assert "can't be read" in capsys.readouterr().err


def test_an_export_of_reviews_alone_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = {"resourceType": "Task", "id": "1", "status": "requested", "intent": "proposal",
            "code": {"coding": [{"code": "redirect-review"}]},
            "authoredOn": "2026-01-01T10:00:00Z"}  # fmt: skip
    (tmp_path / "Task.1.ndjson").write_text(json.dumps(task))
    asked = ["run", "--export", str(tmp_path), "--as-at", "2026-01-02"]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"][""]["flagged"] == {"yes": 1, "of": 1, "pending": 0, "unknown": 0}
    assert main(asked) == 0
    assert "flagged" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["yesterday", "2026-01-01T10:00:00"])
def test_a_time_without_its_offset_is_wrong_usage(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--export", str(tmp_path), "--as-at", wrong])
    assert ended.value.code == 2


def test_pathling_that_is_not_set_up_says_how_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Task.ndjson").write_text("")
    monkeypatch.setattr(pathling_engine, "READY", tmp_path / "ready")
    asked = ["run", "--export", str(tmp_path), "--as-at", "2026-01-01", "--engine", "pathling"]
    assert main(asked) == 3
    assert "make spark-venv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "code"), [("Unknown host central", 0), ("Could not find artifact", 1)]
)
def test_only_a_maven_central_that_cannot_be_reached_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    monkeypatch.setattr(spark_setup, "HOME", tmp_path)
    monkeypatch.setattr(spark_setup, "READY", tmp_path / "ready")
    monkeypatch.setattr(spark_setup, "NOT_REACHED", tmp_path / "not-reached")
    monkeypatch.setattr(spark_setup, "_fetch", lambda _jars: said)
    assert spark_setup.main() == code
    assert (tmp_path / "not-reached").exists() is (code == 0)
    assert not (tmp_path / "ready").exists()


def test_a_jar_that_is_not_the_one_that_was_tried_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(jars: Path) -> str:
        jars.mkdir()
        (jars / "library-runtime-9.4.0.jar").write_bytes(b"something else")
        return ""

    monkeypatch.setattr(spark_setup, "HOME", tmp_path)
    monkeypatch.setattr(spark_setup, "READY", tmp_path / "ready")
    monkeypatch.setattr(spark_setup, "_fetch", fetch)
    assert spark_setup.main() == 1
    assert not list((tmp_path / "jars").glob("*.jar"))
