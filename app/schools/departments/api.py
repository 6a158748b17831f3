"""The API of a school's departments: names, codes, assignment and merging (B12)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import SCHOOL
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, EqualPlace, OneOf
from app.fab.shapes import Moment, Shape, many, one
from app.schools.departments import services
from app.schools.departments.forms import DepartmentForm, MergeForm
from app.schools.departments.queries import VIEW, Line, department_visible_to, lines_of
from app.schools.models import Department
from app.web.numbers import row_id


class DepartmentShape(Shape):
    """A department, or a name that waits to be assigned to one."""

    id = fields.Integer()
    name = fields.String()
    code = fields.String(allow_none=True)
    aliases = fields.List(fields.String(), metadata={"description": "other names by which sheets may call it"})
    unsettled_since = Moment(allow_none=True)
    graduates = fields.Integer()
    accounts = fields.Integer()


def department_json(line: Line) -> dict[str, Any]:
    """A department with its figures."""
    told = {name: getattr(line.department, name) for name in ("id", "name", "code", "unsettled_since")}
    aliases = [alias.name for alias in line.department.aliases]
    return dict(
        DepartmentShape().dump({**told, "aliases": aliases, "graduates": line.graduates, "accounts": line.accounts})
    )


class DepartmentsApi(RoomApi):
    """The departments of my school."""

    resource_name = "departments"
    class_permission_name = VIEW
    permission_label = _("Departments of the school")
    module = "employment"
    permissions = {"can_list": (SCHOOL,), "can_edit": (SCHOOL,)}
    listing = Listing(
        ScopedInterface(Department),
        {"id": (Equal, OneOf), "name": (Contains, EqualPlace), "code": (Equal,), "unsettled_since": None},
        ("id", "name", "code"),
    )

    @expose("/", methods=["GET"])
    @describe(many(DepartmentShape), listed=True)
    def get_list(self) -> Response:
        """The departments of my school, and the names that wait to be assigned to one."""
        page = self.listing.page(self.query(), self.require("can_list"))
        rows = [one.id for one in page.rows]
        lines = {line.department.id: line for line in lines_of(page.rows[0].school_id, rows)} if rows else {}
        return self.many(page, lambda row: department_json(lines[row.id]))

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(DepartmentShape))
    def get(self, pk: int) -> Response:
        """One of them."""
        department = department_visible_to(self.actor(), row_id(pk))
        self.require("can_list")
        return self._one(department)

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(DepartmentShape), body=DepartmentForm)
    def put(self, pk: int) -> Response:
        """Rename it, give it a code or other names; a name that is given up stays as another name."""
        return self._one(services.change_department(row_id(pk), self.body(), actor=self.actor()))

    @expose("/<int:pk>/settle", methods=["POST"])
    @describe(one(DepartmentShape), errors=(409,))
    def settle(self, pk: int) -> Response:
        """Make a name that waits a department of its own."""
        return self._one(services.settle_department(row_id(pk), actor=self.actor()))

    @expose("/<int:pk>/merge", methods=["POST"])
    @describe(one(DepartmentShape), body=MergeForm, errors=(409,))
    def merge(self, pk: int) -> Response:
        """Move everything into another department, which is given back; a name that waits is assigned by the same."""
        return self._one(services.merge_departments(row_id(pk), self.body(), actor=self.actor()))

    def _one(self, department: Department) -> Response:
        line = lines_of(department.school_id, [department.id])[0]
        return self.one(department.id, department_json(line))
