"""Who may make and change which accounts of staff, and what may be given to them (R1.4, R1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, NO_ACCESS, OPERATOR, PROVINCE, READ_ONLY, READ_WRITE, SCHOOL, STAFF, Actor
from app.access.grants import pairs_of_kind, pairs_of_user, refuse_beyond_own
from app.access.models import Account
from app.access.posts import APPOINT
from app.base.errors import Forbidden, Invalid
from app.base.wording import listed
from app.notices.addresses import read_address
from app.schools.departments.queries import known_departments, near_names
from app.schools.models import Department, School
from app.staff.queries import contacts_of, roster_departments

VIEW = "accounts"  # the name of the thing in the role matrix
# Whose accounts each kind makes and changes: those of the level below, operators those of all staff.
MANAGED: Mapping[str, tuple[str, ...]] = {OPERATOR: STAFF, PROVINCE: (SCHOOL,), SCHOOL: (DEPARTMENT,)}
WITH_MODULES = (PROVINCE, SCHOOL, DEPARTMENT)
WITH_LEVEL = (SCHOOL, DEPARTMENT)
MODULE_NAMES = {
    "employment": _("Basic and employment information"),
    "archive": _("Archive information"),
    "hukou": _("Hukou information"),
}
LEVEL_NAMES = {"all": _("All levels"), "undergraduate": _("Undergraduate"), "postgraduate": _("Postgraduate")}
_RANK = {NO_ACCESS: 0, READ_ONLY: 1, READ_WRITE: 2}
_WHOLE = "all"
Errors = dict[str, list[Any]]


def may_see_accounts(actor: Actor) -> None:
    """账号管理 belongs to the basic and employment information: who has 无权限 there cannot enter it."""
    if actor.kind not in MANAGED or not actor.may("can_list", VIEW) or actor.holds("employment") == NO_ACCESS:
        raise Forbidden()


def may_create(kind: str | None, actor: Actor) -> None:
    """The actor makes accounts of this kind; None while it is not told which."""
    _holds_power("can_create", actor)
    if kind is not None and kind not in STAFF:
        raise Forbidden(
            _("Units register themselves and graduates come from the roster; such accounts are not made here."),
            "not_made_here",
        )
    if kind is not None and kind not in MANAGED[actor.kind]:
        raise Forbidden(_("Accounts are made by the level directly above them."), "not_level_above")
    if kind is not None and not appoints(kind, actor):
        refuse_beyond_own(actor, kind, pairs_of_kind(kind))


def appoints(kind: str, actor: Actor) -> bool:
    """Whether the actor makes accounts that may do more than their own: those of the levels below, by link alone."""
    return kind in WITH_MODULES and actor.may(*APPOINT)


def may_change(account: Account, actor: Actor) -> None:
    """The account is one of the level below, and not the actor's own."""
    if account.user_id == actor.user_id:
        raise Forbidden(_("Nobody can change what the own account may do. Please ask the level above."), "own_account")
    _holds_power("can_edit", actor)
    if account.kind not in MANAGED[actor.kind] and not actor.kind == OPERATOR:
        raise Forbidden(_("Accounts are changed by the level directly above them."), "not_level_above")


def may_give_powers(account: Account, actor: Actor) -> None:
    """What is changed gives nobody more than the actor has: no account of staff that may do more is changed."""
    may_change(account, actor)
    if account.kind in STAFF and not appoints(account.kind, actor):
        refuse_beyond_own(actor, account.kind, pairs_of_user(account.user_id))


def may_set_password(account: Account, actor: Actor, *, by_link: bool = False) -> None:
    """Only staff get a password from the level above, for one log-in; whoever acts for themselves sets it themselves.

    `by_link`: nobody learns it but the person.
    """
    may_give_powers(account, actor)
    if appoints(account.kind, actor) and not by_link:
        raise Forbidden(_("Your role gives no passwords. Please send the person a set-up link."), "link_only")
    if account.kind not in STAFF:
        raise Forbidden(
            _(
                "Nobody sets the password of a graduate or of a unit's user. Please send them the way to set it "
                "themselves: it goes to their own mobile number or e-mail address."
            ),
            "own_password_only",
        )


def contact_of_another(typed: str | None, errors: Errors, actor: Actor) -> dict[str, str]:
    """The column of the new account's own contact; what is wrong goes to `errors`. Never the maker's own: by it they
    would set the password themselves.
    """
    if not typed:
        return {}
    try:
        address = read_address(typed, field="contact")
    except Invalid as error:
        errors.update(error.errors)
        return {}
    if address in contacts_of(actor.user_id):
        errors["contact"] = [_("This is your own. Please give that of the person who will work with the account.")]
    return {"email" if "@" in address else "mobile": address}


def manages(account: Account, actor: Actor) -> bool:
    """Whether the actor may change the account: for buttons."""
    try:
        may_change(account, actor)
    except Forbidden:
        return False
    return True


def level_is_within(kind: str, level: str | None, actor: Actor) -> str | None:
    """The level of the new or changed account; a school in charge of one level gives that one only (R1.5)."""
    if kind not in WITH_LEVEL:
        return None
    own = actor.level if actor.kind == SCHOOL and actor.level != _WHOLE else None
    if own is None:
        return level or _WHOLE
    if level not in (None, own):
        raise Forbidden(
            _("Your account is in charge of %(level)s only, so it can only give that level.", level=LEVEL_NAMES[own]),
            "not_your_level",
        )
    return own


def grants_no_more_than_own(modules: Mapping[str, str], before: Mapping[str, str], actor: Actor) -> None:
    """Nobody gives a permission on a module that the own account does not have; what is there may stay."""
    if actor.kind == OPERATOR:
        return
    for module, value in modules.items():
        if _RANK[value] > _RANK[actor.holds(module)] and value != before.get(module):
            raise Forbidden(
                _(
                    "Your own account has less on “%(module)s”, so you cannot give this permission.",
                    module=MODULE_NAMES[module],
                ),
                "more_than_own",
            )


def department_on_roster(school: School, name: str, errors: Errors) -> tuple[Department | None, list[str]]:
    """The roster's department of this name, other name or code (R1.6, B12), or the names most like it; what is wrong goes
    to `errors`.
    """
    departments = {one.id: one for one in roster_departments(school.id)}
    found = departments.get(known_departments(school.id).find(name) or 0)
    near = near_names(name, [one.name for one in departments.values()]) if name and found is None else []
    if not name:
        errors["department"] = [_("Please fill this in.")]
    elif not departments:
        errors["department"] = [_("The school has nobody on its roster yet. Please import the roster first.")]
    elif found is None:
        errors["department"] = [_not_on_roster(name, near)]
    return found, near


def _not_on_roster(name: str, near: list[str]) -> Any:
    if not near:
        return _("No department on the roster is called “%(name)s”, by name, other name or code.", name=name)
    return _(
        "No department on the roster is called “%(name)s”, by name, other name or code; alike are: %(near)s.",
        name=name,
        near=listed(near),
    )


def superfluous(kind: str, clean: Mapping[str, Any]) -> Errors:
    """Problems of fields that mean nothing for this kind of account and would be believed to have been set."""
    errors: Errors = {}
    if kind not in WITH_MODULES and any(value != READ_WRITE for value in clean.get("modules", {}).values()):
        errors["modules"] = [_("This kind of account has no module permissions.")]
    if kind not in WITH_LEVEL and clean.get("level", _WHOLE) != _WHOLE:
        errors["level"] = [_("Only school and department accounts are in charge of a level.")]
    return errors


def _holds_power(permission: str, actor: Actor) -> None:
    if actor.kind not in MANAGED or not actor.may(permission, VIEW):
        raise Forbidden()
    if actor.kind != OPERATOR and actor.holds("employment") != READ_WRITE:
        raise Forbidden(
            _("Your account may only look at the basic and employment information, so it cannot manage accounts."),
            "read_only",
        )
