"""A workflow on FAB's screens: its list, coloured states, and one action per event of the table, for one and many.

Subclass ``WorkflowModelView`` with ``workflow = "online_signing"``, ``route_base``, ``search_columns`` and
``list_columns`` (``"state_word"`` is the coloured state); what a confirm page asks follows from the table. A press goes:
list or record → POST action → confirm page (what will happen, to whom, who cannot) → POST fire → the record, or a
result per row. GET never acts; the rules are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.actions import ActionItem
from flask_appbuilder.views import expose
from flask_babel import gettext as _

from app.access.actors import STAFF
from app.access.roles import workflow_permissions
from app.base.errors import AppError, Conflict, Invalid, NotFound, texts_of
from app.cases import asks
from app.cases.admin.phrases import keep_sent, phrases_for
from app.cases.admin.units_concerned import MOST_SHOWN, units_of
from app.cases.api import refuse_impossible
from app.cases.sheets import case_columns
from app.cases.words import event_label, state_word
from app.fab.datamodel import ScopedInterface
from app.fab.search import ContainsCharacters, Equal, OneOf, related
from app.fab.views import ScopedModelView, chosen_ids
from app.web.current import current_actor
from app.web.numbers import seen_version
from app.web.sheets import Column
from app.workflow import engine, registry
from app.workflow.table import Workflow

VERDICTS = ("approve", "return", "reject")


class WorkflowModelView(ScopedModelView):
    """The list of a workflow's cases with what the reader may do to each."""

    workflow: str = ""
    open_to: Sequence[str] = STAFF
    confirm_template = "cases/confirm.html"
    outcomes_template = "cases/outcomes.html"
    computed = {"state_word": state_word}
    search_columns: Any = ("state", "cohort", "graduate_name", "number")
    search_kinds = {
        "state": (OneOf,),
        "cohort": (OneOf,),
        "graduate_name": (related("graduate", "name", ContainsCharacters),),
        "number": (Equal,),
    }
    list_columns: Any = ("graduate", "employer", "state_word", "updated_at")
    show_columns: Sequence[str] = ("graduate", "employer", "state_word", "number", "created_at", "updated_at")
    order_columns: Any = ("id", "state", "created_at", "updated_at")

    def __init__(self, **kwargs: Any) -> None:
        table = self.table
        self.datamodel = ScopedInterface(table.model)
        self.class_permission_name = table.name
        self.module = table.module
        self.list_title = self.list_title or table.label
        super().__init__(**kwargs)
        self.actions = {event: self._action_of(event) for event in staff_events(table)}
        # The permissions are the workflow's, shared with its API; they follow from the table.
        self.base_permissions = list(workflow_permissions(table))

    @property
    def table(self) -> Workflow:
        """The workflow's table."""
        return registry.get(self.workflow)

    def _action_of(self, event: str, label: Any = None) -> ActionItem:
        words = label or event_label(self.table, event, None)
        return ActionItem(event, words, None, None, True, True, partial(self._confirm_rows, event))

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: an event's permission has FAB's prefix."""
        return f"can_{name}"

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Only what can be done to some row of this page is offered, in the words of these rows (R2.3)."""
        actor = current_actor()
        words: dict[str, Any] = {}
        for row in rows:
            for transition in engine.available_transitions(row, actor):
                words.setdefault(transition.event, transition.label(row))
        return {"actions": {event: self._action_of(event, words[event]) for event in self.actions if event in words}}

    def columns(self) -> Sequence[Column]:
        """The columns of the download."""
        return case_columns()

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An event for many: the confirm page shows which of them will be refused; each is judged on its own."""
        event = request.form.get("action", "")
        self.known_action(event)
        refuse_impossible(self.table, event, current_actor())
        cases = self.datamodel.get_many(chosen_ids(request.form.getlist("rowid")), self._base_filters)
        if not cases:
            raise NotFound()
        return self.confirm(event, cases)

    def _confirm_rows(self, event: str, row: Any) -> Any:
        return self.confirm(event, row if isinstance(row, list) else [row])

    def confirm(self, event: str, cases: Sequence[Any], *, errors: Mapping[str, Any] | None = None) -> Any:
        """The page that says what will happen, to whom, and what it needs; changes nothing."""
        actor = current_actor()
        refuse_impossible(self.table, event, actor)
        offered = [next((t for t in engine.available_transitions(c, actor) if t.event == event), None) for c in cases]
        judged = [(case, row is not None) for case, row in zip(cases, offered, strict=True)]
        return self.render_template(
            self.confirm_template,
            title=event_label(self.table, event, cases[0]),
            event=event,
            workflow=self.table,
            judged=judged,
            possible=sum(1 for _case, possible in judged if possible),
            irreversible=any(row.irreversible for row in offered if row),
            phrases=phrases_for(self.table, [row for row in offered if row], actor),
            fields=asks.fields_of(self.table.form_of(event), request.form if errors else {}),
            errors=texts_of(errors or {}),
            action_url=url_for(f"{self.endpoint}.fire", event=event),
            back_url=self.back_url(),
            state_word=state_word,
            units=units_of(cases, actor) if event in VERDICTS else [],
            most_units=MOST_SHOWN,
        )

    @expose("/fire/<string:event>", methods=["POST"])
    def fire(self, event: str) -> Any:
        """Fire the confirmed event; one goes back to its record, many get a result per row (R8.15)."""
        ids = chosen_ids(request.form.getlist("rowid"))
        data = asks.data_of(request.form)
        return self._fire_one(event, ids[0], data) if len(ids) == 1 else self._fire_many(event, ids, data)

    def _fire_one(self, event: str, case_id: int, data: dict[str, Any]) -> Any:
        actor = current_actor()
        seen = seen_version(request.form.get(f"version-{case_id}"))
        try:
            case = engine.fire(self.workflow, case_id, event, actor=actor, data=data, version=seen)
        except Invalid as error:
            return self.confirm(event, [self.row(case_id)], errors=error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=case_id))
        flash(_("Done: %(label)s", label=self.table.label_of(case, actor)), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=case_id))

    def _fire_many(self, event: str, ids: Sequence[int], data: dict[str, Any]) -> Any:
        actor = current_actor()
        refuse_impossible(self.table, event, actor)
        wrong = self._wrong_fields(event, data)
        if wrong:
            return self.confirm(event, self.datamodel.get_many(ids, self._base_filters), errors=wrong), 422
        seen = {one: seen_version(request.form.get(f"version-{one}")) for one in ids}
        versions = {one: version for one, version in seen.items() if version is not None}
        outcomes = engine.fire_many(self.workflow, ids, event, actor=actor, data=data, versions=versions)
        keep_sent(self.table, event, data, {}, actor)
        cases = {case.id: case for case in self.datamodel.get_many(ids, self._base_filters)}
        return self.render_template(
            self.outcomes_template,
            title=event_label(self.table, event, next(iter(cases.values()), None)),
            outcomes=[(outcome, cases.get(outcome.id)) for outcome in outcomes],
            done=sum(1 for outcome in outcomes if outcome.ok),
            show_endpoint=f"{self.endpoint}.show",
            back_url=self.back_url(),
            state_word=state_word,
        )

    def _wrong_fields(self, event: str, data: dict[str, Any]) -> Mapping[str, Any]:
        form = self.table.form_of(event)
        if form is None:
            return {}
        try:
            asks.check(form, data)
        except AppError as error:
            return error.errors if isinstance(error, Invalid) else {"_": [error.message]}
        return {}

    def back_url(self) -> str:
        """Where a reader of a record goes back to, filters left behind."""
        return url_for(f"{self.endpoint}.list")


def staff_events(workflow: Workflow) -> list[str]:
    """The events that some kind of staff may fire, in the table's order."""
    rows = [row for row in workflow.transitions if set(row.who) & set(STAFF)]
    return list(dict.fromkeys(row.event for row in rows))
