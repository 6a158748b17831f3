"""Provinces, schools and departments on the operators' screens. What a province has opened can only be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.access.actors import MODULES
from app.base.database import session
from app.base.errors import Invalid
from app.base.wording import listed
from app.codes import queries as codes
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Contains, Equal, OneOf, related
from app.fab.views import ScopedModelView
from app.schools import services
from app.schools.admin.words import AGREEMENT_TYPES
from app.schools.models import Department, Province, School
from app.web.current import current_actor
from app.web.modules import LABELS


class PlaceView(ScopedModelView):
    """A list of places; what a form says goes to a service, never straight into a row."""

    base_order = ("id", "asc")

    def _add(self) -> Any:
        return self._sent(self.add_form, self.added)

    def _edit(self, pk: Any) -> Any:
        row = self.row(pk)
        if request.method == "GET":
            return self._get_edit_widget(form=self.edit_form.refresh(obj=row))
        return self._sent(self.edit_form, lambda form: self.edited(row, form), edits=True)

    def _sent(self, kind: Any, save: Callable[[Any], None], *, edits: bool = False) -> Any:
        widget = self._get_edit_widget if edits else self._get_add_widget
        form = kind.refresh(request.form if request.method == "POST" else None)
        if request.method == "GET" or not form.validate():
            return widget(form=form)
        try:
            save(form)
        except Invalid as refused:
            for name, texts in refused.errors.items():
                form[name].errors = [*form[name].errors, *(str(text) for text in texts)]
            return widget(form=form)
        flash(str(_("Saved.")), "success")
        return None

    def added(self, form: Any) -> None:
        """Take the new place into the platform."""
        raise NotImplementedError

    def edited(self, row: Any, form: Any) -> None:
        """Change the place."""
        raise NotImplementedError

    def post_add_redirect(self) -> Response:
        """Back to the list."""
        return redirect(url_for(f"{self.endpoint}.list"))

    post_edit_redirect = post_add_redirect


def _agreement_type(province: Province) -> str:
    return str(AGREEMENT_TYPES.get(province.agreement_type or "", ""))


def _opened(province: Province) -> str:
    rows = {row.module for row in province.modules}
    return listed(str(LABELS[module]) for module in MODULES if module in rows)


def _missing_provinces() -> list[tuple[str, str]]:
    there = set(session.scalars(select(Province.code)))
    return [(code[:2], label) for code, label in codes.regions_under() if code[:2] not in there]


def _provinces() -> list[tuple[str, str]]:
    return [
        (code, name) for code, name in session.execute(select(Province.code, Province.name).order_by(Province.code))
    ]


class ProvinceAdmin(PlaceView):
    """省份管理: who takes part and what is open."""

    datamodel = ScopedInterface(Province, eager=lambda: (selectinload(Province.modules),))
    route_base = "/staff/provinces"
    menu = Entry(services.PROVINCES, "landmark", "places")
    class_permission_name = services.PROVINCES
    base_permissions = ["can_list", "can_show", "can_add", "can_export"]
    reference_data = True
    exclude_route_methods = {"delete", "edit"}
    list_title = show_title = _("Provinces")
    add_title = _("Add a province")
    search_columns = ["name", "code"]
    computed = {"agreement": _agreement_type, "opened": _opened}
    list_columns = ["name", "code", "agreement", "opened"]
    show_columns = list_columns
    order_columns = ["code"]
    label_columns = {
        "name": _("Province"),
        "code": _("Code"),
        "agreement": _("Kind of agreement"),
        "opened": _("Opened modules"),
    }
    add_columns = ["code"]
    add_form_extra_fields = {
        "code": SelectField(_("Province"), choices=_missing_provinces, validators=[InputRequired()])
    }

    def added(self, form: Any) -> None:
        """The name is that of the region."""
        services.add_province(form.code.data, dict(_missing_provinces())[form.code.data], actor=current_actor())


class SchoolAdmin(PlaceView):
    """学校管理: the schools that take part."""

    datamodel = ScopedInterface(School)
    route_base = "/staff/schools"
    menu = Entry(services.SCHOOLS, "school", "places")
    class_permission_name = services.SCHOOLS
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_export"]
    reference_data = True
    exclude_route_methods = {"delete"}
    list_title = show_title = _("Schools")
    add_title, edit_title = _("Add a school"), _("Rename a school")
    search_columns = ["name", "code", "province_code"]
    search_kinds = {"province_code": (related("province", "code", OneOf),)}
    search_choices = {"province_code": _provinces}
    computed = {"province_name": lambda school: school.province.name}
    list_columns = ["name", "code", "province_name"]
    show_columns = list_columns
    order_columns = ["code"]
    label_columns = {
        "name": _("School"),
        "code": _("School code"),
        "province_name": _("Province"),
        "province_code": _("Province"),
    }
    _name = StringField(
        _("School"),
        validators=[InputRequired(), Length(max=64)],
        description=_("Exactly as on the national list; agreements show it."),
    )
    add_columns = ["code", "name", "province_code"]
    edit_columns = ["name"]
    add_form_extra_fields = {
        "code": StringField(_("School code"), validators=[InputRequired(), Length(min=5, max=5)]),
        "name": _name,
        "province_code": SelectField(_("Province"), choices=_provinces, validators=[InputRequired()]),
    }
    edit_form_extra_fields = {"name": _name}

    def added(self, form: Any) -> None:
        """A code that is there already is told at its field."""
        if session.scalar(select(School.id).where(School.code == form.code.data.strip())):
            raise Invalid({"code": [_("A school with this code takes part already.")]})
        province = session.scalars(select(Province).where(Province.code == form.province_code.data)).one()
        services.add_school(form.code.data.strip(), form.name.data, province, actor=current_actor())

    def edited(self, row: School, form: Any) -> None:
        """Only the name changes."""
        services.rename_school(row.id, form.name.data, actor=current_actor())


class DepartmentAdmin(ScopedModelView):
    """院系管理: departments as rosters and schools name them; schools look after their own (schools/departments)."""

    datamodel = ScopedInterface(
        Department, eager=lambda: (joinedload(Department.school, innerjoin=True), selectinload(Department.aliases))
    )
    route_base = "/staff/departments"
    menu = Entry("departments", "building-2", "places")
    class_permission_name = "departments"
    base_permissions = ["can_list", "can_show", "can_export"]
    list_title = show_title = _("Departments")
    base_order = ("id", "asc")
    search_columns = ["name", "code", "school_name", "school_code"]
    search_kinds = {
        "school_name": (related("school", "name", Contains),),
        "school_code": (related("school", "code", Equal),),
    }
    computed = {
        "aliases": lambda department: listed(one.name for one in department.aliases),
        "school_name": lambda department: department.school.name,
        "school_code": lambda department: department.school.code,
        "province_name": lambda department: department.school.province.name,
    }
    list_columns = ["name", "code", "aliases", "school_name", "school_code", "province_name"]
    show_columns = list_columns
    order_columns = ["name"]
    label_columns = {
        "name": _("Department of study"),
        "code": _("Department code"),
        "aliases": _("Other names"),
        "school_name": _("School"),
        "school_code": _("School code"),
        "province_name": _("Province"),
    }
