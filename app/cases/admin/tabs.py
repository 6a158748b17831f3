"""Lists of several workflows under one entry of the menu: each shows the others as tabs, with what waits in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, get_template_attribute, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.cases.admin.review import ReviewView
from app.cases.queries import waiting_states, waits_in
from app.web.current import current_actor
from app.web.shell import picked_cohort
from app.workflow.table import Label, Workflow


class TabbedView(ReviewView):
    """A list among the tabs of the menu entry `menu_name`."""

    menu_name: str = ""  # the name of the entry in the menu, the same for all its tabs
    tab_label: Label = ""
    tabs_label: Label = _l("Who started it")  # what tells the tabs apart, for those who hear the page

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """FAB's hook: the list gets its tabs."""
        if template == self.list_template:
            kwargs.setdefault("tabs", self._tabs())
        return super().render_template(template, **kwargs)

    def _tabs(self) -> Any:
        actor = current_actor()
        views: Any = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
        group = [one for one in views if isinstance(one, TabbedView) and one.menu_name == self.menu_name]
        counts = waiting_counts([one.table for one in group], actor, picked_cohort())
        items = [
            (one.endpoint, str(one.tab_label), url_for(f"{one.endpoint}.list"), count, "mine")
            for one, count in zip(group, counts, strict=True)
        ]
        draw: Any = get_template_attribute("components/lists.html", "tabs")
        return draw(items, self.endpoint, str(self.tabs_label))


def waiting_counts(workflows: Sequence[Workflow], actor: Actor, cohort: int | None = None) -> list[int]:
    """How many cases of each workflow wait for this reviewer's verdict, with one statement; 0 for other readers."""
    counts = [_counting(one, actor, cohort) for one in workflows]
    asked = [one for one in counts if one is not None]
    found = iter(session.execute(select(*asked)).one() if asked else ())
    return [0 if one is None else next(found) for one in counts]


def _counting(workflow: Workflow, actor: Actor, cohort: int | None) -> Any:
    states = waiting_states(workflow, actor) if actor.kind in (PROVINCE, SCHOOL, DEPARTMENT) else ()
    if not states:
        return None
    model: Any = workflow.model
    query = select(func.count()).where(in_scope(model, actor), waits_in(model, states))
    return (query if cohort is None else query.where(model.cohort == cohort)).scalar_subquery()
