"""Chinese stands in catalogues, notices and data files, so that a second language is a catalogue (translations/)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Where it may stand in code or templates, and why. Invented names of the trial and the wording of another system that
# it plays are data; its Python is not looked at.
ALLOWED = {
    "app/access/actors.py": "the name under which the program itself stands in the history, hashed there for ever",
    "app/codes/graduate_fields.py": "headings by which sheets of schools are recognised, whoever reads the page",
    "app/base/values/": "signs that people type in numbers and names",
    "app/company_register/queries.py": "the register's own word for a company that exists",
    "app/documents/amounts.py": "the rule is about these characters: amounts in capitals, as contracts have them",
    "app/documents/linebreaks.py": "the rule is about these signs: where a Chinese line may break",
    "app/documents/templates/": "agreements and what is stamped or signed with them are Chinese by law",
    "app/employers/favorites/sheets.py": "headings by which the sheets of units are recognised",
    "app/leaving/dispatch/sheets.py": "headings by which the sheets of the archive office are recognised",
    "app/signing/online/sheets.py": "headings by which the sheets of units are recognised",
    "app/employers/templates/employers/authorization.html": "a paper for the unit's stamp, Chinese by law",
    "app/employers/verification/guards.py": "signs that people type for the point of an amount",
    "app/notices/channels/sms/gateway.py": "the brackets around the signature of a message, as carriers demand them",
    "app/notices/cutting.py": "signs before which a Chinese text may be cut",
    "app/notices/facts.py": "signs with which people end a reason",
    "app/roster/imports/columns.py": "the name by which the sheet of a roster is recognised",
    "app/roster/imports/oddities.py": "signs that people type in names",
    "run.py": "said before any catalogue can be read, in both languages",
}


def _python() -> list[Path]:
    return [*sorted((ROOT / "app").rglob("*.py")), *(ROOT / name for name in ("config.py", "run.py", "worker.py"))]


def _templates() -> list[Path]:
    return [
        path for name in ("app", "trial") for path in sorted((ROOT / name).rglob("*.html")) if "data" not in path.parts
    ]


def _docstrings(tree: ast.Module) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def _in_python(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = _docstrings(tree)
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in words else None
        if isinstance(text, str) and CHINESE.search(text):
            yield node.lineno, text


def _in_template(path: Path) -> Iterator[tuple[int, str]]:
    def blank(comment: re.Match[str]) -> str:
        return "\n" * comment[0].count("\n")

    text = re.sub(r"\{#.*?#\}", blank, path.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from ((number, line) for number, line in enumerate(text.splitlines(), 1) if CHINESE.search(line))


def test_chinese_stands_where_it_belongs() -> None:
    wrong, needed = [], set()
    for path in [*_python(), *_templates()]:
        name = str(path.relative_to(ROOT))
        found = list(_in_python(path) if path.suffix == ".py" else _in_template(path))
        reason = next((place for place in ALLOWED if name.startswith(place)), None)
        if found and reason:
            needed.add(reason)
        else:
            wrong += [f"{name}:{line} {text.strip()[:60]}" for line, text in found]
    assert not wrong, "put it into the catalogue as the Chinese of an English text, or into a data file"
    assert needed == set(ALLOWED), "these are not needed any more: strike them off"
