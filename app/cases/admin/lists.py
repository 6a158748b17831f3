"""A workflow on FAB's screens: its list, coloured states, and one action per event of the table, for one and many.

Subclass ``WorkflowModelView`` with ``workflow = "online_signing"``, ``route_base``, ``search_columns`` and
``list_columns`` (``"state_word"`` is the coloured state); what a confirm page asks follows from the table. A press goes:
list or record → POST action → confirm page (bulk.py) → POST fire → the record, or a result per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import request, url_for
from flask_appbuilder.actions import ActionItem
from flask_babel import gettext as _

from app.access.actors import STAFF
from app.access.roles import workflow_permissions
from app.base.errors import Malformed
from app.cases.admin.bulk import BulkView
from app.cases.sheets import case_columns
from app.cases.words import event_label, state_word
from app.fab.datamodel import ScopedInterface
from app.fab.search import ContainsCharacters, Equal, OneOf, related
from app.web.current import current_actor
from app.web.sheets import Column
from app.workflow import engine, registry
from app.workflow.table import Workflow


class WorkflowModelView(BulkView):
    """The list of a workflow's cases with what the reader may do to each."""

    workflow: str = ""
    open_to: Sequence[str] = STAFF
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
    def table(self) -> Workflow:  # type: ignore[override]
        """The workflow's table."""
        return registry.get(self.workflow)

    def _action_of(self, event: str, label: Any = None) -> ActionItem:
        words = label or event_label(self.table, event, None)
        return ActionItem(event, words, None, None, True, True, partial(self._confirm_rows, event))

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: an event's permission has FAB's prefix."""
        return f"can_{name}"

    def read_address(self) -> None:
        """What the address says; a state that the table does not have is refused by name, as by the API."""
        super().read_address()
        known = {state.name for state in self.table.states}
        for name, value in request.args.items(multi=True):
            if name.startswith("_flt_") and name.endswith("_state") and value.strip() and value not in known:
                words = _("“%(value)s” is none of: %(known)s.", value=value[:40], known=", ".join(sorted(known)))
                raise Malformed(words, "unknown_value")

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Only what can be done to some row of this page is offered, in the words of these rows (R2.3)."""
        actor = current_actor()
        words: dict[str, Any] = {}
        for row in rows:
            for transition in engine.available_transitions(row, actor, but=words):
                words.setdefault(transition.event, transition.label(row))
        offered = {event: self._action_of(event, words[event]) for event in self.actions if event in words}
        return {"actions": offered, "matching": True}

    def columns(self) -> Sequence[Column]:
        """The columns of the download."""
        return case_columns()

    def _confirm_rows(self, event: str, row: Any) -> Any:
        return self.confirm(event, row if isinstance(row, list) else [row])

    def back_url(self) -> str:
        """Where a reader of a record goes back to, filters left behind."""
        return url_for(f"{self.endpoint}.list")


def staff_events(workflow: Workflow) -> list[str]:
    """The events that some kind of staff may fire, in the table's order."""
    rows = [row for row in workflow.transitions if set(row.who) & set(STAFF)]
    return list(dict.fromkeys(row.event for row in rows))
