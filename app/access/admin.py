"""Roles and accounts on the operators' screens (R1.3)."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask_appbuilder.baseviews import AbstractViewApi
from flask_appbuilder.fields import QuerySelectMultipleField
from flask_appbuilder.fieldwidgets import Select2ManyWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.sqla.models import PermissionView, Role
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.access import audit
from app.access.actors import OPERATOR, ROLE_OF_KIND
from app.access.labels import KIND_NAMES
from app.access.permissions import Pair
from app.database import session
from app.doors.current import current_actor
from app.doors.datamodel import ScopedInterface
from app.doors.views import ScopedModelView
from app.errors import Conflict
from app.workflow import registry

_KIND_OF_ROLE = {role: kind for kind, role in ROLE_OF_KIND.items()}


def thing_name(view: str) -> Any:
    """What people call the thing that a permission is about: a workflow, a page, an entry of the menu."""
    workflows = {workflow.name: workflow.label for workflow in registry.all_workflows()}
    if view in workflows:
        return workflows[view]
    builder = current_app.appbuilder  # type: ignore[attr-defined]
    for one in builder.baseviews:
        if isinstance(one, AbstractViewApi) and str(one.class_permission_name) == view:
            return getattr(one, "label", None) or getattr(one, "list_title", None) or view
    item = builder.menu.find(view)
    return item.label if item is not None and item.label else view


def _grants() -> list[PermissionView]:
    query = select(PermissionView).options(joinedload(PermissionView.permission), joinedload(PermissionView.view_menu))
    return list(session.scalars(query))


def _sentence(grant: PermissionView) -> str:
    return f"{grant.permission.name} on {thing_name(grant.view_menu.name)}"


class RoleForm(DynamicForm):
    """Every permission that there is, ticked where the role has it."""

    permissions = QuerySelectMultipleField(
        _("Permissions"),
        query_func=_grants,
        get_pk_func=lambda grant: grant.id,
        get_label=_sentence,
        widget=Select2ManyWidget(),
    )


class RoleView(ScopedModelView):
    """The six roles and what each may do; changes hold at the next click of everybody."""

    datamodel = ScopedInterface(Role, eager=lambda: (selectinload(Role.permissions),))
    route_base = "/staff/roles"
    open_to = (OPERATOR,)
    reference_data = True
    exclude_route_methods = {"add", "delete", "export"}
    list_title = _("Roles and permissions")
    show_title = _("Role of accounts")
    edit_title = _("Change the permissions of a role")
    search_columns = []
    computed = {"kind": lambda role: KIND_NAMES.get(_KIND_OF_ROLE.get(role.name, ""), role.name)}
    label_columns = {
        "kind": _("Role of accounts"),
        "permissions": _("Permissions"),
        "count": _("Number of permissions"),
    }
    list_columns = ["kind", "count"]
    show_columns = ["kind", "permissions"]
    add_columns = edit_columns = ["permissions"]
    edit_form = RoleForm
    base_order = ("id", "asc")
    add_form = RoleForm

    def _init_properties(self) -> None:
        self.computed = {**self.computed, "count": lambda role: len(role.permissions)}
        super()._init_properties()

    def pre_update(self, item: Role) -> None:
        """Operators cannot lock themselves out of this very page; what changes is written down."""
        kept = {(grant.permission.name, grant.view_menu.name) for grant in item.permissions}
        needed: set[Pair] = {("can_list", "RoleView"), ("can_edit", "RoleView")}
        if item.name == ROLE_OF_KIND[OPERATOR] and not needed <= kept:
            session.rollback()
            raise Conflict(_("The operators' role must keep the permission to change roles."))
        audit.record("role", actor=current_actor(), subject=item.name, detail={"permissions": len(kept)})


def register(app: Flask) -> None:
    """Add the views to the operators' menu."""
    builder = app.appbuilder  # type: ignore[attr-defined]
    builder.add_view(RoleView, "Roles", label=_("Roles and permissions"), category="access", category_label=_("Access"))
