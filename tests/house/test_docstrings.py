"""A docstring says what the name does not: whose it is, what it raises, why. Where there is nothing to say, it is absent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SMALL = set(re.findall(r"\w+", "a an the of to and in for is its it as with on by one that this all be are from or"))
# What every door and every client does, said in its name already (app/rooms.py).
_IDLE = re.compile(r"(Open|Add|Close|Show|Return|Get)( the| all)? (API|APIs|pages?|commands?|connections?|lists?)\.")
_ENDINGS = ("ies", "es", "s", "ed", "ing")


def _stem(word: str) -> str:
    lower = word.lower()
    cut = next((end for end in _ENDINGS if lower.endswith(end) and len(lower) - len(end) >= 3), "")
    return lower.removesuffix(cut)


def _words(text: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)}


def _sentences(path: Path) -> Iterator[tuple[str, str, str]]:
    """(place, the names it has, its docstring) of everything in a file."""

    def inside(body: list[ast.stmt], names: str) -> Iterator[tuple[str, str, str]]:
        for node in body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                f"{names} {node.name}",
                ast.get_docstring(node) or "",
            )
            if isinstance(node, ast.ClassDef):
                yield from inside(node.body, f"{names} {node.name}")

    yield from inside(ast.parse(path.read_text(encoding="utf-8")).body, f"{path.parent.name} {path.stem}")


def _repeats(names: str, said: str) -> bool:
    if not said or re.search(r"[^\x00-\x7f]|\d", said):
        return False
    return bool(_IDLE.fullmatch(said)) or not (_words(said) - _words(names) - _SMALL)


def test_no_docstring_repeats_the_name() -> None:
    found = [
        one for name in ("app", "trial") for path in sorted((ROOT / name).rglob("*.py")) for one in _sentences(path)
    ]
    assert len(found) > 2000
    assert not [f"{place}: {said}" for place, names, said in found if _repeats(names, said)]
