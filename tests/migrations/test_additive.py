"""Migrations add: what runs still, from the version before, finds every table and column that it knows.

So several hosts are brought up to date one after another (README). Where something has to go, the program stops using it
in one release, and a migration of the next takes it away: with the reason here, or it raises OLDEST in migrations/env.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
OLDEST = int(re.findall(r"^OLDEST = (\d+)$", (VERSIONS.parent / "env.py").read_text(encoding="utf-8"), re.M)[0])
TAKES_AWAY = ("drop_table", "drop_column", "rename_table", "alter_column")
DEMANDS = ("create_check_constraint", "create_unique_constraint", "create_foreign_key")
WORDS = re.compile(r"\b(DROP (TABLE|COLUMN)|RENAME (TO|COLUMN)|SET NOT NULL|ALTER COLUMN \w+ TYPE|TRUNCATE)\b", re.I)
REASONS: dict[str, str] = {}  # "0099: drop_column(…)": since when nobody reads it


def _later() -> list[Path]:
    return [one for one in sorted(VERSIONS.glob("0*.py")) if int(one.name[:4]) > OLDEST]


def _going(path: Path) -> Iterator[str]:
    """What a migration takes away or demands, in the functions on its way up and in its statements."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    down = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "downgrade"]
    below = {id(node) for one in down for node in ast.walk(one)}
    up = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in below
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    new = {ast.unparse(node.args[0]) for node in calls if ast.unparse(node.func) == "op.create_table"}
    for node in ast.walk(tree):
        if id(node) in below:
            continue
        if isinstance(node, ast.Assign) and not {ast.unparse(one) for one in node.targets} & up:
            below |= {id(one) for one in ast.walk(node)}  # only the way down needs it
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("op."):
            name = ast.unparse(node.func).removeprefix("op.")
            if name in TAKES_AWAY and not _loosens(node):
                yield ast.unparse(node)
            about = {ast.unparse(one) for one in node.args[:2]}
            if (name in DEMANDS or (name == "create_index" and _is_unique(node))) and not about & new:
                yield ast.unparse(node)
            if name == "add_column" and _demands(node):
                yield ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
            yield node.value.strip()


def _loosens(call: ast.Call) -> bool:
    """What the version before writes is still taken: a default, or empty where it must not have been."""
    given = {one.arg: one.value for one in call.keywords if not str(one.arg).startswith("existing_")}
    if not given or ast.unparse(call.func) != "op.alter_column":
        return False
    empty = given.pop("nullable", None)
    default = given.pop("server_default", None)
    return (
        not given
        and (empty is None or ast.unparse(empty) == "True")
        and (default is None or ast.unparse(default) != "None")
    )


def _is_unique(call: ast.Call) -> bool:
    return any(one.arg == "unique" and ast.unparse(one.value) == "True" for one in call.keywords)


def _demands(call: ast.Call) -> bool:
    """A new column that the version before, which does not know it, could not fill."""
    column = next((one for one in call.args if isinstance(one, ast.Call)), None)
    said = {one.arg: ast.unparse(one.value) for one in column.keywords} if column else {}
    return said.get("nullable") == "False" and "server_default" not in said


@pytest.mark.parametrize("path", _later(), ids=lambda path: path.stem)
def test_a_migration_takes_nothing_away(path: Path) -> None:
    assert [one for one in _going(path) if f"{path.name[:4]}: {one}" not in REASONS] == []


def test_what_takes_away_is_seen(tmp_path: Path) -> None:
    body = """
_SQL = "ALTER TABLE one RENAME COLUMN a TO b"

def upgrade():
    op.drop_column("one", "a")
    op.add_column("one", sa.Column("c", sa.Text(), nullable=False))
    op.add_column("one", sa.Column("d", sa.Text(), nullable=False, server_default=""))
    op.alter_column("one", "e", nullable=False)
    op.alter_column("one", "e", nullable=True)
    op.execute(_SQL)
    op.create_table("three", sa.Column("a", sa.Text()))
    op.create_index("uq_three", "three", ["a"], unique=True)
    op.create_index("uq_one", "one", ["a"], unique=True)

def downgrade():
    op.drop_table("two")
"""
    path = tmp_path / "0099_all.py"
    path.write_text(body, encoding="utf-8")
    assert len(list(_going(path))) == 5
