"""保存期限 on the operators' screens: what is kept for how long, why, and what waits to go."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR
from app.fab.menu import Entry
from app.retention.rules import RULES
from app.retention.services import due_of
from app.retention.words import row_of


class RetentionView(BaseView):
    """The table; nothing can be changed here: the rules are part of the program."""

    route_base = "/staff/retention"
    menu = Entry("retention", "clock", "operations", _("How long data are kept"))
    default_view = "table"
    class_permission_name = "retention"
    base_permissions = ["can_list"]
    open_to = (OPERATOR,)
    label = _("How long data are kept")

    @expose("/list/")
    @has_access
    @permission_name("list")
    def table(self) -> Any:
        """All rules, with how many rows the next run of the clock takes."""
        rows = [row_of(rule, due_of(rule)) for rule in RULES]
        return self.render_template("retention/table.html", title=self.label, rows=rows)
