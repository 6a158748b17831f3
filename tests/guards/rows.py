"""A row for every address: one of school 10001, its department, its unit or its graduate, so that many can reach it.

Where the demonstration has none, one is made up from the columns of the table. What stands behind the door may fall over
such a row; by then the permission has been decided, and only that is looked at.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select, text
from werkzeug.routing import Rule

from app.access.actors import SYSTEM, load_actor
from app.access.scope import in_scope
from app.base import clock
from app.base.cohorts import current_cohort
from app.base.database import Model, session, transaction
from app.base.sealed import EncryptedText
from app.fab.listing import Listing
from app.workflow import registry

FAR = 987_654_321_012
# Where an address does not tell by its view whose rows it means.
MEANT = {
    "/api/v1/roster/batches/": "RosterBatch",
    "/staff/roster-imports/": "RosterBatch",
    "/staff/school-departments/": "Department",
    "/api/v1/roster/": "Graduate",
    "/api/v1/templates/": "LetterTemplate",
    "/api/v1/jobs/": "Job",
    "/api/v1/notifications/": "Notification",
    "/api/v1/attachments/": "StoredFile",
    "/staff/roles/assign/": "Account",
    "/staff/roles/": "Role",
}
PLACES = {
    "notice_id": "Notification",
    "template_id": "LetterTemplate",
    "file_id": "StoredFile",
    "job_id": "Job",
    "favorite_id": "Favorite",
    "graduate_id": "Graduate",
    "archive_id": "Archive",
    "hukou_id": "Hukou",
    "signing_id": "OnlineSigning",
    "termination_id": "OnlineTermination",
    "authorization_id": "Authorization",
}
WORDS = {
    "door": "school",
    "module": "employment",
    "kind": "school",
    "place": "staff",
    "uscc": "91110108551385082Q",
    "channel": "wechat",
}
_USERS = ("graduate1", "dept10001a", "employer1", "school10001", "province11")


class Rows:
    """Fills the places of addresses; every row is looked up or made up once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.views = {view.endpoint: view for view in app.appbuilder.baseviews}  # type: ignore[attr-defined]
        self.models = {mapper.class_.__name__: mapper.class_ for mapper in Model.registry.mappers}
        self.found: dict[str, Any] = {}
        with app.app_context():
            query = text("SELECT id FROM ab_user WHERE username = :name")
            self.actors = [load_actor(session.execute(query, {"name": name}).scalar_one()) for name in _USERS]
        self.cases = {one.name: self.row_of(one.model) for one in registry.all_workflows()}

    def path(self, rule: Rule) -> str:
        """The address with all its places filled in."""
        action = self.action(rule)
        words = {**WORDS, "name": action or "sex", "event": action or "approve"}
        if "templates" in rule.rule:
            words["kind"] = "position"

        def fill(found: re.Match[str]) -> str:
            name = found[1].rpartition(":")[2]
            return words[name] if name in words else str(self.row(rule, name))

        return re.sub(r"<([^>]+)>", fill, rule.rule)

    def form(self, rule: Rule) -> dict[str, Any]:
        """What a press sends at least: the row, and one of the actions."""
        return {"rowid": self.row(rule, "pk"), "action": self.action(rule) or "x"}

    def action(self, rule: Rule) -> str:
        """The first action of the address's view; "" without any."""
        return next(iter(getattr(self._view(rule), "actions", None) or {}), "")

    def row(self, rule: Rule, name: str) -> Any:
        """The id to put into this place."""
        workflow = self._workflow(rule, name)
        if workflow:
            return self.cases[workflow]
        model = self.model(rule, name)
        return self.row_of(model) if model is not None else FAR

    def model(self, rule: Rule, name: str) -> Any:
        """Whose ids stand in this place; None where nobody knows."""
        view, workflow = self._view(rule), self._workflow(rule, name)
        if workflow:
            return registry.get(workflow).model
        meant = PLACES.get(name) or next((model for start, model in MEANT.items() if rule.rule.startswith(start)), None)
        if meant is not None:
            return self.models[meant]
        listing = getattr(view, "listing", None)
        interface = listing.interface if isinstance(listing, Listing) else getattr(view, "datamodel", None)
        return interface.obj if interface is not None else None

    def _workflow(self, rule: Rule, name: str) -> str:
        """The workflow whose cases are meant; "" where none is."""
        workflow: str = getattr(self._view(rule), "workflow", "")
        return (
            workflow
            or (name == "case_id" and ("verification" if "verification" in rule.endpoint else "online_signing"))
            or ""
        )

    def row_of(self, model: Any) -> Any:
        """The first row that one of the callers can reach, else a made-up one."""
        name = model.__name__
        if name not in self.found:
            with self.app.app_context():
                self.found[name] = self._first(model) or self._made_up(model)
        return self.found[name]

    def _view(self, rule: Rule) -> Any:
        return self.views.get(rule.endpoint.rpartition(".")[0])

    def _first(self, model: Any) -> Any:
        key = _key(model)
        for actor in (*self.actors, SYSTEM):
            found = session.scalar(select(key).where(in_scope(model, actor)).order_by(key).limit(1))
            if found is not None:
                return found
        return None

    def _made_up(self, model: Any) -> Any:
        """A row of the right scope with something in every column that must not be empty."""
        with transaction():
            session.execute(text("SET LOCAL session_replication_role = replica"))  # references need not exist
            forget_checks(model)
            row = model(**dict(self._values(model)))
            session.add(row)
            session.flush()
            return getattr(row, _key(model).name)

    def _values(self, model: Any) -> Any:
        graduate, department, employer, school, _province = self.actors
        known = {
            "province_id": school.province_id,
            "school_id": school.school_id,
            "cohort": current_cohort(),
            "department_id": department.department_id,
            "level": "undergraduate",
            "user_id": school.user_id,
            "graduate_id": graduate.graduate_id,
            "employer_id": employer.employer_id,
            "applicant_id": employer.user_id,
            "workflow": "online_signing",
            "about": "online_signing",
            "asked_at": clock.now(),
            "case_id": 1,
            "kind": "position",
            "secret": "x",
            "address": "x",
            "role": "hr",
            "field": "major",
        }
        workflow = next((one for one in registry.all_workflows() if one.model is model), None)
        if workflow is not None:
            first = workflow.states[0]
            known |= {"state": first.name, "stage": first.stage, "waits_for": first.waits_for}
        for column in model.__table__.columns:
            if column.name in known:
                yield column.name, known[column.name]
            elif column.name == "about_id":
                yield column.name, self.row_of(registry.get("online_signing").model)
            elif (other := self._case_behind(column)) is not None:
                yield column.name, self.row_of(other)
            elif not (column.nullable or column.primary_key or column.default or column.server_default):
                yield column.name, _something(column.type)

    def _case_behind(self, column: Any) -> Any:
        """The model of the case that a column refers to, such as the agreement that a termination ends."""
        tables = {key.column.table for key in column.foreign_keys} - {column.table}
        return next((one.model for one in registry.all_workflows() if one.model.__table__ in tables), None)


def _key(model: Any) -> Any:
    return getattr(model, inspect(model).primary_key[0].name)


def forget_checks(model: Any) -> None:
    """Let rows stand in any state without what it needs; in a database that is thrown away."""
    name = model.__tablename__
    checks = text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = CAST(:name AS regclass)")
    for check in session.scalars(checks, {"name": name}).all():
        session.execute(text(f'ALTER TABLE {name} DROP CONSTRAINT "{check}"'))


def _something(kind: Any) -> Any:
    if isinstance(kind, EncryptedText):
        return "x"
    with suppress(NotImplementedError):
        samples: dict[type, Any] = {str: "x", int: 0, bool: False, bytes: b"x", dict: {}, list: [], object: {}}
        python = kind.python_type
        return samples.get(python, clock.now() if python is datetime else clock.today() if python is date else "x")
    return {}
