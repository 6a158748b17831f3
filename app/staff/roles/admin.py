"""角色与权限: one matrix of all roles and permissions in Chinese, on the operators' screens (R1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.accounts import account_of
from app.access.actors import KINDS, OPERATOR
from app.access.permissions import Pair, fingerprint
from app.access.posts import AUTHORIZE
from app.access.words import GROUPS, KIND_NAMES, Sentence
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.fab.menu import Entry
from app.staff.roles import matrix as role_queries
from app.staff.roles import services as role_changes
from app.staff.roles.services import GrantChange, RoleCard
from app.web.current import current_actor
from app.web.numbers import row_id

_MOST_CHANGES = 5000


class RoleMatrix(BaseView):
    """Rows are permissions as sentences, columns are roles; what is saved is shown before it holds."""

    route_base = "/staff/roles"
    menu = Entry("Roles", "shield-check", "access", _("Roles and permissions"))
    default_view = "matrix"
    class_permission_name = role_changes.VIEW
    base_permissions = ["can_list", "can_edit", AUTHORIZE[0]]
    permissions = dict.fromkeys(("can_list", "can_edit"), (OPERATOR,))
    permission_labels = {AUTHORIZE[0]: _("give others permissions beyond the own ones")}
    open_to = (OPERATOR,)
    label = _("Roles and permissions")

    @expose("/list/")
    @has_access
    @permission_name("list")
    def matrix(self) -> Any:
        """All roles, or those of the address (?roles=3&roles=4)."""
        cards = role_changes.all_roles()
        wanted = {row_id(one) for one in request.args.getlist("roles")}
        shown = [card for card in cards if card.id in wanted] or cards
        return self._page(
            "access/roles/matrix.html",
            cards=cards,
            shown=shown,
            narrowed=len(shown) < len(cards),
            groups=_groups(role_queries.matrix()),
            grants=role_changes.grants_of(card.id for card in shown),
            seen=fingerprint(),
        )

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self) -> Any:
        """What the ticked boxes would change; nothing holds yet."""
        shown = [role_changes.role_card(row_id(one)) for one in request.form.getlist("roles")]
        ticked = set(request.form.getlist("grant"))
        rows = role_queries.matrix()
        wanted = {card.id: {one.pair for one in rows if f"{card.id}:{_key(one.pair)}" in ticked} for card in shown}
        return self._confirm(role_changes.differences(wanted, {one.pair for one in rows}))

    @expose("/restore/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore(self, pk: str) -> Any:
        """What would change for a shipped role to be again as it is shipped; nothing holds yet."""
        card = role_changes.role_card(row_id(pk))
        if not card.shipped:
            raise NotFound()
        wanted = {card.id: role_queries.shipped(card.seed)}
        return self._confirm(role_changes.differences(wanted, {one.pair for one in role_queries.matrix()}))

    @expose("/apply", methods=["POST"])
    @has_access
    @permission_name("edit")
    def apply(self) -> Any:
        """The confirmed changes hold from now on."""
        changes = list(_sent_changes(request.form.getlist("change")))
        try:
            count = role_changes.apply_changes(changes, seen=request.form.get("seen", ""), actor=current_actor())
        except Conflict as error:
            flash(error.message, "danger")
        else:
            flash(
                gettext("%(count)s permissions have been changed. They hold at the next click.", count=count), "success"
            )
        return redirect(url_for("RoleMatrix.matrix"))

    @expose("/compare")
    @has_access
    @permission_name("list")
    def compare(self) -> Any:
        """Two roles beside each other: where they differ, and how many permissions they share."""
        cards = role_changes.all_roles()
        chosen = [role_changes.role_card(row_id(request.args[name])) for name in ("a", "b") if request.args.get(name)]
        grants = role_changes.grants_of(card.id for card in chosen)
        differ, shared = [], 0
        for row in role_queries.matrix() if len(chosen) == 2 else ():
            has = [row.pair in grants[card.id] for card in chosen]
            shared += all(has)
            differ += [row] if has[0] != has[1] else []
        return self._page(
            "access/roles/compare.html",
            cards=cards,
            chosen=chosen,
            groups=_groups(differ),
            grants=grants,
            shared=shared,
            count=len(differ),
        )

    @expose("/history")
    @has_access
    @permission_name("list")
    def history(self) -> Any:
        """Who changed what and when, newest first."""
        page = request.args.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
        lines, more = role_queries.history(max(1, number))
        return self._page("access/roles/history.html", entries=lines, page=max(1, number), more=more)

    @expose("/create", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def create(self) -> Any:
        """A new role, empty or as a copy of another."""
        cards = role_changes.all_roles()
        if request.method == "GET":
            return self._create_page(cards, {"like": request.args.get("like", "")}, {})
        sent = {name: request.form.get(name, "") for name in ("name", "kind", "like")}
        model = role_changes.role_card(row_id(sent["like"])) if sent["like"] else None
        try:
            made = role_changes.create_role(
                sent["name"],
                model.kind if model else sent["kind"],
                like=model.id if model else None,
                actor=current_actor(),
            )
        except Invalid as error:
            return self._create_page(cards, sent, error.errors), 422
        flash(gettext("The role “%(name)s” has been made.", name=made.name), "success")
        return redirect(url_for("RoleMatrix.matrix", roles=made.id))

    @expose("/remove/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, pk: str) -> Any:
        """Remove a role of our own that nobody has."""
        try:
            role_changes.remove_role(row_id(pk), actor=current_actor())
        except Conflict as error:
            flash(error.message, "danger")
        else:
            flash(gettext("The role has been removed."), "success")
        return redirect(url_for("RoleMatrix.matrix"))

    @expose("/assign/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def assign(self, pk: str) -> Any:
        """The roles of one account."""
        account = account_of(row_id(pk))
        held = {card.id for card in role_changes.roles_of(account)}
        errors: Mapping[str, Any] = {}
        if request.method == "POST":
            held = {row_id(one) for one in request.form.getlist("roles")}
            try:
                role_changes.assign_roles(account.id, held, actor=current_actor())
            except Invalid as error:
                errors = error.errors
            else:
                flash(gettext("The account has these roles from now on."), "success")
                return redirect(url_for("AccountAdmin.show", pk=account.id))
        cards = [card for card in role_changes.all_roles() if card.kind == account.kind]
        page = self._page("access/roles/assign.html", shown=account, cards=cards, held=held, errors=texts_of(errors))
        return (page, 422) if errors else page

    def _confirm(self, changes: Sequence[GrantChange]) -> Any:
        if not changes:
            flash(gettext("Nothing would change."), "info")
            return redirect(url_for("RoleMatrix.matrix"))
        told = {one.pair: one.text for one in role_queries.matrix()}
        cards = [role_changes.role_card(role_id) for role_id in dict.fromkeys(one.role_id for one in changes)]
        return self._page(
            "access/roles/confirm.html",
            changes=[(card, [(one, told[one.pair]) for one in changes if one.role_id == card.id]) for card in cards],
            values=[f"{int(one.given)}:{one.role_id}:{_key(one.pair)}" for one in changes],
            count=len(changes),
            users=sum(card.users for card in cards),
            seen=fingerprint(),
        )

    def _create_page(self, cards: Sequence[RoleCard], values: Mapping[str, Any], errors: Mapping[str, Any]) -> Any:
        return self._page(
            "access/roles/create.html",
            likes=[(card.id, card.label) for card in cards],
            kinds=[(kind, KIND_NAMES[kind]) for kind in KINDS],
            values=values,
            errors=texts_of(errors),
        )

    def _page(self, template: str, **values: Any) -> Any:
        may_edit = current_actor().may("can_edit", role_changes.VIEW)
        return self.render_template(
            template, title=self.label, may_edit=may_edit, key=_key, kind_names=KIND_NAMES, **values
        )


def _groups(rows: Iterable[Sentence]) -> list[tuple[str, list[Sentence]]]:
    """The rows under the names of their groups, in order; groups of one name are one."""
    found: dict[str, list[Sentence]] = {}
    for row in rows:
        found.setdefault(str(GROUPS[row.group]), []).append(row)
    return list(found.items())


def _key(pair: Pair) -> str:
    return f"{pair[0]}@{pair[1]}"


def _sent_changes(values: Sequence[str]) -> Iterable[GrantChange]:
    known = {_key(one.pair): one.pair for one in role_queries.matrix()}
    for value in values[:_MOST_CHANGES]:
        given, _colon, rest = value.partition(":")
        role_id, _colon, key = rest.partition(":")
        if given not in ("0", "1") or key not in known:
            raise NotFound()
        yield GrantChange(row_id(role_id), known[key], given == "1")
