"""The licence is there, and every work of others that the repository carries is named with its own."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Where works of others lie; text files there are their licences and explanations.
CARRIED = ("app/static/vendor", "app/static/icons", "app/documents/fonts", "tests/vendor")
_TEXTS = {".LICENSE", ".md", ".txt"}


def _notice() -> list[list[str]]:
    """The rows of the table: files, work, licence, place of its text."""
    lines = (ROOT / "NOTICE").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] != "files" and not row[0].startswith("---")]


def test_the_licence_is_whole_and_named() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text[:200]
    assert "END OF TERMS AND CONDITIONS" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["license"] == "Apache-2.0"
    assert "Apache License 2.0" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_works_of_others_are_named_with_their_licence() -> None:
    named = {file for row in _notice() for file in row[0].split()}
    there = {
        str(path.relative_to(ROOT))
        for folder in CARRIED
        for path in (ROOT / folder).iterdir()
        if path.suffix not in _TEXTS
    }
    assert there <= named
    for _files, _work, _licence, text in _notice():
        assert len((ROOT / text).read_text(encoding="utf-8")) > 300, text
    assert not [file for file in named if not (ROOT / file).exists()]
