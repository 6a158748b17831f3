"""Who writes what: states by the engine alone, commits in one place, lists of a module under a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.workflow import registry
from tests.house.source import assigned, calls, files, functions, module, place, tree

ENGINE = "app/workflow/engine.py"
DATABASE = "app/base/database.py"
# Things with a state that are no case of a workflow, by the name that their rooms give them.
OTHER_STATES = {
    "app/roster/imports/services/batches.py": "batch",
    "app/roster/imports/services/writing.py": "batch",
    "app/workflow/background.py": "job",
    "app/machines/webhooks/handlers.py": "row",
    "app/machines/webhooks/services.py": "row",
    "app/web/health.py": "self",
}
# What rooms tell others by, filled while the program is loaded.
REGISTRIES = {
    "app.codes.dictionaries._registered": "dictionaries of the API by name",
    "app.notices.channels._declared": "channels by name",
    "app.payments.adapters._ADAPTERS": "banks by name",
    "app.web.gate._opened": "addresses that are open to everybody",
    "app.web.shell._contributions": "what rooms add to every page",
    "app.workflow.background._kinds": "kinds of background jobs",
    "app.workflow.delivery._handlers": "who delivers a message, by kind",
    "app.workflow.registry._workflows": "all workflows by name",
}
# What was read or made once and is kept.
KEPT = {
    "app.codes.cache._snapshots": "the code tables as last read, by database",
    "app.destination.catalogue._held": "the destination types made of them",
    "app.documents.sealing.containers._longest": "how much room the containers of the sealing service take",
}
CHANGING = {"append", "add", "update", "setdefault", "extend", "insert", "pop", "clear", "remove"}


def test_only_the_engine_writes_a_state() -> None:
    """Neither assigned, nor given to a new case, nor updated in the table: history and messages would be missing."""
    wrong = [found for path in files("app", "trial") if place(path) != ENGINE for found in _written_states(path)]
    assert not wrong, wrong


def _written_states(path: Path) -> Iterator[str]:
    models = {workflow.model.__name__ for workflow in registry.all_workflows()} | {"model"}
    for node, target in assigned(path):
        named = isinstance(target, ast.Attribute) and target.attr in ("state", "stage")
        if named and ast.unparse(target.value) != OTHER_STATES.get(place(path)):  # type: ignore[attr-defined]
            yield f"{place(path, node)} {ast.unparse(target)} = …"
    for call in calls(path):
        if not {keyword.arg for keyword in call.keywords} & {"state", "stage"}:
            continue
        made = ast.unparse(call.func)
        if made.rpartition(".")[2] in models or (made.endswith(".values") and place(path) not in OTHER_STATES):
            yield f"{place(path, call)} {made[:60]}(state=…)"


def test_changes_are_committed_in_one_place() -> None:
    """One transaction() decides what belongs together; whoever committed on the way would tear it apart."""
    wrong = [
        f"{place(path, call)} {ast.unparse(call)}"
        for path in files("app")
        if place(path) != DATABASE
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "begin_nested")
    ]
    assert not wrong, wrong


def test_every_list_that_rooms_fill_is_known_by_name() -> None:
    """What is true of the program must not depend on who happened to be imported: such lists are few, and named here."""
    found = {f"{module(path)}.{name}" for path in files("app") for name in _filled(path)}
    assert found == {*REGISTRIES, *KEPT}


def _filled(path: Path) -> Iterator[str]:
    """Names of lists, sets and dictionaries of the module that its functions change."""
    made = {
        node.target.id if isinstance(node, ast.AnnAssign) else ast.unparse(node.targets[0])
        for node in tree(path).body
        if (isinstance(node, ast.Assign) or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)))
        and isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.Call | ast.DictComp | ast.ListComp)
    }
    changed = set()
    for function in functions(path):
        for node in ast.walk(function):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                changed.add(ast.unparse(node.value))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
                changed.add(ast.unparse(node.func.value))
    changed |= _changed_by_others().get(module(path), set())
    yield from sorted(made & changed)


@cache
def _changed_by_others() -> dict[str, set[str]]:
    """`module.name.append(…)` written in another module."""
    names: dict[str, set[str]] = {}
    for path in files("app"):
        imported = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for call in calls(path):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr in CHANGING):
                continue
            owner, _dot, name = ast.unparse(call.func.value).rpartition(".")
            whole = imported.get(owner) if owner else imported.get(name, "").rpartition(".")[0]
            if whole:
                names.setdefault(whole, set()).add(name)
    return names
