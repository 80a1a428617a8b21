"""A site's own thresholds reach the queue, the card and the command line, or are told as wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clinical.indicator_settings import IndicatorSettings
from fhir_queries.declared import WrongSetting
from fhir_queries.indicator_file import indicator_settings


def _file(folder: Path, text: str) -> str:
    path = folder / "indicators.toml"
    path.write_text(text)
    return str(path)


def test_without_a_file_the_defaults_stand() -> None:
    assert indicator_settings("") == IndicatorSettings()


def test_a_sites_threshold_practices_and_sign_off_are_taken(tmp_path: Path) -> None:
    found = indicator_settings(
        _file(
            tmp_path,
            'news2_low_to = 3\narea_practices = ["l84001"]\nsigned_off = ["news2-low"]\n',
        )
    )
    assert found.news2_low_to == 3
    assert found.area_practices == {"L84001"}
    assert "news2-low" not in found.unverified


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("news2_low_to = 3\nnews_low = 4\n", "line 2: news_low is no setting"),
        ('frailty_from = "four"\n', "line 1: frailty_from is 'four'"),
        ("news2_low_to = 9\n", "news2_low_to (9) has to lie below"),
        ("news2_low_to = \n", "isn't TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WrongSetting, match=re.escape(said)):
        indicator_settings(_file(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="can't be read"):
        indicator_settings(str(tmp_path / "none.toml"))
