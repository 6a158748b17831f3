"""预警单位管理 on the screens of schools: list, form, history (R8.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.dialects.postgresql import array

from app.access.actors import SCHOOL
from app.access.audit import AuditLine
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid
from app.base.wording import joined, listed
from app.codes import queries as codes
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Contains, Equal, SearchFilter, as_text
from app.fab.views import ScopedModelView
from app.flags import queries, services
from app.flags.models import UnitWarning
from app.flags.words import until_word
from app.web.current import current_actor
from app.web.numbers import seen_version

_VERBS = ("can_list", "can_show", "can_export", "can_create", "can_edit", "can_delete")
LABELS: dict[str, Any] = {
    "name": _("Unit"),
    "uscc": _("Credit code"),
    **dict.fromkeys(("kinds", "kind_words"), _("Kinds of warning")),
    "reason": _("Reason for the warning"),
    "evidence": _("Evidence"),
    **dict.fromkeys(("until", "until_word"), _("Holds until")),
    "created_by": _("Marked by"),
    "changed": _("Last changed"),
}
_DONE = {
    "warning_added": _("Unit marked"),
    "warning_changed": _("Entry changed"),
    "warning_removed": _("Mark taken back"),
}


class OfKind(SearchFilter):
    """The mark has one of the kinds."""

    name, arg_name = _("is one of"), "in"

    def condition(self, value: Any) -> Any:
        """Overlap of two short lists."""
        values = value if isinstance(value, list) else [value]
        return self.column.overlap(array([as_text(one) for one in values]))


class WarningAdmin(ScopedModelView):
    """The units that the reader's school has marked; 读写 changes, 只读 looks."""

    datamodel = ScopedInterface(UnitWarning)
    route_base = "/staff/warnings"
    menu = Entry("warnings", "triangle-alert")
    class_permission_name = queries.VIEW
    base_permissions = list(_VERBS)
    permissions = dict.fromkeys(_VERBS, (SCHOOL,))
    open_to = (SCHOOL,)
    module = queries.MODULE
    list_title = _("Flagged units")
    search_columns = ["name", "uscc", "kinds"]
    search_kinds = {"name": (Contains,), "uscc": (Equal,), "kinds": (OfKind,)}
    search_choices = {"kinds": lambda: codes.choices("warning_reason")}
    label_columns = LABELS
    computed = {
        "kind_words": lambda marked: listed(codes.label("warning_reason", kind) for kind in marked.kinds),
        "until_word": until_word,
        "changed": lambda marked: time_text(marked.updated_at),
    }
    list_columns = ["name", "uscc", "kind_words", "reason", "until_word", "created_by", "changed"]
    order_columns = ["name"]

    def list_head(self) -> dict[str, Any]:
        """The marks, with the way to a new one."""
        lead = gettext(
            "Your graduates and reviewers are warned of these units. Once %(count)s schools have marked a unit, "
            "all graduates and schools are. The unit sees the mark with its reason and who has set it, and can object once.",
            count=queries.SCHOOLS_FOR_ALL,
        )
        return {"lead": lead, "head_tools": self._create_link()}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """The row opens its form."""
        return {
            "row_urls": {row.id: url_for(f"{self.endpoint}.show", pk=row.id) for row in rows},
            "row_tools": {row.id: "" for row in rows},
            "numeric_columns": ["uscc"],
            "wide_columns": ["created_by", "until_word"],
            "empty_title": gettext("No unit is marked"),
            "empty_text": gettext("Mark a unit when your school has reason to warn its graduates of it."),
        }

    @expose("/create", methods=["GET", "POST"])
    @has_access
    @permission_name("create")
    def create(self) -> Any:
        """The form of a new mark."""
        if request.method == "GET":
            return self._form_page(None, {}, {})
        sent = _sent()
        try:
            marked = services.add_warning(sent, actor=current_actor())
        except Invalid as error:
            return self._form_page(None, sent, error.errors), 422
        except Conflict as error:
            return self._form_page(None, sent, {"uscc": [error.message]}), 409
        flash(gettext("%(name)s is marked. The warning is shown from now on.", name=marked.name), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """One mark in its form, with what was done to it."""
        marked = self.row(pk)
        return self._form_page(marked, _values(marked), {})

    @expose("/change/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: Any) -> Any:
        """Save the form."""
        marked, sent = self.row(pk), _sent()
        seen = seen_version(request.form.get("version"))
        try:
            services.change_warning(marked.id, sent, actor=current_actor(), version=seen)
        except Invalid as error:
            return self._form_page(marked, sent, error.errors), 422
        except Conflict as error:
            if error.code != "stale":
                return self._form_page(marked, sent, {"uscc": [error.message]}), 409
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=marked.id))
        flash(gettext("Saved. The warning is shown as it stands now."), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    @expose("/remove/<pk>", methods=["POST"])
    @has_access
    @permission_name("delete")
    def remove(self, pk: Any) -> Any:
        """Take the mark back."""
        marked = self.row(pk)
        name = marked.name
        services.remove_warning(marked.id, actor=current_actor())
        flash(gettext("%(name)s is no longer marked by your school.", name=name), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    def _may_write(self, permission: str) -> bool:
        actor = current_actor()
        return actor.writes(queries.MODULE) and actor.may(permission, queries.VIEW)

    def _create_link(self) -> Markup:
        if not self._may_write("can_create"):
            return Markup("")
        link = Markup('<a class="button button--primary" href="{}">{}</a>')
        return link.format(url_for(f"{self.endpoint}.create"), gettext("Mark a unit"))

    def _form_page(self, marked: UnitWarning | None, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        return self.render_template(
            "flags/form.html",
            title=marked.name if marked else gettext("Mark a unit"),
            marked=marked,
            values=values,
            errors=_at_fields(errors),
            labels=LABELS,
            kinds=codes.choices("warning_reason"),
            may_change=self._may_write("can_edit" if marked else "can_create"),
            may_remove=marked is not None and self._may_write("can_delete"),
            changes=[_entry(line) for line in queries.changes_of(marked)] if marked else [],
            limit=queries.SCHOOLS_FOR_ALL,
            endpoint=self.endpoint,
        )


def _sent() -> dict[str, Any]:
    names = ("uscc", "name", "reason", "evidence", "until")
    sent: dict[str, Any] = {name: request.form[name] for name in names if name in request.form}
    return {**sent, "kinds": request.form.getlist("kinds")}


def _values(marked: UnitWarning) -> dict[str, Any]:
    values = {name: getattr(marked, name) or "" for name in ("uscc", "name", "kinds", "reason", "evidence", "until")}
    return {**values, "kinds_told": _told("kinds", marked.kinds)}


def _at_fields(errors: Mapping[str, Any]) -> dict[str, list[str]]:
    """kinds.0 is told at kinds."""
    found: dict[str, list[str]] = {}
    for name, texts in errors.items():
        found.setdefault(name.partition(".")[0], []).extend(str(text) for text in texts)
    return found


def _entry(line: AuditLine) -> dict[str, Any]:
    before, after = line.detail.get("before") or {}, line.detail.get("after") or {}
    changes = [
        gettext(
            "%(what)s: %(before)s → %(after)s",
            what=LABELS[name],
            before=_told(name, before[name]),
            after=_told(name, after.get(name)),
        )
        for name in before
    ]
    return {
        "label": _DONE.get(line.action, line.action),
        "at": line.at,
        "actor": line.actor,
        "reason": joined(changes),
        "tone": "over",
    }


def _told(name: str, value: Any) -> str:
    if name == "kinds":
        return listed(codes.label("warning_reason", kind) for kind in value or ())
    return str(value or "")
