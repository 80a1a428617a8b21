"""Settings and profiles: a wrong one is named, with its line and with what would be right."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from fhir_queries.declared import WrongSetting
from fhir_queries.profile import RecordProfile, load_profile, profile_names
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings, variables

ADDRESS = {"HANDOVER_RECORD_URL": "https://record.example/fhir"}


def test_an_argument_goes_before_a_variable_before_a_file_before_the_default(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('record_url = "https://file.example"\npool_size = 7\nrefresh_seconds = 9\n')
    environ = {**ADDRESS, "HANDOVER_SETTINGS": str(file), "HANDOVER_POOL_SIZE": "8"}
    settings = RecordSettings.read({"record_url": "https://argument.example"}, environ)
    assert settings.record_url == "https://argument.example"
    assert settings.pool_size == 8
    assert settings.refresh_seconds == 9
    assert settings.stale_seconds == 60


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"HANDOVER_RECRD_URL": "x"}, "Did you mean HANDOVER_RECORD_URL"),
        ({"HANDOVER_RECORD_URL": "record.example"}, "https://record.example/fhir"),
        ({"HANDOVER_RECORD_URL": "ftp://record.example"}, "http or https"),
        ({"HANDOVER_RECORD_URL": "http://[bad"}, "web address"),
        ({"HANDOVER_RECORD_URL": "https://me:secret@record.example"}, "HANDOVER_RECORD_TOKEN"),
        ({"HANDOVER_RECORD_URL": "https://record.example/fhir?x=1"}, "base address"),
        ({"HANDOVER_POOL_SIZE": "many"}, "HANDOVER_POOL_SIZE has to be a whole number"),
        ({"HANDOVER_POOL_SIZE": "0"}, "over 0"),
        ({"HANDOVER_READ_SECONDS": "nan"}, "over 0"),
        ({"HANDOVER_PLAIN_HTTP": "perhaps"}, "true, false"),
        ({"HANDOVER_CALLER_ROLE": "king"}, "community-clinician"),
        ({"HANDOVER_CA_FILE": "/no/such.pem"}, "no such file"),
        ({"HANDOVER_WAITING_MINUTES": "30,15"}, "15, 30, 45, 60"),
        ({"HANDOVER_WAITING_MINUTES": "15,x"}, "whole number"),
        ({"HANDOVER_SETTINGS": "/no/such.toml"}, "can't be read"),
    ],
)
def test_a_wrong_variable_is_named_with_what_would_be_right(
    environ: dict[str, str], words: str
) -> None:
    with pytest.raises(WrongSetting) as raised:
        RecordSettings.read({}, environ)
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pool_size = 4\npol_size = 5\n", ['line 2: "pol_size"', 'mean "pool_size"']),
        ('\n\npool_size = "4"\n', ["line 3", "a whole number"]),
        ("pool_size = true\n", ["line 1", "a whole number"]),
        ("departments = 7\n", ["line 1", "a list"]),
        ("[oops\n", ["isn't TOML"]),
    ],
)
def test_a_wrong_line_of_the_settings_file_is_told(
    text: str, words: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(WrongSetting) as raised:
        RecordSettings.read({}, {"HANDOVER_SETTINGS": str(file)})
    for word in words:
        assert word in str(raised.value)


def test_a_token_does_not_travel_unencrypted_to_another_machine() -> None:
    environ = {"HANDOVER_RECORD_URL": "http://record.example/fhir", "HANDOVER_RECORD_TOKEN": "t"}
    with pytest.raises(WrongSetting, match="https"):
        RecordSettings.read({}, environ)
    assert RecordSettings.read({}, {**environ, "HANDOVER_PLAIN_HTTP": "true"}).plain_http
    here = {**environ, "HANDOVER_RECORD_URL": "http://127.0.0.1:8080/fhir"}
    assert RecordSettings.read({}, here).record_token == "t"


def test_a_token_is_not_shown_with_the_settings() -> None:
    settings = RecordSettings.read({}, {**ADDRESS, "HANDOVER_RECORD_TOKEN": "of-the-record"})
    assert "of-the-record" not in repr(settings)


def test_a_record_that_nobody_named_is_asked_for() -> None:
    with pytest.raises(WrongSetting, match="HANDOVER_RECORD_URL"):
        SharedRecord.connect(RecordSettings.read({}, {}))


def test_every_setting_says_what_it_means_and_has_a_variable() -> None:
    for field in dataclasses.fields(RecordSettings):
        assert field.metadata["doc"].rstrip().endswith(".")
        assert f"HANDOVER_{field.name.upper()}" in variables()


@pytest.mark.parametrize("name", ["uk_core", "plain_r4", "bars"])
def test_the_profiles_that_come_with_the_program_can_be_read(name: str) -> None:
    assert name in profile_names()
    profile = load_profile(name)
    assert profile.name == name
    assert profile.title


def test_what_a_profile_leaves_out_is_as_in_uk_core(tmp_path: Path) -> None:
    file = tmp_path / "our_site.toml"
    file.write_text('[wait]\nstatuses = ["planned", "arrived"]\n')
    profile = load_profile(str(file))
    assert profile.name == "our_site"
    assert profile.wait.statuses == ("planned", "arrived")
    assert profile.wait.classes == load_profile("uk_core").wait.classes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('title = "x"\n[wait]\nstatusses = []\n', ["line 3", '"wait.statusses"', '"statuses"']),
        ('[wait]\nstatuses = ["arived"]\n', ["line 2", "'arived'", "'arrived'"]),
        ('[wait]\nstarts_at = "now"\n', ["line 2", "'status-history'"]),
        ("[wait]\nclasses = [7]\n", ["line 2", "text"]),
        ("[wiat]\n", ["line 1", '"wiat"', '"wait"']),
        ("wait = 7\n", ["line 1", "table"]),
        ('[searches]\nbatch = "maybe"\n', ["line 2", "'find-out'"]),
        ("[headers]\nX-Site = 7\n", ["text"]),
    ],
)
def test_a_wrong_line_of_a_profile_is_told(text: str, words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    with pytest.raises(WrongSetting) as raised:
        load_profile(str(file))
    for word in words:
        assert word in str(raised.value)


def test_a_profile_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(WrongSetting, match="bars, plain_r4, uk_core"):
        load_profile("uk-core")


def _fields(of: Any, prefix: str = "") -> list[tuple[str, dataclasses.Field[Any]]]:
    found = []
    for field in dataclasses.fields(of):
        value = getattr(of, field.name)
        if dataclasses.is_dataclass(value):
            found += _fields(value, f"{prefix}{field.name}.")
        else:
            found.append((f"{prefix}{field.name}", field))
    return found


def test_every_key_of_a_profile_is_in_the_docs_and_the_other_way_round() -> None:
    text = (Path(__file__).parents[3] / "docs" / "record-profiles.md").read_text()
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert documented == {name for name, _ in _fields(RecordProfile())}
