"""Roles and accounts on the operators' screens (R1.3)."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, flash, redirect
from flask_appbuilder.actions import action
from flask_appbuilder.baseviews import AbstractViewApi
from flask_appbuilder.fields import QuerySelectMultipleField
from flask_appbuilder.fieldwidgets import Select2ManyWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.sqla.models import PermissionView, Role
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from app.access import audit, services, sessions
from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, ROLE_OF_KIND, SCHOOL
from app.access.models import Account
from app.access.permissions import Pair
from app.database import session, transaction
from app.doors.current import current_actor
from app.doors.datamodel import ScopedInterface
from app.doors.filters import datetime_zh
from app.doors.search import Contains, Equal, OneOf, related
from app.doors.views import ScopedModelView
from app.errors import Conflict
from app.workflow import registry

KIND_NAMES = {
    OPERATOR: _("Operator (platform)"),
    PROVINCE: _("Province account"),
    SCHOOL: _("School account"),
    DEPARTMENT: _("Department account"),
    EMPLOYER: _("Employer account"),
    GRADUATE: _("Graduate account"),
}
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


class AccountView(ScopedModelView):
    """All accounts, to unlock one or to end its sessions; making and changing them belongs to the level above."""

    datamodel = ScopedInterface(Account)
    route_base = "/staff/accounts"
    open_to = (OPERATOR,)
    list_title = _("Accounts")
    show_title = _("Account")
    search_columns = ["username", "name", "kind"]
    search_kinds = {"username": (related("user", "username", Equal),), "name": (Contains,), "kind": (OneOf,)}
    search_choices = {"kind": lambda: list(KIND_NAMES.items())}
    computed = {
        "username": lambda account: account.user.username,
        "kind_name": lambda account: KIND_NAMES.get(account.kind, account.kind),
        "active": lambda account: _("yes") if account.user.active else _("no"),
        "last_login": lambda account: datetime_zh(account.user.last_login) if account.user.last_login else "",
    }
    label_columns = {
        "username": _("User name"),
        "name": _("Name of the person"),
        "kind": _("Kind of account"),
        "kind_name": _("Kind of account"),
        "active": _("Active"),
        "last_login": _("Last log-in"),
        "created_at": _("Created at"),
    }
    formatters_columns = {"created_at": datetime_zh}
    list_columns = ["username", "name", "kind_name", "active", "last_login"]
    show_columns = [*list_columns, "created_at"]
    order_columns = ["id", "name", "kind"]

    @action("unlock", _("Unlock"), _("Let the chosen accounts try to log in again at once?"))
    def unlock(self, rows: Any) -> Response:
        """After too many failed tries."""
        for account in _many(rows):
            services.unlock_account(account, actor=current_actor())
        flash(_("The chosen accounts may log in again."), "success")
        return redirect(self.get_redirect())

    @action("end_sessions", _("End sessions"), _("Log the chosen accounts out everywhere, at once?"))
    def end_sessions(self, rows: Any) -> Response:
        """In all browsers and programs."""
        with transaction():
            for account in _many(rows):
                sessions.end_sessions_of(account.user_id)
                audit.record("end_sessions", actor=current_actor(), subject=account.user.username)
        flash(_("The chosen accounts are logged out everywhere."), "success")
        return redirect(self.get_redirect())


def _many(rows: Any) -> list[Account]:
    return rows if isinstance(rows, list) else [rows]


def register(app: Flask) -> None:
    """Add the views to the operators' menu."""
    builder = app.appbuilder  # type: ignore[attr-defined]
    builder.add_view(AccountView, "Accounts", label=_("Accounts"), category="Access", category_label=_("Access"))
    builder.add_view(RoleView, "Roles", label=_("Roles and permissions"), category="Access")
