"""What the documents say is there, and what is there they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fhir_queries.log import Line
from pages.parts.who import SCREENS
from tests.docs.made import ROOT, documents, made_anew, names_made, names_to_make

README = (ROOT / "README.md").read_text()
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)(#[^)]*)?\)")


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_made_from_the_code_is_as_the_code_has_it(path: Path) -> None:
    assert path.read_text() == made_anew(path.read_text()), "run `make docs`"


def test_every_made_part_and_every_figure_stands_in_some_document() -> None:
    assert names_made() == names_to_make()


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = [
        found[1]
        for found in LINK.finditer(path.read_text())
        if not (path.parent / found[1]).exists()
    ]
    assert broken == []


def test_the_readme_names_every_command_of_the_command_line() -> None:
    code = (ROOT / "fhir_queries" / "command_line.py").read_text()
    commands = re.findall(r'\bcommand\("([a-z]+)"', code)
    assert len(commands) >= 4
    assert [name for name in commands if f"| `{name}" not in README] == []


def test_the_readme_names_every_screen() -> None:
    assert [screen.title for screen in SCREENS if screen.title not in README] == []


def test_the_readme_names_every_target_of_the_makefile_that_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text() + (ROOT / "servers.mk").read_text()
    makefile += (ROOT / "spark.mk").read_text()
    targets = re.findall(r"^([a-z-]+)(?:-%)?:.*##", makefile, re.MULTILINE)
    assert [name for name in targets if f"make {name}" not in README] == []


def test_the_code_names_only_documents_that_are_there() -> None:
    named = {
        found
        for path in ROOT.rglob("*.py")
        if not path.parts[len(ROOT.parts)].startswith(".venv")
        for found in re.findall(r"docs/[a-z-]+\.md", path.read_text())
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_log_line_is_said_somewhere_in_the_code() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "fhir_queries").rglob("*.py"))
    assert [line.name for line in Line if f"Line.{line.name}" not in code] == []
