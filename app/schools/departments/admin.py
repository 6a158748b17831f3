"""院系管理 of a school: its departments, the names that wait to be assigned to one, and the page of a department (B12)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actors import SCHOOL, Actor, module_refusal
from app.base.errors import Forbidden, Invalid
from app.base.wording import listed
from app.fab.menu import Entry
from app.schools.departments import services
from app.schools.departments.queries import (
    VIEW,
    Line,
    changes_of,
    department_visible_to,
    lines_of,
    nearest,
)
from app.schools.models import Department
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access

_SAID = {
    services.CHANGED: _l("changed"),
    services.MERGED: _l("merged"),
    services.SETTLED: _l("made a department"),
}
_FIELDS = {"name": _l("Department of study"), "code": _l("Department code"), "aliases": _l("Other names")}


def _label() -> Any:
    return _l("Departments of the school")


def _in_menu() -> bool:
    """The entry is shown to those who may read the page."""
    actor = actor_or_none()
    return actor is not None and actor.may("can_list", VIEW) and actor.reads("employment")


class SchoolDepartmentsView(BaseView):
    """What a school calls its departments, and what others have called them."""

    route_base = "/staff/school-departments"
    default_view = "index"
    class_permission_name = VIEW
    open_to = (SCHOOL,)
    menu = Entry(VIEW, "building-2", "students", _label(), _in_menu)

    @expose("/")
    @page_access(SCHOOL)
    def index(self) -> str:
        """The names that wait, each with its nearest departments, and all departments."""
        actor = _reader()
        lines = lines_of(int(actor.school_id or 0))
        waiting = [line for line in lines if line.department.unsettled_since is not None]
        return self.render_template(
            "schools/departments.html",
            title=str(_label()),
            waiting=[(line, _candidates(line, lines)) for line in waiting],
            lines=[line for line in lines if line.department.unsettled_since is None],
            others=_choices(lines),
            people=_people_url,
            may_change=_may_change(actor),
        )

    @expose("/<pk>")
    @page_access(SCHOOL)
    def show(self, pk: Any) -> str:
        """One department: its names, what can be done with it, and what was."""
        return self._page(row_id(pk), {}, {})

    @expose("/<pk>", methods=["POST"])
    @page_access(SCHOOL)
    def change(self, pk: Any) -> Any:
        """Another name, a code, other names, one a line."""
        typed = {name: request.form.get(name, "") for name in _FIELDS}
        sent = {**typed, "aliases": [line.strip() for line in typed["aliases"].splitlines() if line.strip()]}
        try:
            services.change_department(row_id(pk), sent, actor=current_actor())
        except Invalid as refused:
            errors = {name.partition(".")[0]: texts for name, texts in refused.errors.items()}
            return self._page(row_id(pk), errors, typed), 422
        flash(_("Saved. Sheets may go on with the former name."), "success")
        return redirect(url_for("SchoolDepartmentsView.show", pk=pk))

    @expose("/<pk>/merge", methods=["POST"])
    @page_access(SCHOOL)
    @flash_refusals(lambda pk: url_for("SchoolDepartmentsView.index"))
    def merge(self, pk: Any) -> Any:
        """Move everything into another department; a name that waited is assigned by the same."""
        target = services.merge_departments(row_id(pk), {"into": request.form.get("into", "")}, actor=current_actor())
        flash(
            _("Everything is with “%(name)s” now, which goes by the other name as well.", name=target.name), "success"
        )
        return redirect(url_for("SchoolDepartmentsView.index"))

    @expose("/<pk>/settle", methods=["POST"])
    @page_access(SCHOOL)
    @flash_refusals(lambda pk: url_for("SchoolDepartmentsView.index"))
    def settle(self, pk: Any) -> Any:
        """Make the name a department."""
        department = services.settle_department(row_id(pk), actor=current_actor())
        flash(_("“%(name)s” is a department now.", name=department.name), "success")
        return redirect(url_for("SchoolDepartmentsView.index"))

    def _page(self, department_id: int, errors: Any, typed: Any) -> str:
        actor = _reader()
        department = department_visible_to(actor, department_id)
        lines = lines_of(department.school_id)
        kept = {"name": department.name, "code": department.code or ""}
        kept["aliases"] = "\n".join(one.name for one in department.aliases)
        return self.render_template(
            "schools/department.html",
            title=department.name,
            department=department,
            line=next(line for line in lines if line.department.id == department.id),
            others=_choices(lines, but=department),
            values={**kept, **typed},
            errors=errors,
            labels=_FIELDS,
            people=_people_url,
            changes=[
                (line, _SAID.get(line.action, line.action), _change_words(line.detail))
                for line in changes_of(department)
            ],
            may_change=_may_change(actor),
        )


def _reader() -> Actor:
    actor = current_actor()
    if not actor.may("can_list", VIEW):
        raise Forbidden()
    if not actor.reads("employment"):
        raise module_refusal(actor, "employment")
    return actor


def _may_change(actor: Actor) -> bool:
    try:
        services.require_departments(actor)
    except Forbidden:
        return False
    return True


def _candidates(line: Line, lines: list[Line]) -> list[Line]:
    return nearest(line.department.name, lines)


def _choices(lines: list[Line], but: Department | None = None) -> list[tuple[str, str]]:
    """What another one can be merged into."""
    settled = [line.department for line in lines if line.department.unsettled_since is None]
    return [(str(one.id), one.name) for one in settled if but is None or one.id != but.id]


def _people_url(department: Department) -> str:
    return url_for("GraduateAdmin.list", _flt_0_department_name=department.name)


def _change_words(detail: Any) -> list[str]:
    """A line of the trail for people: what it was, what it became."""
    if "from" in detail:
        return [_("%(name)s became part of %(other)s", name=detail["from"], other=detail["into"])]
    before, after = detail.get("before", {}), detail.get("after", {})
    return [
        f"{_FIELDS[name]}: {_text(before.get(name))} → {_text(after.get(name))}" for name in _FIELDS if name in after
    ]


def _text(value: Any) -> str:
    return (listed(value) if isinstance(value, list) else str(value or "")) or "—"
