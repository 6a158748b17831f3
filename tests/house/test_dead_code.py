"""Nothing stands here that nobody uses: functions, classes, constants, pinned packages, CSS classes."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import flask_appbuilder
import pytest

from app import rooms

ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"[A-Za-z_]\w*")
# Who else reaches a name, where no line of the program does.
REACHED_FROM_OUTSIDE = {
    "app.operations.pages._Figures.collect": "the registry of prometheus_client asks its collectors for it",
    "app.documents.snapshots.AgreementSnapshot": "the shape that docstrings name; a snapshot is plain JSON",
    "app.fab.security.Reader.get_id": "Flask-Login asks a user for it",
    "app.fab.security.Reader.get_full_name": "Flask-AppBuilder asks a user for it",
    "app.destination.types.declared.withdraw_declaration": "for tests that declare a type",
    "app.web.templates.compile_all": "deploy/gunicorn_conf.py calls it when the web server starts",
    "trial.bank_gateway.Handler.do_GET": "http.server calls it by the method of the request",
    "trial.bank_gateway.Handler.do_PUT": "the same",
    "trial.sms_gateway.Handler.do_GET": "the same",
    "trial.sms_gateway.Handler.do_POST": "the same",
    "trial.company_register.Handler.do_GET": "http.server calls it by the method of the request",
    "trial.postgres.Postgres.drop_database": "for tests that make databases of their own",
}
# Pinned, used, and imported by no file of the product.
USED_OTHERWISE = {
    "psycopg-binary": "the compiled half of psycopg",
    "tzdata": "the time zones of zoneinfo where the system has none",
}


@dataclass(frozen=True)
class Name:
    """Something that is defined in a file."""

    module: str
    path: str  # within the module: function, Class or Class.method
    line: int

    @property
    def last(self) -> str:
        """What others write to reach it."""
        return self.path.rpartition(".")[2]

    @property
    def full(self) -> str:
        """With the module."""
        return f"{self.module}.{self.path}"


def _files() -> list[Path]:
    folders = [path for name in ("app", "trial") for path in sorted((ROOT / name).rglob("*.py"))]
    return [*folders, *(ROOT / name for name in ("config.py", "run.py", "worker.py"))]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _used_in(tree: ast.AST) -> set[str]:
    """Every name that is read, and the words of texts that are a name or a path of names."""
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            used.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.:]+", node.value):
            used.update(WORD.findall(node.value))
    return used


@cache
def _used_anywhere() -> frozenset[str]:
    used = set().union(*(_used_in(_tree(path)) for path in _files()))
    for template in (path for name in ("app", "trial") for path in (ROOT / name).rglob("templates/**/*.html")):
        used.update(WORD.findall(template.read_text(encoding="utf-8")))
    return frozenset(used)


def _defined(path: Path) -> Iterator[Name]:
    """Functions, classes, methods and constants; what is decorated has been given to somebody by that."""
    module = _module(path)
    for node in _tree(path).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            if _names_a_workflow(node.value):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
            yield from (Name(module, one.id, node.lineno) for one in names)
        else:
            yield from _definitions(node, module, "")


def _names_a_workflow(value: ast.expr | None) -> bool:
    """A workflow is known by having been declared; others ask for it by its name as a text."""
    made = value.func if isinstance(value, ast.Call) else None
    return isinstance(made, ast.Name) and made.id == "declare"


def _definitions(node: ast.AST, module: str, inside: str) -> Iterator[Name]:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    path = f"{inside}.{node.name}".lstrip(".")
    if not node.decorator_list or isinstance(node, ast.ClassDef):
        yield Name(module, path, node.lineno)
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _definitions(inner, module, path)


def _is_override(name: Name) -> bool:
    """Whether a class above has it too, so that those who know that class call it."""
    owner, _dot, method = name.path.rpartition(".")
    if not owner:
        return False
    found = importlib.import_module(name.module)
    for part in owner.split("."):
        found = getattr(found, part)
    return any(method in vars(above) for above in found.__mro__[1:])  # type: ignore[attr-defined]


@cache
def _opened() -> frozenset[int]:
    """What the rooms open by its being defined in a door."""
    return frozenset(id(one) for module in rooms.door_modules() for one in rooms.defined_in(module))


def _is_door(name: Name) -> bool:
    module = sys.modules.get(name.module)
    return name.path == "OPENS" or id(getattr(module, name.path, None)) in _opened()


def _is_used(name: Name, here: set[str]) -> bool:
    if re.fullmatch(r"_|__\w+__", name.last) or _is_door(name):
        return True
    private_to_file = name.last.startswith("_") and "." not in name.path
    return name.last in (here if private_to_file else _used_anywhere()) or _is_override(name)


def test_everything_defined_is_used() -> None:
    idle = []
    for path in _files():
        here = _used_in(_tree(path))
        idle += [name for name in _defined(path) if not _is_used(name, here)]
    unknown = [f"{name.full} (line {name.line})" for name in idle if name.full not in REACHED_FROM_OUTSIDE]
    assert not unknown, "nobody calls these: remove them, or say in REACHED_FROM_OUTSIDE who does"
    assert set(REACHED_FROM_OUTSIDE) == {name.full for name in idle}, "these are used now: strike them off"


def _direct_requirements() -> list[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").partition("# what these need")[0]
    return [line.partition("==")[0].strip() for line in text.splitlines() if "==" in line]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_that_is_asked_for_is_imported() -> None:
    imported: set[str] = set()
    for path in [*_files(), *(ROOT / "migrations").rglob("*.py")]:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Import):
                imported.update(one.name.partition(".")[0] for one in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    used = {_plain(one) for name, owners in packages_distributions().items() if name in imported for one in owners}
    idle = {name for name in _direct_requirements() if _plain(name) not in used}
    assert idle == set(USED_OTHERWISE), "pinned and never imported"


def _classes_of(path: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", text)))


def _sources(*folders: Path) -> str:
    kinds = (".html", ".py", ".js")
    return "\n".join(
        path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*") if path.suffix in kinds
    )


@pytest.mark.parametrize("folder", ["app", "trial"])
def test_every_css_class_is_borne(folder: str) -> None:
    """By a page of ours or of Flask-AppBuilder; `button--{{ kind }}` counts for all that begin so."""
    text = _sources(ROOT / "app", ROOT / "trial", Path(flask_appbuilder.__file__).parent)
    words = set(re.findall(r"[\w-]+", text))
    stems = set(re.findall(r"([\w-]+--)(?![\w-])", text))
    idle = {
        (path.name, name)
        for path in (ROOT / folder).rglob("*.css")
        for name in _classes_of(path)
        if name not in words and not any(name.startswith(stem) for stem in stems)
    }
    assert not idle
