"""The staff's desk of a unit's cases, which are no graduate's: a list, and a page with the verdict beside what is judged."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from sqlalchemy import func, select

from app.access.actors import OPERATOR
from app.base.database import session
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.cases import progress
from app.cases.admin.assignments import AssignedView
from app.cases.admin.lists import WorkflowModelView
from app.documents.services import attachment_for, read_file
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.shell import Contribution
from app.workflow import engine
from app.workflow.table import Workflow


def badge_of(table: Workflow) -> Contribution:
    """A part of the frame: how many cases wait for an operator, beside the list's entry in the operators' menu."""

    def count() -> dict[str, int]:
        query = select(func.count()).select_from(table.model).where(table.model.waits_for == OPERATOR)
        return {table.name: session.scalar(query) or 0}

    return lambda actor: {"badges": count} if actor.kind == OPERATOR else {}


class UnitCaseView(AssignedView, WorkflowModelView):
    """A room says what its page shows of a case, and where it leads after a verdict."""

    order_columns: Sequence[str] = ()
    template = ""

    def facts(self, case: Any) -> Mapping[str, Any]:
        """What this room's page shows of the case."""
        raise NotImplementedError

    def name_of(self, case: Any) -> str:
        """What the case is called on its page."""
        return str(case.employer.name)

    def verdict(self) -> dict[str, Any]:
        """What goes with the event that was pressed."""
        return {name: request.form[name] for name in ("note", "reason") if request.form.get(name)}

    def following(self, case: Any) -> int:
        """The case whose page is shown after the verdict."""
        return int(case.id)

    def shown_columns(self) -> Sequence[str]:
        """With who of the office looks after it."""
        return self.with_reviewer(super().shown_columns())

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """The page of a case."""
        return self._page(self._case(pk), {})

    @expose("/decide/<pk>/<string:event>", methods=["POST"])
    def decide(self, pk: Any, event: str) -> Any:
        """A verdict from there."""
        number, seen = row_id(pk), seen_version(request.form.get("version"))
        try:
            case = engine.fire(self.workflow, number, event, actor=current_actor(), data=self.verdict(), version=seen)
        except Invalid as error:
            return self._page(self._case(pk), error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=number))
        label = self.table.label_of(case, current_actor())
        flash(gettext("%(name)s: %(label)s", name=self.name_of(case), label=label), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=self.following(case)))

    def _case(self, pk: Any) -> Any:
        return engine.load(self.table, row_id(pk), actor=current_actor())

    def _page(self, case: Any, errors: Mapping[str, Any]) -> str:
        actor = current_actor()
        label = self.table.label_of(case, actor)
        shown = {
            "title": self.name_of(case),
            "list_title": self.list_title,
            "label": label,
            "tone": progress.tone_for(case, actor),
            "waiting": label if case.waits_for else "",
            "transitions": {row.event: row for row in engine.available_transitions(case, actor)},
            "timeline": progress.timeline(case, actor),
            "decide": f"{self.endpoint}.decide",
            "back_url": self.back_url(),
            "assign_url": self.assign_address(case),
            "assigned_to": self.assigned_to(case),
            "errors": texts_of(errors),
        }
        return str(self.render_template(self.template, case=case, **{**shown, **self.facts(case)}))


class WithPapers(UnitCaseView):
    """The same with the pictures that belong to the case."""

    @expose("/paper/<pk>")
    @has_access
    @permission_name("show")
    def paper(self, pk: Any) -> Any:
        """One uploaded picture."""
        found = attachment_for(row_id(pk), actor=current_actor())
        if found.workflow != self.workflow:
            raise NotFound()
        return send_file(io.BytesIO(read_file(found)), mimetype=found.mime, download_name=found.name)
