"""The source of the program, read once: what the guards of the house look through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """The Python files of these folders, in the order of their names."""
    return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def text(path: Path) -> str:
    """What stands in the file."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The file as Python reads it."""
    return ast.parse(text(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where it stands, as people write it."""
    return str(path.relative_to(ROOT)) + (f":{node.lineno}" if hasattr(node, "lineno") else "")


def module(path: Path) -> str:
    """The dotted name of the file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of the file."""
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def assigned(path: Path) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Everything that the file assigns to, each with its statement: names, attributes, items."""
    for node in ast.walk(tree(path)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is not None):
            targets = [node.target]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            yield from ((node, part) for part in parts)


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in the file."""
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def documentation(path: Path) -> set[int]:
    """The identities of the constants that are docstrings."""
    kinds = ast.Module | ast.ClassDef | Function
    return {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }
