"""工作量: what waits with each reviewer of an office, and what they have decided lately."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import require
from app.cases.assignments import queries
from app.fab.menu import Entry
from app.web.current import current_actor
from app.web.links import assigned_url
from app.web.pages import page_access
from app.workflow import registry


class WorkloadView(BaseView):
    """The reviewers of one's own office side by side."""

    route_base = "/staff/workload"
    default_view = "reviewers"
    class_permission_name = queries.VIEW
    open_to = queries.OFFICES
    permissions = dict.fromkeys(("can_list", queries.ASSIGN), queries.OFFICES)
    permission_label = _("Assignment to reviewers")
    permission_labels = {"can_list": _("see the workload"), queries.ASSIGN: _("assign records to colleagues")}
    menu = Entry(queries.VIEW, "user-check", "students", _("Workload of reviewers"))

    @expose("/")
    @page_access(*queries.OFFICES)
    def reviewers(self) -> Any:
        """Assigned and waiting, the oldest of it, decided in 7 and 30 days."""
        actor = current_actor()
        require(actor, "can_list", queries.VIEW)
        return self.render_template(
            "assignments/workload.html",
            title=gettext("Workload of reviewers"),
            loads=[(one, _lists(one)) for one in queries.workload(actor)],
            me=actor.user_id,
        )


def _lists(load: queries.Load) -> list[tuple[str, int, str | None]]:
    """What waits with a reviewer by list: its name, how many, and the list narrowed to them."""
    return [
        (str(registry.get(name).label), count, assigned_url(name, load.user_id)) for name, count in load.lists.items()
    ]
