"""Every kind of account × every module permission × every address, step and menu entry, as a committed table (R1.3, R1.4).

A changed permission changes tests/guards/permission_matrix.txt, so that it is seen in review. `make matrix` (or
UPDATE_MATRIX=1) writes the table anew. `+` let through, `-` refused (403), `.` not there for this caller (404).
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase

import pytest
from flask import Flask

from tests.guards import walk
from tests.guards.rows import Rows, forget_checks
from tests.guards.walk import COLUMNS, MISSING, REFUSED, THROUGH, Caller, Column

TABLE = Path(__file__).with_name("permission_matrix.txt")
LEGEND = "+ let through   - refused (403)   . not there for this account (404)"
Table = dict[str, dict[str, str]]  # line → column → sign


@pytest.fixture(scope="module")
def quick(application: Flask, database: str) -> Iterator[Flask]:
    """The application with pages that are not drawn and forms that need no token: only the doors are of interest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flask.templating._render", lambda _app, _template, _context: "")
        patch.setitem(application.config, "WTF_CSRF_ENABLED", False)
        logging.disable(logging.ERROR)  # every refusal is a line in FAB's log
        yield application
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def rows(quick: Flask) -> Rows:
    """The rows to ask for: an invitation of graduate1 by employer1, and made-up ones where there are none."""
    from app.access.actors import load_actor
    from app.base.database import transaction
    from app.signing.online.services.invitations import invite_graduates
    from app.workflow import registry
    from tests.fixtures.pages import letter

    with quick.app_context():
        unit, graduate = (load_actor(walk.user_id_of(quick, name)) for name in ("employer1", "graduate1"))
        invite_graduates([graduate.graduate_id or 0], letter(), actor=unit)
        with transaction():
            for workflow in registry.all_workflows():
                forget_checks(workflow.model)
    return Rows(quick)


@pytest.fixture(scope="module")
def table(quick: Flask, rows: Rows) -> Table:
    """The whole table, walked once."""
    found: Table = {}
    for column in COLUMNS:
        for line, sign in _column(Caller(quick, column), rows):
            found.setdefault(line, {})[column.name] = sign
    return found


def _column(caller: Caller, rows: Rows) -> Iterator[tuple[str, str]]:
    for rule, method in walk.calls(caller.app):
        yield f"{method:6} {rule.rule}", caller.ask(method, rows.path(rule), form=rows.form(rule))
    for workflow, event, source in walk.steps():
        sign = walk.step(caller, workflow, rows.cases[workflow.name], event, source)
        yield f"step   {workflow.name}.{event} from {source}", sign
    for name, sign in walk.menu(caller).items():
        yield f"menu   {name}", sign


def _written(table: Table) -> str:
    """The table as text: a legend, then one sign for each column, a gap between kinds of account."""
    letters = dict(zip((one.name for one in COLUMNS), ascii_lowercase, strict=False))
    blocks = [[*block] for _kind, block in groupby(COLUMNS, key=lambda one: one.name.split()[0])]

    def line(signs: dict[str, str], text: str) -> str:
        return " ".join("".join(signs[one.name] for one in block) for block in blocks) + f"  {text}"

    legend = [f"{letter} {name}" for name, letter in letters.items()]
    lines = [line(signs, text) for text, signs in table.items()]
    return "\n".join([LEGEND, *legend, "", line(letters, "").rstrip(), *lines, ""])


def _let_through(table: Table, start: str, columns: list[Column]) -> list[tuple[str, str]]:
    return [
        (line, column.name)
        for line, signs in table.items()
        if line.startswith(start)
        for column in columns
        if signs[column.name] == THROUGH
    ]


def test_permissions_are_as_written_down(table: Table) -> None:
    written = _written(table)
    if os.environ.get("UPDATE_MATRIX"):
        TABLE.write_text(written, encoding="utf-8")
    before = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    changes = difflib.unified_diff(before.splitlines(), written.splitlines(), "written down", "found", lineterm="", n=0)
    assert before == written, "\n".join(["`make matrix` writes it anew; look at each line:", *changes])


@pytest.mark.parametrize("value", ["ro", "none"])
def test_steps_need_read_and_write(table: Table, value: str) -> None:
    """只读 views and downloads, 无权限 does not get in: neither fires any step of any workflow (R1.4)."""
    assert not _let_through(table, "step ", [one for one in COLUMNS if one.name.endswith(f" {value}")])


def test_every_step_is_somebodys_or_the_programs(table: Table) -> None:
    """A step that no account may fire is one of the clock or of another workflow."""
    from app.access.actors import SYSTEM_KIND
    from app.workflow import registry

    system = {
        f"{workflow.name}.{row.event}"
        for workflow in registry.all_workflows()
        for row in workflow.transitions
        if set(row.who) == {SYSTEM_KIND}
    }
    nobodys = {
        line.split()[1] for line, signs in table.items() if line.startswith("step ") and THROUGH not in signs.values()
    }
    assert nobodys <= system


@pytest.mark.parametrize("column", [one for one in COLUMNS if one.modules], ids=lambda one: one.name)
def test_less_permission_never_opens_more(table: Table, column: Column) -> None:
    """Whoever has less on a module is let through nowhere where 读写 is refused."""
    whole = next(one for one in COLUMNS if one.username == column.username)
    wrong = [
        line
        for line, signs in table.items()
        if signs[column.name] == THROUGH and signs[whole.name] in (REFUSED, MISSING)
    ]
    assert not wrong


def test_a_viewer_of_a_unit_sends_nothing_but_what_is_the_own(table: Table) -> None:
    """No step of any workflow, and no writing call or page but those of the own account (B13)."""
    sent = {line for line, signs in table.items() if signs["employer viewer"] == THROUGH and line.split()[0] != "GET"}
    own = ("/employer/account/", "/employer/accounts", "/messages/", "/tour", "/api/v1/me", "/api/v1/security/logout")
    assert sent
    assert not [line for line in sent if not line.split()[1].startswith((*own, "/api/v1/notifications/"))]


def test_hr_of_a_unit_does_all_that_an_owner_does_but_manage_people_and_renew(table: Table) -> None:
    """An owner alone confirms the unit's data for another year."""
    differing = {line for line, signs in table.items() if signs["employer owner"] != signs["employer hr"]}
    assert differing
    own = ("/colleagues", "/employer/renewal/", "unit_renewal")
    assert not [line for line in differing if not any(one in line for one in own)]


def test_menu_shows_only_what_may_be_used(quick: Flask, table: Table) -> None:
    """Who sees an entry is let in behind it (R8.1)."""
    with quick.test_request_context():
        addresses = {item.name: item.get_url() for item in walk.entries(quick)}
    wrong = [
        (name, column)
        for name, address in addresses.items()
        for column, sign in table[f"menu   {name}"].items()
        if sign == THROUGH and table.get(f"GET    {address}", {}).get(column) != THROUGH
    ]
    assert not wrong


def test_staff_pages_are_for_staff(table: Table) -> None:
    """Units and graduates have permissions on workflows, which are not meant for the screens of staff."""
    outside = [one for one in COLUMNS if one.name.split()[0] in ("employer", "graduate")]
    assert not [found for method in ("GET", "POST") for found in _let_through(table, f"{method:6} /staff/", outside)]
