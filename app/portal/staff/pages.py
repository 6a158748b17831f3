"""One search box over everything that staff may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from sqlalchemy import String, literal, select, union_all

from app.access import looks
from app.access.actors import STAFF, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.cases.admin.search import found_by
from app.cases.models import CaseMixin
from app.cases.progress import tone_for
from app.cases.records import employer_json
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.web.current import current_actor
from app.web.links import record_url
from app.web.pages import page_access
from app.workflow import registry
from app.workflow.table import Workflow

_MOST_FOUND = 30


class FindView(BaseView):
    """Name or number → record, whatever list it is in."""

    route_base = "/staff/find"
    default_view = "find"
    open_to = STAFF

    @expose("/")
    @page_access(*STAFF)
    def find(self) -> Any:
        """The newest records in which the text stands: name, exam or student number, agreement number, unit."""
        text = request.args.get("text", "").strip()
        found = _found(text, current_actor()) if text else []
        return self.render_template("portal/staff/find.html", title=_("Find a record"), text=text, found=found)


def _found(text: str, actor: Actor) -> Sequence[dict[str, Any]]:
    """The newest records in scope in which the text stands: one statement for all workflows, one for each that has some."""
    readable = [
        flow for flow in registry.all_workflows() if actor.reads(flow.module) and actor.may("can_show", flow.name)
    ]
    parts = [_matching(flow, text, actor) for flow in readable if found_by(flow.model)]
    if not parts:
        return []
    every = union_all(*parts).subquery()
    newest = session.execute(select(every.c.workflow, every.c.id).order_by(every.c.at.desc()).limit(_MOST_FOUND)).all()
    rows: dict[tuple[str, int], Any] = {}
    for name in {one.workflow for one in newest}:
        ids = [one.id for one in newest if one.workflow == name]
        rows.update({(name, row.id): row for row in ScopedInterface(registry.get(name).model).rows(ids)})
    return [_hit(rows[one.workflow, one.id], actor) for one in newest if (one.workflow, one.id) in rows]


def _matching(flow: Workflow, text: str, actor: Actor) -> Any:
    model: Any = flow.model
    listing = Listing(ScopedInterface(model), find=found_by(model))
    looks.note_list(looks.READ_LIST, model)
    query = select(literal(flow.name, String).label("workflow"), model.id.label("id"), model.updated_at.label("at"))
    query = query.where(in_scope(model, actor), listing.found(text, actor))
    return select(query.order_by(model.updated_at.desc()).limit(_MOST_FOUND).subquery())


def _hit(case: CaseMixin, actor: Actor) -> dict[str, Any]:
    flow, unit = registry.get(case.workflow_name), employer_json(case) or {}
    graduate = case.graduate
    return {
        "name": graduate.name if graduate is not None else unit.get("name"),
        "place": f"{graduate.school.name} · {graduate.department.name}" if graduate is not None else "",
        "unit": unit.get("name") if graduate is not None else "",
        "what": str(flow.label),
        "number": case.number,
        "label": flow.label_of(case, actor),
        "tone": tone_for(case, actor),
        "url": record_url(flow.name, case.id, actor.kind),
    }
