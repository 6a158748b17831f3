"""For babel: the texts of a module, and the first sentences of APIs and their methods, which the description tells in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from babel.messages.extract import extract_python

_REQUIREMENT = re.compile(r" \(R\d[^)]*\)")  # as app/fab/openapi.py leaves them out


def extract(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[int, Any, Any, Any]]:
    """What pybabel finds, and one message for each class that names a resource and each method with @describe."""
    yield from extract_python(fileobj, keywords, comment_tags, options)
    fileobj.seek(0)
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and _is_told(node):
            text = _REQUIREMENT.sub("", ast.get_docstring(node, clean=False) or "").strip().split("\n\n")[0]
            yield node.lineno, "gettext", " ".join(text.split()).removesuffix("."), []


def _is_told(node: ast.FunctionDef | ast.ClassDef) -> bool:
    if isinstance(node, ast.FunctionDef):
        return any(map(_is_describe, node.decorator_list))
    names = {ast.unparse(target) for one in node.body if isinstance(one, ast.Assign) for target in one.targets}
    return bool(names & {"resource_name", "route_base"}) and node.name.endswith("Api")


def _is_describe(one: ast.expr) -> bool:
    return isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "describe"
