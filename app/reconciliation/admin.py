"""对账 on the operators' screens: what differs between platform and employment system, and one press that mends it."""

from __future__ import annotations

from typing import Any

from flask import flash, get_template_attribute, redirect, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app.access.actors import OPERATOR
from app.base.dates import time_text
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Equal, OneOf
from app.fab.views import ScopedModelView
from app.reconciliation.models import Difference
from app.reconciliation.queries import newest_round
from app.reconciliation.services.mending import VIEW, ask_for_round, mend
from app.reconciliation.words import KINDS, PROBLEMS, problem_text
from app.web.current import current_actor


class ReconciliationView(ScopedModelView):
    """The differences that the last round found."""

    datamodel = ScopedInterface(Difference, lambda: (joinedload(Difference.school), joinedload(Difference.graduate)))
    route_base = "/staff/reconciliation"
    menu = Entry(VIEW, "clipboard-check", "operations")
    class_permission_name = VIEW
    base_permissions = ["can_list", "can_export", "can_mend", "can_begin"]
    open_to = (OPERATOR,)
    permission_labels = {"can_mend": _("mend differences"), "can_begin": _("compare now")}
    list_title = _("Compared with the employment system")
    search_columns = ["kind", "exam_number", "cohort", "problem"]
    search_kinds = {"kind": (OneOf,), "exam_number": (Equal,), "cohort": (OneOf,), "problem": (OneOf,)}
    search_choices = {
        "kind": lambda: [(kind, str(label)) for kind, label in KINDS.items()],
        "problem": lambda: [(name, str(label)) for name, label in PROBLEMS.items()],
    }
    computed = {
        "student": lambda row: row.graduate.name if row.graduate else "",
        "place": lambda row: row.school.name,
        "what": lambda row: KINDS.get(row.kind, row.kind),
        "words": problem_text,
    }
    formatters_columns = dict.fromkeys(("found_at", "mended_at"), time_text)
    list_columns = ["exam_number", "student", "place", "cohort", "what", "words", "found_at", "mended_at"]
    order_columns = ["id", "found_at", "cohort"]
    label_columns = {
        "exam_number": _("Exam number"),
        "student": _("Name"),
        "place": _("School"),
        "cohort": _("Cohort"),
        "kind": _("What differs"),
        "what": _("What differs"),
        "problem": _("Difference"),
        "words": _("Difference"),
        "found_at": _("Found at"),
        "mended_at": _("Mended at"),
    }

    def list_tools(self) -> Markup:
        """When it was compared last, and a press that compares now."""
        draw = get_template_attribute("reconciliation/_round.html", "round")
        return super().list_tools() + draw(newest_round(), url_for(f"{self.endpoint}.begin"))

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: the permission is named as in the services."""
        return f"can_{name}"

    @action("mend", _("Mend"), None, "wrench")
    def mend(self, rows: Any) -> Response:
        """Send what makes both sides the same."""
        chosen = rows if isinstance(rows, list) else [rows]
        count = mend([row.id for row in chosen], actor=current_actor())
        sent = gettext("%(count)s differences are being mended. The next round tells whether it helped.", count=count)
        none = gettext("None of these can be mended by a press. Please read what is to be done.")
        flash(sent if count else none, "success" if count else "info")
        return redirect(self.get_redirect())

    @expose("/begin", methods=["POST"])
    @has_access
    @permission_name("begin")
    def begin(self) -> Response:
        """Compare now instead of tonight."""
        ask_for_round(actor=current_actor())
        flash(gettext("The comparison begins within five minutes."), "success")
        return redirect(url_for(f"{self.endpoint}.list"))
