"""The documentation that is printed from the code is what the code prints; what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app.workflow import printing, registry

ROOT = Path(__file__).resolve().parents[2]


def test_the_printed_workflows_are_those_of_the_code(app_context: Flask) -> None:
    """docs/workflows.md is the output of `flask workflow docs`."""
    with force_locale("zh"):
        assert (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8") == printing.documentation(
            registry.all_workflows()
        )


def test_every_row_of_the_requirements_names_a_test_that_exists() -> None:
    """A row without a test is not done."""
    lines = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if re.match(r"\| (R|B)\d", line)]
    assert len(rows) > 25
    for row in rows:
        named = re.findall(r"`(tests/[\w/.]+)`", row[-2])
        assert named, f"no test for {row[1]}"
        for path in named:
            assert (ROOT / path).exists(), f"{row[1].strip()}: {path} does not exist"


def test_every_attack_names_a_test_that_exists() -> None:
    """An attack without a test may succeed tomorrow."""
    lines = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| ") and not line.startswith(("| **", "| attack"))]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/[\w/.]+)`", row[-2])
        assert named, f"no test against: {row[1].strip()}"
        assert all((ROOT / path).exists() for path in named), row[-2]


def test_the_requirements_name_the_places_where_they_are_met() -> None:
    """`cases/services.begin_case` is a file or folder under app/ (or a folder beside it) and a word in it."""
    lines = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    missing = []
    for cell in (line.split("|")[3] for line in lines if re.match(r"\| (R|B)\d", line)):
        for path, ending in re.findall(r"(?<![`\w/.])([a-z_0-9]+(?:/[a-z_0-9]+)+)(?:\.(\w+))?", cell):
            places = [top / path for top in (ROOT / "app", ROOT)]
            files = [place.with_suffix(".py") for place in places if place.with_suffix(".py").exists()]
            if files and ending and not re.search(rf"\b{ending}\b", files[0].read_text(encoding="utf-8")):
                missing.append(f"{path}.{ending}")
            if not files and not any(place.exists() or Path(f"{place}.{ending}").exists() for place in places):
                missing.append(path)
    assert not missing


def test_readme_names_the_demonstration_accounts() -> None:
    """The table is what `flask demo accounts` prints, and the password stands there once, as promised."""
    from trial.demo import country
    from trial.demo.listing import accounts_as_markdown

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert accounts_as_markdown() in readme
    assert f"密码 `{country.PASSWORD}`" in readme
