"""Every text is found by the collector of the catalogue: what it cannot see stays English on the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import files, place, tree

# What the texts are marked with, and how many arguments are texts.
MARKS = {"_": 1, "_l": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "lazy_ngettext": 2}


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def unseen(path: Path, source: ast.Module) -> Iterator[str]:
    """Calls for a translation inside f-strings (the collector takes those for one text), and of what is no literal."""
    for node in ast.walk(source):
        if isinstance(node, ast.JoinedStr):
            yield from (place(path, one) for one in ast.walk(node) if _called(one) in MARKS)
        name = _called(node)
        if isinstance(node, ast.Call) and name in MARKS:
            texts = node.args[: MARKS[name]]
            if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts) or not texts:
                yield place(path, node)


def test_the_catalogue_sees_every_text() -> None:
    assert [one for path in files("app") for one in unseen(path, tree(path))] == []


def test_the_look_finds_what_it_looks_for() -> None:
    here = Path(__file__)
    for wrong in ("f\"{_('Answer until')} {day}\"", "_(text)", "_(f'{a} b')", "ngettext('one', many, 2)", "_()"):
        assert list(unseen(here, ast.parse(wrong))), wrong
    for right in ("_('Answer until %(day)s', day=day)", "ngettext('one', 'many', 2)", "f'{day}'"):
        assert not list(unseen(here, ast.parse(right))), right
