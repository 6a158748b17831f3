"""账号管理 on the screens of operators, provinces and schools (R1.4–R1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.hooks import before_request
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import or_
from werkzeug.wrappers import Response

from app.access.actors import DEPARTMENT, OPERATOR, PROVINCE, SCHOOL, STAFF, Actor
from app.access.models import Account
from app.access.passwords import suggest_password
from app.access.posts import APPOINT
from app.access.words import KIND_NAMES
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, Invalid, NotFound, texts_of
from app.base.masks import mask_address
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Contains, Equal, OneOf, SearchFilter, related
from app.fab.views import ScopedModelView
from app.staff import guards, queries, services, setting_up
from app.staff.admin import forms, words
from app.staff.roles.services import may_administer
from app.web.current import actor_or_none, current_actor

MANAGERS = (OPERATOR, PROVINCE, SCHOOL)
_VERBS = ("can_list", "can_show", "can_export", "can_create", "can_edit", "unlock", "end_sessions", "confirm_needed")


class PlaceContains(SearchFilter):
    """The name of the school or department occurs."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """One of the two, by EXISTS."""
        kinds = [related(relation, "name", Contains) for relation in ("province", "school", "department")]
        return or_(*(kind(self.column_name, self.datamodel).condition(value) for kind in kinds))


def _in_menu() -> bool:
    """The entry is shown to those whose account gets in."""
    actor = actor_or_none()
    try:
        guards.may_see_accounts(actor) if actor else None
    except Forbidden:
        return False
    return actor is not None


class AccountAdmin(ScopedModelView):
    """The accounts in the reader's scope; those of the level below can be made and changed."""

    datamodel = ScopedInterface(Account, eager=queries.account_options)
    route_base = "/staff/accounts"
    menu = Entry("accounts", "users", "access", cond=_in_menu)
    class_permission_name = guards.VIEW
    base_permissions = [*_VERBS, APPOINT[0]]
    permissions = dict.fromkeys(_VERBS, MANAGERS)
    permission_labels = {APPOINT[0]: _("make accounts beyond the own permissions, by set-up link")}
    open_to = MANAGERS
    list_title = _("Account management")
    label = _("Account management")
    search_columns = ["username", "name", "kind", "place", "active"]
    search_kinds = {
        "username": (related("user", "username", Contains),),
        "name": (Contains,),
        "kind": (OneOf,),
        "place": (PlaceContains,),
        "active": (related("user", "active", Equal),),
    }
    search_choices = {
        "kind": lambda: [(kind, str(name)) for kind, name in KIND_NAMES.items()],
        "active": lambda: [("true", gettext("in use")), ("false", gettext("switched off"))],
    }
    computed = {
        "username": lambda account: account.user.username,
        "kind_name": lambda account: KIND_NAMES.get(account.kind, account.kind),
        "place": words.place,
        "level_name": words.level,
        "employment": lambda account: words.permission(account, "employment"),
        "archive": lambda account: words.permission(account, "archive"),
        "hukou": lambda account: words.permission(account, "hukou"),
        "active": words.use,
        "last_login": lambda account: time_text(account.user.last_login) if account.user.last_login else "",
    }
    label_columns = {**words.COLUMNS, "employment": _("Employment information")}
    list_columns = [
        *("username", "name", "kind_name", "place", "level_name"),
        *("employment", "archive", "hukou", "active", "last_login"),
    ]
    order_columns = ["name", "kind"]
    base_order = ("id", "asc")

    @before_request
    def check_accounts(self) -> None:
        """Who has 无权限 on the basic and employment information does not get in (R1.4)."""
        guards.may_see_accounts(current_actor())

    def list_head(self) -> dict[str, Any]:
        """The accounts, with the way to a new one for those who make some."""
        kinds = _kinds_made_by(current_actor())
        return {"lead": words.lead(current_actor()), "head_tools": self._create_links(kinds)}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """What fits on a desk; the row opens the account."""
        return {"wide_columns": ["last_login", "level_name"], "row_tools": {row.id: "" for row in rows}}

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> str:
        """One account: what it may do, what was done to it."""
        return self._show_page(self.row(pk))

    @expose("/create/<string:kind>", methods=["GET", "POST"])
    @has_access
    @permission_name("create")
    def create(self, kind: str) -> Any:
        """The form of a new account of this kind."""
        actor = current_actor()
        if kind not in guards.MANAGED[OPERATOR]:
            raise NotFound()
        guards.may_create(kind, actor)
        if request.method == "GET":
            return self._create_page(kind, forms.default_values(actor), {})
        sent = forms.created(request.form, kind)
        made = None if sent.get("contact") else suggest_password()
        try:
            account = services.create_account({**sent, **({"password": made} if made else {})}, actor=actor)
        except Invalid as error:
            return self._create_page(kind, sent, error.errors, error.values.get("near", ())), 422
        except Conflict as error:
            field = "username" if error.code == "username_taken" else "contact"
            return self._create_page(kind, sent, {field: [error.message]}), 409
        flash(gettext("The account %(name)s has been made.", name=account.user.username), "success")
        return self._show_page(account, made, link=made is None)

    @expose("/change/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: str) -> Any:
        """The form of an account of the level below."""
        account, actor = self.row(pk), current_actor()
        guards.may_give_powers(account, actor)
        if request.method == "GET":
            return self._change_page(account, forms.values_of(account), {})
        sent = forms.changed(request.form, account)
        try:
            services.change_account(account.id, sent, actor=actor)
        except Invalid as error:
            return self._change_page(account, sent, error.errors), 422
        flash(gettext("The account has been changed. It holds from now on."), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=account.id))

    @expose("/password/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def password(self, pk: str) -> Any:
        """A link to the person's own contact; where there is none, a password for one log-in, shown once."""
        account, actor = self.row(pk), current_actor()
        if setting_up.contact_of(account):
            return self._show_page(services.send_setup_link(account.id, actor=actor), link=True)
        made = suggest_password()
        services.reset_password(account.id, made, actor=actor)
        return self._show_page(account, made)

    @action("confirm_needed", _("Confirm"), _("Confirm that the chosen accounts are still needed?"))
    def confirm_needed(self, rows: Any) -> Response:
        """Once a year, by the level above."""
        services.confirm_accounts(_ids(rows), actor=current_actor())
        flash(gettext("The chosen accounts are confirmed for another year."), "success")
        return redirect(self.get_redirect())

    @action("unlock", _("Unlock"), _("Let the chosen accounts try to log in again at once?"))
    def unlock(self, rows: Any) -> Response:
        """After too many failed tries."""
        services.unlock_accounts(_ids(rows), actor=current_actor())
        flash(gettext("The chosen accounts may log in again."), "success")
        return redirect(self.get_redirect())

    @action("end_sessions", _("End sessions"), _("Log the chosen accounts out everywhere, at once?"))
    def end_sessions(self, rows: Any) -> Response:
        """In all browsers and programs."""
        services.end_sessions(_ids(rows), actor=current_actor())
        flash(gettext("The chosen accounts are logged out everywhere."), "success")
        return redirect(self.get_redirect())

    def _create_links(self, kinds: Sequence[str]) -> Markup:
        links = [
            Markup('<a class="button{}" href="{}">{}</a>').format(
                " button--primary" if len(kinds) == 1 else "",
                url_for(f"{self.endpoint}.create", kind=kind),
                words.CREATE[kind],
            )
            for kind in kinds
        ]
        return Markup("").join(links)

    def _show_page(self, account: Account, password: str | None = None, *, link: bool = False) -> str:
        actor = current_actor()
        return str(
            self.render_template(
                "staff_accounts/show.html",
                title=account.name,
                shown=account,
                own=account.user_id == actor.user_id,
                manages=guards.manages(account, actor),
                may=lambda verb: actor.may(verb, guards.VIEW),
                groups=words.groups(account),
                changes=[words.change_entry(line) for line in queries.changes_of(account)],
                roles_url=url_for("RoleMatrix.assign", pk=account.id) if may_administer(actor) else None,
                takes_password=account.kind in STAFF,
                password=password,
                contact=mask_address(setting_up.contact_of(account)) if account.kind in STAFF else "",
                sent=link,
                shown_link=setting_up.shown_link(account) if link else None,
                endpoint=self.endpoint,
            )
        )

    def _create_page(
        self, kind: str, values: Mapping[str, Any], errors: Mapping[str, Any], near: Sequence[str] = ()
    ) -> str:
        actor = current_actor()
        schools = queries.schools_to_choose(actor) if kind in guards.WITH_LEVEL else []
        known = schools[0].id if len(schools) == 1 else None
        return self._form_page(
            title=words.CREATE[kind],
            kind=kind,
            values=values,
            errors=errors,
            near=[(one, one) for one in near],
            schools=[(school.code, f"{school.code} {school.name}") for school in schools],
            provinces=[(one.code, one.name) for one in queries.provinces_to_choose()] if kind == PROVINCE else [],
            departments=[one.name for one in queries.roster_departments(known)] if known and kind == DEPARTMENT else [],
            back_url=url_for(f"{self.endpoint}.list"),
        )

    def _change_page(self, account: Account, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        return self._form_page(
            title=gettext("Change the account %(name)s", name=account.user.username),
            kind=account.kind,
            account=account,
            values=values,
            errors=errors,
            back_url=url_for(f"{self.endpoint}.show", pk=account.id),
        )

    def _form_page(self, *, kind: str, errors: Mapping[str, Any], account: Account | None = None, **more: Any) -> str:
        actor = current_actor()
        held = account.modules if account else {}
        return str(
            self.render_template(
                "staff_accounts/form.html",
                kind=kind,
                shown=account,
                errors=texts_of(errors),
                labels=words.COLUMNS,
                modules=forms.module_choices(actor, held) if kind in guards.WITH_MODULES else [],
                levels=forms.level_choices(actor) if kind in guards.WITH_LEVEL else [],
                **more,
            )
        )


def _kinds_made_by(actor: Actor) -> list[str]:
    found = []
    for kind in guards.MANAGED[actor.kind]:
        try:
            guards.may_create(kind, actor)
        except Forbidden:
            continue
        found.append(kind)
    return found


def _ids(rows: Any) -> list[int]:
    return [account.id for account in (rows if isinstance(rows, list) else [rows])]
