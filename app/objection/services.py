"""How a graduate begins an objection: to which record, and what is not true about it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.errors import Invalid, NotFound
from app.cases.services import Body, Writing, held_graduate
from app.codes.forms import read
from app.objection.forms import ObjectionForm
from app.objection.models import Objection
from app.objection.queries import objectionable
from app.workflow import engine


def _record(body: Body, actor: Actor) -> Any:
    """The record; None for what can be none, which is told with the fields. Raises NotFound."""
    workflow, case_id = body.get("workflow"), body.get("case_id")
    table = objectionable(workflow) if isinstance(workflow, str) else None
    if table is None or isinstance(case_id, bool) or not isinstance(case_id, int):
        return None
    if not 0 < case_id < 2**63:
        raise NotFound()
    return engine.load(table, case_id, actor=actor)


def _open(body: Body, actor: Actor) -> Objection:
    record = _record(body, actor)
    if record is None:
        read(ObjectionForm, body)
        raise Invalid({"workflow": [_("Please name a record of yours.")]})
    case: Objection = Objection.of(
        held_graduate(record.graduate_id), about=record.workflow_name, about_id=record.id, number=record.number
    )
    case.invalid_since = None
    return case


def _write(case: Objection, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    case.data = {name: body[name] for name in ("workflow", "case_id", "text")}


WRITING = Writing(form=ObjectionForm, find=_record, open=_open, write=_write, hand_in="")
