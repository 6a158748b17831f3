"""What a comment, docstring or page of the documentation points to is there: in this repository, under this name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.notices.catalogue import shipped
from app.rooms import load_rooms
from app.workflow import registry
from tests.house.source import ROOT, files, place, text

_FOLDERS = ("app", "trial", "migrations", "deploy", "scripts", "tests")
_FILE = re.compile(r"(?<![\w/.{}*%:-])((?:[\w-]+/)*[\w-]+\.(?:py|md|toml|html|js|css|csv|sh|yaml))\b(?!\()")
_COMMENT = re.compile(r"(?m)(?:^|  )\s*# (.*)$")
_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_NAME = re.compile(r'"([a-z_]+)"')
_RULE = re.compile(r"\b[RB]\d{1,2}(?:\.\d{1,2})?\b")
# Plans, findings and pictures that whoever reads the program does not have, and machines on which it was written.
_ELSEWHERE = re.compile(
    r"\btraps? \d|\bfigs?\. ?\d|\bissue #?\d|\bfindings?\.md|/work/|/home/\w|\bapi\.md\b(?<!docs/api\.md)"
)
_OF_OTHERS = {"appbuilder/base.html": "the frame's page that is replaced", "setup.py": "what a package may have"}


def _said(path: Path) -> Iterator[str]:
    """Comments and docstrings of a file."""
    yield from _DOCSTRING.findall(text(path))
    yield from _COMMENT.findall(text(path))


@cache
def _names() -> frozenset[str]:
    """Every file of the repository by each ending of its path."""
    here = [path for path in ROOT.rglob("*") if path.is_file() and not {".git", ".venv"} & set(path.parts)]
    parts = [path.relative_to(ROOT).parts for path in here]
    return frozenset("/".join(one[first:]) for one in parts for first in range(len(one)))


@cache
def _rules() -> frozenset[str]:
    rows = _RULE.findall((ROOT / "docs" / "requirements.md").read_text(encoding="utf-8"))
    return frozenset({*rows, *(row.partition(".")[0] for row in rows)})


def _lost(said: str) -> Iterator[str]:
    yield from (found.group() for found in _ELSEWHERE.finditer(said))
    yield from (one for one in _FILE.findall(said) if one not in _names() and one not in _OF_OTHERS)


def test_what_comments_point_to_is_there() -> None:
    wrong = [
        f"{place(path)}: {one}"
        for path in files(*_FOLDERS)
        if path != Path(__file__)
        for said in _said(path)
        for one in (
            *_lost(said),
            *(rule for rule in _RULE.findall(said) if "app" in path.parts and rule not in _rules()),
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_what_the_documentation_points_to_is_there() -> None:
    pages = (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "app").rglob("*.md"))
    wrong = [f"{page.name}: {one}" for page in pages for one in _lost(page.read_text(encoding="utf-8"))]
    assert not wrong, "\n".join(wrong)


def test_every_notice_is_sent_by_somebody_and_every_one_sent_has_words() -> None:
    load_rooms()
    rows = [row for table in registry.all_workflows() for row in (*table.initial, *table.transitions)]
    declared = {notice.template for row in rows for notice in row.notices}
    worded = {name for name, _reader in shipped()}
    named = {name for path in files("app") for name in _NAME.findall(text(path))}
    assert not declared - worded
    assert not worded - declared - named
