"""审核人 in the lists of cases: the column, the filter, and the page on which records are given to a colleague."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder.actions import ActionItem
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.base.errors import Forbidden, Invalid, NotFound
from app.cases.admin.bulk import BulkView
from app.cases.admin.desk import kept_query
from app.cases.admin.search import MINE, NOBODY, SOMEBODY, AssignedTo
from app.cases.assignments import queries, services
from app.cases.assignments.sheets import REVIEWER, reviewer_column
from app.cases.models import CaseMixin
from app.cases.queries import waiting_states
from app.cases.records import employer_json
from app.cases.sheets import VERDICT, verdict_columns
from app.cases.verdicts import last_verdict
from app.fab.datamodel import ScopedInterface
from app.fab.views import chosen_ids
from app.web.current import current_actor
from app.web.numbers import is_whole, row_id
from app.web.sheets import Column

ACTION = "assign"
_SHOWN = 20  # of the chosen records on the page, by name


class AssignedView(BulkView):
    """A list whose records are shared out among the reviewers of an office."""

    computed = {REVIEWER: lambda case: vars(case).get(REVIEWER) or ""}
    label_columns = {REVIEWER: _("Reviewer in charge")}

    def __init__(self, **kwargs: Any) -> None:
        first, *others = self.search_columns
        self.search_columns = (first, REVIEWER, *others)
        self.search_kinds = {**self.search_kinds, REVIEWER: (AssignedTo,)}
        self.search_choices = {**self.search_choices, REVIEWER: self._choices}
        super().__init__(**kwargs)
        self.datamodel.beside = {REVIEWER: lambda: queries.assignee(self.datamodel.obj, current_actor().kind)}
        self.datamodel.values = lambda: queries.of_office(current_actor())

    def _choices(self) -> list[tuple[str, str]]:
        choices = [
            (MINE, gettext("Assigned to me")),
            (SOMEBODY, gettext("Assigned to somebody")),
            (NOBODY, gettext("Assigned to nobody")),
        ]
        named = next((said for name, said in request.args.items() if name.endswith(f"_{REVIEWER}")), "")
        if is_whole(named) and queries.reviews(self.table, current_actor()):  # by a link to what one colleague has
            if "reviewers" not in g:
                g.reviewers = dict(queries.colleagues(self.table, current_actor()))
            choices.append((named, g.reviewers.get(int(named), named)))
        return choices

    def with_reviewer(self, columns: Sequence[str]) -> Sequence[str]:
        """The columns with 审核人 behind the state, for those before whose office records of this list come."""
        if not queries.reviews(self.table, current_actor()):
            return columns
        at = columns.index("state_word") + 1 if "state_word" in columns else len(columns)
        return [*columns[:at], REVIEWER, *columns[at:]]

    def sheet_columns(self) -> Sequence[Column]:
        """With the last verdict, and who looks after a record, for those before whose office records of this list come."""
        labels = getattr(self, "opinion_fields", lambda _case: ())
        return [*super().sheet_columns(), *verdict_columns(labels), *reviewer_column(self.table, current_actor())]

    def sheet_model(self) -> ScopedInterface:
        """Read with the last verdict, which no list on screen needs."""
        model = copy(super().sheet_model())
        model.beside = {**model.beside, VERDICT: lambda: last_verdict(model.obj)}
        return model

    def assigned_to(self, case: CaseMixin) -> str:
        """Who of the reader's office looks after the record; "" where nobody does."""
        actor = current_actor()
        if not queries.reviews(self.table, actor):
            return ""
        return queries.assigned_among(self.datamodel.obj, [case.id], actor).get(case.id, (0, ""))[1]

    def _get_search_widget(self, form: Any = None, exclude_cols: Any = None, widgets: Any = None) -> dict[str, Any]:
        """FAB's hook: the filter is for those who share records out."""
        found: dict[str, Any] = super()._get_search_widget(form, exclude_cols, widgets)
        if not queries.reviews(self.table, current_actor()):
            told = found["search"].template_args
            told["include_cols"] = [one for one in told["include_cols"] if one != REVIEWER]
        return found

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """分配 among what can be done with the chosen ones, where any of the page waits."""
        extras, actor = dict(super().row_extras(rows)), current_actor()
        states = waiting_states(self.table, actor)
        if queries.may_assign(self.table, actor) and any(self._waits(row, states) for row in rows):
            extras["own_actions"] = {ACTION: ActionItem(ACTION, gettext("Assign"), None, None, True, False, None)}
        return extras

    def _waits(self, row: Any, states: Sequence[str]) -> bool:
        return row.state in states and row.invalid_since is None

    def assign_address(self, case: CaseMixin) -> str:
        """Where this record is given to somebody; "" where it cannot be."""
        actor = current_actor()
        if not queries.may_assign(self.table, actor) or not self._waits(case, waiting_states(self.table, actor)):
            return ""
        return url_for(f"{self.endpoint}.assignment", rowid=case.id, record=case.id, **kept_query())

    # Pages ------------------------------------------------------------------------------------------------------------

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """Of the actions on many, this one is no event."""
        if request.form.get("action") != ACTION:
            return super().action_post()
        ids = self.matching() if request.form.get("matching") else chosen_ids(request.form.getlist("rowid"))
        return self._assignment(ids)

    @expose("/assign")
    @has_access
    @permission_name("list")
    def assignment(self) -> Any:
        """To whom these records are to be given; changes nothing."""
        return self._assignment(chosen_ids(request.args.getlist("rowid")))

    def _assignment(self, ids: Sequence[int], errors: Mapping[str, Any] | None = None) -> Any:
        actor = current_actor()
        if not queries.may_assign(self.table, actor):
            raise Forbidden()
        now = queries.assignable(self.table, ids, actor)
        if not now:
            if not self.datamodel.get_many(ids[:_SHOWN], self._base_filters):
                raise NotFound()
            flash(
                gettext("None of the chosen records waits for your office now, so there is nothing to assign."), "info"
            )
            return redirect(self._leave())
        loads = {one.user_id: one.waiting for one in queries.workload(actor)}
        spread = Counter(held[1] if held else "" for held in now.values())
        return self.render_template(
            "assignments/assign.html",
            title=gettext("Assign to a colleague"),
            names=[_called(row) for row in self.datamodel.rows([*now][:_SHOWN])],
            count=len(now),
            left=len(ids) - len(now),
            spread=sorted(spread.items(), key=lambda one: (one[0] != "", -one[1])),
            colleagues=[
                (user_id, name, loads.get(user_id, 0), user_id == actor.user_id)
                for user_id, name in queries.colleagues(self.table, actor)
            ],
            chosen=",".join(f"{one}:{held[0] if held else ''}" for one, held in now.items()),
            record=request.values.get("record", ""),
            action_url=url_for(f"{self.endpoint}.assign", **kept_query()),
            leave_url=self._leave(),
            errors=errors or {},
        )

    @expose("/assign", methods=["POST"])
    @has_access
    @permission_name("list")
    def assign(self) -> Any:
        """Give the chosen records to the colleague, or back to nobody."""
        seen, to = _chosen(request.form.get("chosen", "")), request.form.get("to", "")
        if "nobody" not in request.form and not is_whole(to):
            return self._assignment([*seen], {"to": [gettext("Please choose a colleague.")]}), 422
        user_id = None if "nobody" in request.form else int(to)
        try:
            outcomes = services.assign(self.workflow, [*seen], user_id, actor=current_actor(), seen=seen)
        except Invalid as error:
            return self._assignment([*seen], error.errors), 422
        done = sum(one.ok for one in outcomes)
        if done and user_id is None:
            flash(ngettext("%(num)d record is assigned to nobody.", "%(num)d records are assigned to nobody.", done))
        elif done:
            flash(ngettext("%(num)d record is assigned.", "%(num)d records are assigned.", done), "success")
        for why, count in Counter(one.message for one in outcomes if not one.ok).most_common(3):
            told = ngettext("%(num)d record stays as it is.", "%(num)d records stay as they are.", count)
            flash(f"{told} {why}", "warning")
        return redirect(self._leave())

    def _leave(self) -> str:
        """Back to the record from which one came, else to the list."""
        record = request.values.get("record", "")
        if record:
            return url_for(f"{self.endpoint}.show", pk=row_id(record), **kept_query())
        return self.back_url()


def _called(case: CaseMixin) -> str:
    return str(case.graduate.name if case.graduate else (employer_json(case) or {}).get("name") or case.id)


def _chosen(text: str) -> dict[int, int | None]:
    """The records of the page, each with the user who looked after it when the page was made."""
    found: dict[int, int | None] = {}
    for part in filter(None, text.split(",")):
        number, _colon, user = part.partition(":")
        found[row_id(number)] = row_id(user) if user else None
    if not found:
        raise NotFound(_("Please choose at least one record."))
    return found
