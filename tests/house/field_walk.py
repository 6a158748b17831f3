"""Where the invented fields of a graduate turn up, told as JSON: run by test_graduate_field.py with those fields.

The database is one of today's tables; the columns come by the migration that the program itself would draft.
"""

from __future__ import annotations

import contextvars
import io
import json
import re
import sys
from collections.abc import Callable
from typing import Any

import httpx
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import AddColumnOp, CreateIndexOp
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from app import create_app
from app.base.crypto import blind_index
from app.base.database import db, session, transaction
from app.ems.client import ems, student_page
from app.ems.queries import ems_view
from app.ems.students import key_of
from app.roster.imports.columns import HEADINGS
from app.roster.imports.queries import dry_rows
from app.roster.imports.services.batches import check_batch, receive_sheet
from app.roster.imports.services.writing import commit_batch, undo_batch
from app.roster.imports.sheets import template_sheet
from app.roster.models import Graduate, RosterBatch
from app.roster.services.pulling import pull_rosters
from tests.documents.pdf import bare_text
from tests.documents.samples import render_agreement
from tests.fixtures.application import PASSWORD, Api, IsolatedClient
from tests.fixtures.outbox import drain_outbox
from tests.fixtures.phone import phone_in_hand
from tests.house.invented import FIELDS
from tests.roster.sheets import sheet, student
from tests.signing.stage import Stage, fire, user

NAMES = [field.name for field in FIELDS]
FIRST = {"学习方式": "1", "一卡通号": "A123456", "入学日期": "2023-09-01", "备注AF": "末列"}
THEN = {"学习方式": "2", "一卡通号": "B654321", "入学日期": "2023-09-02", "备注AF": "改过"}


def migrate(app: Flask) -> list[str]:
    """Draft the migration as `flask db migrate` would, and run it."""
    with db.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        drafted = produce_migrations(context, app.extensions["migrate"].configure_args["metadata"]).upgrade_ops
        steps = [step for table in (drafted.ops if drafted else []) for step in getattr(table, "ops", [table])]
        assert all(type(step) in (AddColumnOp, CreateIndexOp) for step in steps), steps
        for step in steps:
            Operations(context).invoke(step)
        return [type(step).__name__ for step in steps]


def check(content: bytes) -> RosterBatch:
    """The batch of a sheet, checked."""
    batch = receive_sheet(content, "名单.xlsx", actor=user("school10284"))
    with transaction():
        check_batch(batch.id)
    session.refresh(batch)
    return batch


def row_of(one: dict[str, Any]) -> dict[str, Any]:
    """What the roster has of a sheet's student in the invented fields."""
    graduate = found(one)
    return {name: _json(getattr(graduate, name)) for name in NAMES}


def found(one: dict[str, Any]) -> Graduate:
    """The student of a sheet on the roster."""
    query = select(Graduate).where(Graduate.exam_number == one["考生号"]).options(*Graduate.eager_options())
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def of_sheets(one: dict[str, Any]) -> dict[str, Any]:
    """Template, import, refusals, an older template, comparison, undo."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(template_sheet("10284")))
    notes, codes = (book.get_sheet_by_index(place).to_python() for place in (1, 2))
    wrong = check(sheet(student(学习方式="7", 一卡通号="123", 入学日期="去年")))
    old, alias = student(), student()
    older = check(sheet(old, headings=HEADINGS[: -len(FIELDS)]))
    renamed = ["校园卡号" if heading == "一卡通号" else heading for heading in HEADINGS]
    other = check(sheet({**alias, "校园卡号": "C000001"}, headings=renamed))
    batch = commit_batch(check(sheet(one)).id, actor=user("school10284"))
    seen: dict[str, Any] = {
        "headings": book.get_sheet_by_index(0).to_python()[0],
        "notes": {row[0]: row[1] for row in notes},
        "codes": [cell for cell in codes[0] if cell],
        "wrong": [(problem["column"], problem["message"]) for problem in wrong.errors],
        "older": older.state,
        "alias": other.state,
        "committed": batch.state,
        "first": row_of(one),
        "index": bytes(found(one).card_number_index) == blind_index("A123456"),  # type: ignore[attr-defined]
        "stored": session.execute(
            text("SELECT card_number FROM graduates WHERE id = :id"), {"id": found(one).id}
        ).scalar_one()
        != b"A123456",
    }
    again = check(sheet({**one, **THEN}))
    seen["differences"] = {name: [old, new] for name, old, new in dry_rows(again, "changed", 0)[0].differences}
    commit_batch(again.id, actor=user("school10284"))
    seen["then"] = row_of(one)
    undo_batch(again.id, actor=user("school10284"))
    seen["undone"] = row_of(one)
    seen["blank"] = check(sheet({**one, **dict.fromkeys(FIRST, "")})).unchanged
    return seen


def of_doors(app: Flask, one: dict[str, Any]) -> dict[str, Any]:
    """API and its description, the staff's list, page and download."""
    api, client = Api(app.test_client(), "school10284", PASSWORD), browse(app, "school", "school10284")
    number = found(one).id
    schemas = api.get("/_openapi").get_json()["components"]["schemas"]
    export = client.get("/staff/graduates/export").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(export)).get_sheet_by_index(0).to_python()
    line = next(row for row in rows if one["考生号"] in row)
    return {
        "json": {name: api.get(f"/graduates/{number}").get_json()["result"].get(name, "absent") for name in NAMES},
        "described": {name: schemas["Graduate"]["properties"].get(name) for name in NAMES},
        "list": client.get("/staff/graduates/list/?_flt_0_exam_number=" + one["考生号"]).text,
        "page": client.get(f"/staff/graduates/show/{number}").text,
        "export": dict(zip(rows[0], line, strict=True)),
    }


def browse(app: Flask, door: str, username: str) -> FlaskClient:
    """A browser in which that account has logged in."""
    client = app.test_client()
    page = client.get(f"/login/{door}").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = {"username": username, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    assert client.post(f"/login/{door}", data=form).status_code == 302
    return client


def of_the_other_system(app: Flask, one: dict[str, Any]) -> dict[str, Any]:
    """What is told there, what comes back, what differs meanwhile."""
    drain_outbox(app)
    channel = ems().channel
    graduate = found(one)
    address = f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"
    told = channel.call("GET", address, lambda answer: answer["student"])
    changed = {"xxfs": "2", "entered_on": "2023-10-01"}
    channel.call("PATCH", address, lambda answer: answer, body=changed)
    view = ems_view(graduate)
    pull_rosters()
    return {
        "told": told,
        "page": httpx.get(student_page(key_of(found(one)))).text,
        "differences": {row["field"]: [row["ours"], row["theirs"]] for row in view["differences"]},
        "labels": [row["label"] for row in view["compared"]],
        "pulled": row_of(one),
        "shown": view["student"],
    }


def of_a_case(app: Flask) -> dict[str, Any]:
    """What a signing keeps, what an approval takes over, what is printed and what the graduate reads."""
    stage = Stage("employer1", "graduate1", "dept10001a", "school10001")
    graduate = session.get_one(Graduate, stage.graduate.graduate_id, options=Graduate.eager_options())
    with transaction():
        graduate.form_of_study, graduate.card_number = "1", "D000002"  # type: ignore[attr-defined]
    case = stage.bring("school_review")
    kept = dict(case.student or {})
    key = key_of(graduate)
    address = f"/students/{key.school}/{key.cohort}/{key.exam_number}"
    ems().channel.call("PATCH", address, lambda answer: answer, body={"xxfs": "2", "entered_on": "2023-10-01"})
    review = browse(app, "school", "school10001").get(f"/staff/online-signings/show/{case.id}").text
    fire(case, "approve", stage.school, refresh_student=True)
    session.refresh(case)
    record = browse(app, "school", "school10001").get(f"/staff/online-signings/show/{case.id}").text
    return {
        "kept": {name: kept.get(name, "absent") for name in NAMES},
        "refreshed": {name: (case.student or {}).get(name, "absent") for name in NAMES},
        "frozen": {name: (case.snapshot or {})["graduate"].get(name, "absent") for name in NAMES},
        "pdf": bare_text(render_agreement(case.snapshot or {})),
        "review": review,
        "record": record,
        "own": browse(app, "graduate", "graduate1").get("/graduate/me").text,
    }


def of_the_generator() -> list[Any]:
    """A generated country has the columns too."""
    from trial.demo.generator.generate import generate_country

    made = generate_country(40, seed=3, processes=1)
    session.rollback()
    newest = session.scalars(select(Graduate).order_by(Graduate.id.desc()).limit(1)).one()
    return [made["graduates"], *(getattr(newest, name) for name in NAMES)]


def main() -> None:
    """Walk, and tell."""
    app = create_app()
    app.test_client_class = IsolatedClient
    one = student(**FIRST)
    seen: dict[str, Any] = {}
    with app.app_context():
        seen["migration"] = migrate(app)
        steps: dict[str, Callable[[], Any]] = {
            "sheets": lambda: of_sheets(one),
            "doors": lambda: contextvars.copy_context().run(of_doors, app, one),
            "ems": lambda: of_the_other_system(app, one),
            "case": lambda: of_a_case(app),
            "generated": of_the_generator,
        }
        for name, step in steps.items():
            seen[name] = step()
            session.rollback()
    json.dump(seen, sys.stdout, ensure_ascii=False, default=str)


if __name__ == "__main__":
    with phone_in_hand():
        main()
