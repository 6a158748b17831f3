"""How accounts, their powers and what was done to them are told to people."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access.actors import DEPARTMENT, MODULES, NO_ACCESS, OPERATOR, PROVINCE, READ_ONLY, READ_WRITE, SCHOOL, Actor
from app.access.audit import AuditLine
from app.access.lifetimes import confirm_by, waits_for_confirmation, why_closed
from app.access.models import Account
from app.access.words import KIND_NAMES
from app.base.dates import day_text, time_text
from app.base.masks import mask_address
from app.base.wording import joined, listed
from app.staff import guards
from app.staff.setting_up import contact_of

PERMISSIONS = {READ_WRITE: _("read and write"), READ_ONLY: _("read only (module)"), NO_ACCESS: _("no access")}
COLUMNS = {
    "username": _("User name"),
    "password": _("Password"),
    "contact": _("Mobile number or e-mail of the person"),
    "name": _("Name of the person"),
    "kind": _("Kind of account"),
    "kind_name": _("Kind of account"),
    "role": _("Kind of account"),
    "place": _("Works for"),
    "province": _("Province"),
    "school": _("School"),
    "department": _("Department of study"),
    "level": _("In charge of"),
    "level_name": _("In charge of"),
    "active": _("Use"),
    "expires_on": _("Last day"),
    "last_login": _("Last log-in"),
    "created_at": _("Created at"),
    "modules": _("Module permissions"),
    **guards.MODULE_NAMES,
    **{f"modules.{module}": name for module, name in guards.MODULE_NAMES.items()},
}
CREATE = {
    OPERATOR: _("New operator account"),
    PROVINCE: _("New province account"),
    SCHOOL: _("New school account"),
    DEPARTMENT: _("New department account"),
}
_DONE = {
    "account_created": _("Account made"),
    "account_changed": _("Account changed"),
    "account_roles": _("Roles changed"),
    "account_confirmed": _("Confirmed for another year"),
    "password": _("New password"),
    "password_given": _("Password for one log-in given"),
    "setup_link": _("Set-up link sent"),
    "setup_done": _("Own password set by link"),
    "password_way": _("Way to a new password sent"),
    "unlock": _("Unlocked"),
    "totp_on": _("Second factor switched on"),
    "totp_off": _("Second factor switched off"),
    "totp_dropped": _("Second factor switched off by the level above"),
    "end_sessions": _("Sessions ended"),
}


def place(account: Account) -> str:
    """Where the account works."""
    if account.kind == PROVINCE:
        return account.province.name if account.province else ""
    if account.kind == OPERATOR:
        return gettext("Operations centre")
    parts = (account.school, account.department)
    return " ".join(str(part.name) for part in parts if part is not None)


def use(account: Account) -> str:
    """Whether the account can be used, and what stands in the way or waits to be done."""
    if not account.user.active:
        return gettext("switched off")
    if why_closed(account):
        return gettext("closed")
    return gettext("to be confirmed") if waits_for_confirmation(account) else gettext("in use")


def level(account: Account) -> str:
    """The level in charge of, for schools and departments."""
    return str(guards.LEVEL_NAMES[account.level or "all"]) if account.kind in guards.WITH_LEVEL else ""


def permission(account: Account, module: str) -> Markup | str:
    """读写, 只读 or 无权限, the last one faint."""
    if account.kind not in guards.WITH_MODULES:
        return ""
    value = (account.modules or {}).get(module, NO_ACCESS)
    kind = "faint" if value == NO_ACCESS else ""
    return Markup('<span class="{}">{}</span>').format(kind, PERMISSIONS[value])


def lead(actor: Actor) -> str:
    """What this page is for, for this reader."""
    return {
        OPERATOR: gettext("All accounts of the platform. Accounts of staff are made here."),
        PROVINCE: gettext("The accounts of your province. You make and change those of the schools."),
    }.get(actor.kind, gettext("The accounts of your school. You make and change those of the departments."))


def groups(account: Account) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    """The facts of an account in groups."""
    user: Any = account.user
    who = [
        (COLUMNS["username"], user.username),
        (COLUMNS["name"], account.name),
        (COLUMNS["kind"], KIND_NAMES.get(account.kind, account.kind)),
        (COLUMNS["place"], place(account)),
        *([(COLUMNS["level"], level(account))] if account.kind in guards.WITH_LEVEL else []),
        *([(COLUMNS["contact"], mask_address(contact_of(account)))] if contact_of(account) else []),
        (COLUMNS["active"], use(account)),
        (COLUMNS["expires_on"], day_text(account.expires_on) if account.expires_on else gettext("no end")),
        *([(_("Confirmed until"), day_text(confirm_by(account)))] if confirm_by(account) else []),
        (COLUMNS["last_login"], time_text(user.last_login) if user.last_login else gettext("never")),
        (COLUMNS["created_at"], time_text(account.created_at)),
    ]
    if account.kind not in guards.WITH_MODULES:
        return [(_("Account"), who)]
    may = [(guards.MODULE_NAMES[module], permission(account, module)) for module in MODULES]
    return [(_("Account"), who), (COLUMNS["modules"], may)]


def change_entry(line: AuditLine) -> dict[str, Any]:
    """One line of the account's history."""
    return {
        "label": _DONE.get(line.action, line.action),
        "at": line.at,
        "actor": line.actor,
        "reason": joined(_differences(line.detail)),
        "tone": "over",
    }


def _differences(detail: Any) -> list[str]:
    before, after = detail.get("before") or {}, detail.get("after") or {}
    if not before:
        return []
    return [
        gettext(
            "%(what)s: %(before)s → %(after)s",
            what=COLUMNS.get(name, name),
            before=_told(name, before[name]),
            after=_told(name, after.get(name)),
        )
        for name in before
    ]


def _told(name: str, value: Any) -> str:
    if name == "active":
        return gettext("in use") if value else gettext("switched off")
    if name == "level":
        return str(guards.LEVEL_NAMES.get(value or "all", value))
    if isinstance(value, list):
        return listed(str(one) for one in value)
    return str(PERMISSIONS.get(value, value)) if name.startswith("modules.") else str(value)
