"""Lists of several workflows under one entry of the menu: each shows the others as tabs, with what waits in them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app, get_template_attribute, url_for
from flask_babel import lazy_gettext as _l

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL
from app.cases.admin.review import ReviewView
from app.cases.admin.waiting import waiting_for
from app.web.current import current_actor
from app.web.shell import picked_cohort
from app.workflow.table import Label


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
        builder: Any = current_app.appbuilder  # type: ignore[attr-defined]
        group = _group(builder, self.menu_name, len(builder.baseviews))
        reviews = actor.kind in (PROVINCE, SCHOOL, DEPARTMENT)
        counts = {one.workflow.name: one.total for one in waiting_for(actor, picked_cohort())} if reviews else {}
        items = [
            (one.endpoint, str(one.tab_label), url_for(f"{one.endpoint}.list"), counts.get(one.workflow, 0), "mine")
            for one in group
        ]
        draw: Any = get_template_attribute("components/lists.html", "tabs")
        return draw(items, self.endpoint, str(self.tabs_label))


@lru_cache(maxsize=64)
def _group(builder: Any, menu_name: str, count: int) -> list[TabbedView]:
    """The lists under one entry of the menu; `count` views were open."""
    views = builder.baseviews[:count]
    return [one for one in views if isinstance(one, TabbedView) and one.menu_name == menu_name]
