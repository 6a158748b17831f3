"""账号管理: the only writers of staff accounts; each level makes and changes the accounts of the level below (R1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access import accounts, audit, devices, second_factor
from app.access.accounts import DEFAULT_MODULES, hash_password
from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, SYSTEM, Actor
from app.access.models import Account
from app.access.passwords import check_password, suggest_password
from app.access.services import change_password, unlock_account
from app.access.sessions import end_sessions_of
from app.access.setup_links import unknown_password
from app.access.usernames import is_taken
from app.base import clock
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid
from app.base.masks import mask_address
from app.codes.forms import sort_out
from app.schools.departments.queries import known_departments
from app.schools.models import Department
from app.staff import guards, setting_up
from app.staff.forms import ChangeForm, CreateForm
from app.staff.queries import Place, account_visible_to, place_in_scope

CREATED, CHANGED, SESSIONS_ENDED = "account_created", "account_changed", "end_sessions"
CONFIRMED = "account_confirmed"
FACTOR_DROPPED = "totp_dropped"
_MISSING = _("Please fill this in.")


def create_account(sent: Mapping[str, Any], *, actor: Actor) -> Account:
    """Make an account of the level below (R1.4–R1.6).

    Called by operators for every kind of staff, by provinces for their schools and by schools for their departments,
    the latter two with 读写 on the basic and employment information. `sent` has the fields of CreateForm. Raises
    NotFound (a place outside the scope), Forbidden, Conflict `username_taken`, Invalid; a department that is not on
    the roster is told with the near matches, which are also the error's value `near`.
    With a `contact` and no password nobody ever knows one: the person sets it by a link to the contact. A password that
    is given is good for one log-in: an own one is chosen before anything else.
    """
    clean, errors = sort_out(CreateForm, _told(sent))
    with transaction():
        place = place_in_scope(actor, clean.get("province"), clean.get("school"))
        kind = clean.get("role")
        guards.may_create(kind, actor)
        if kind is None:
            raise Invalid(errors)
        level = guards.level_is_within(kind, clean.get("level"), actor)
        modules = {**DEFAULT_MODULES, **clean.get("modules", {})} if kind in guards.WITH_MODULES else {}
        guards.grants_no_more_than_own(modules, {}, actor)
        if is_taken(clean.get("username", "")):
            raise Conflict(_("This user name is taken. Please choose another one."), "username_taken")
        errors = {**errors, **guards.superfluous(kind, clean), **_weak(clean, clean.get("username", ""))}
        contact = guards.contact_of_another(clean.get("contact"), errors, actor)
        if guards.appoints(kind, actor):
            clean.pop("password", None)
        if not contact and "password" not in {**clean, **errors}:
            errors.setdefault("contact" if guards.appoints(kind, actor) else "password", [_MISSING])
        scope = _scope(kind, place, clean, errors)
        account = accounts.create_account(
            username=clean["username"],
            name=clean["name"],
            kind=kind,
            password_hash=hash_password(clean["password"]) if "password" in clean else unknown_password(),
            modules=modules,
            level=level,
            actor=SYSTEM,
            **{**scope, **contact},
        )
        account.must_change_password, account.expires_on = True, clean.get("expires_on")
        audit.record(CREATED, actor=actor, subject=clean["username"], detail={"after": facts(account)}, about=account)
        if "password" in clean:
            audit.record(audit.PASSWORD_GIVEN, actor=actor, subject=clean["username"], about=account)
        else:
            setting_up.send_link(account, actor=actor)
    return account_visible_to(actor, account.id)


def change_account(account_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Account:
    """Change name, level or module permissions, switch on or off, give a new password; all of it or nothing.

    Called by the level above, never by the account itself. `sent` has the fields of ChangeForm, each optional. What
    changes the account's powers ends its sessions at once. Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        account = account_visible_to(actor, account_id, lock=True)
        guards.may_give_powers(account, actor)
        clean, errors = sort_out(ChangeForm, _told(sent))
        if "password" in clean or "password" in errors:
            guards.may_set_password(account, actor)
        modules = clean.get("modules", {})
        guards.grants_no_more_than_own(modules, account.modules, actor)
        if "level" in clean:
            guards.level_is_within(account.kind, clean["level"], actor)
        errors = {**errors, **guards.superfluous(account.kind, clean), **_fixed(account, sent)}
        errors.update(_weak(clean, account.user.username))
        if errors:
            raise Invalid(errors)
        before = facts(account)
        _apply(account, clean)
        _note_change(account, before, actor)
        if "password" in clean:
            _give_password(account, clean["password"], actor)
    return account


def reset_password(account_id: int, password: str, *, actor: Actor) -> Account:
    """Give an account of staff a password for one log-in; its sessions end, and it may log in at once after too many
    failed tries.

    Called by the level above. Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        account = account_visible_to(actor, account_id, lock=True)
        guards.may_set_password(account, actor)
        _give_password(account, check_password(password, account.user.username), actor)
    return account


def send_setup_link(account_id: int, *, actor: Actor) -> Account:
    """End the password of an account of staff and send its person the link by which they set a new one.

    Called by the level above, which learns no password. Raises NotFound, Forbidden, Conflict `no_address`,
    `channel_missing`.
    """
    with transaction():
        account = account_visible_to(actor, account_id, lock=True)
        guards.may_set_password(account, actor, by_link=True)
        _renew(account, suggest_password(), actor)
        setting_up.send_link(account, actor=actor)
    return account


def unlock_accounts(account_ids: Iterable[int], *, actor: Actor) -> int:
    """Let accounts try to log in again at once after too many failures; called by the level above. Returns how many."""
    chosen = _chosen(account_ids, actor)
    with transaction():
        for account in chosen:
            unlock_account(account, actor=actor)
    return len(chosen)


def end_sessions(account_ids: Iterable[int], *, actor: Actor) -> int:
    """Log accounts out everywhere at once; called by the level above. Returns how many accounts."""
    chosen = _chosen(account_ids, actor)
    with transaction():
        for account in chosen:
            end_sessions_of(account.user_id)
            audit.record(SESSIONS_ENDED, actor=actor, subject=account.user.username, about=account)
    return len(chosen)


def confirm_accounts(account_ids: Iterable[int], *, actor: Actor) -> int:
    """Say that accounts are still needed, once a year; called by the level above. Returns how many."""
    chosen = _chosen(account_ids, actor)
    with transaction():
        for account in chosen:
            account.confirmed_at = clock.now()
            session.add(account)
            audit.record(CONFIRMED, actor=actor, subject=account.user.username, about=account)
    return len(chosen)


def facts(account: Account) -> dict[str, Any]:
    """What the audit trail keeps of an account before and after a change; never a password."""
    return {
        "name": account.name,
        "level": (account.level or "all") if account.kind in guards.WITH_LEVEL else None,
        "active": bool(account.user.active),
        "expires_on": account.expires_on.isoformat() if account.expires_on else None,
        "contact": mask_address(account.mobile or account.email),
        **{f"modules.{module}": value for module, value in sorted((account.modules or {}).items())},
    }


def _told(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was really told: null is the same as nothing."""
    return {name: value for name, value in sent.items() if value is not None} if isinstance(sent, Mapping) else sent


def _weak(clean: Mapping[str, Any], username: str) -> guards.Errors:
    try:
        if "password" in clean:
            check_password(clean["password"], username)
    except Invalid as error:
        return {name: list(texts) for name, texts in error.errors.items()}
    return {}


def _scope(kind: str, place: Place, clean: Mapping[str, Any], errors: guards.Errors) -> dict[str, Any]:
    """The scope columns of the new account; raises Invalid with every problem, the place's own included."""
    department: Department | None = None
    near: list[str] = []
    if kind == PROVINCE and place.province is None:
        errors["province"] = [_MISSING]
    if kind in (SCHOOL, DEPARTMENT) and place.school is None:
        errors["school"] = [_MISSING]
    if kind == DEPARTMENT and place.school is not None and "department" not in errors:
        department, near = guards.department_on_roster(place.school, clean.get("department", ""), errors)
    if errors:
        refusal = Invalid(errors)
        refusal.values = {"near": near} if near else {}
        raise refusal
    return {
        "province_id": place.province.id if place.province and kind in guards.WITH_MODULES else None,
        "school_id": place.school.id if place.school and kind in guards.WITH_LEVEL else None,
        "department_id": department.id if department else None,
    }


def _fixed(account: Account, sent: Mapping[str, Any]) -> guards.Errors:
    """Fields that are settled when an account is made; sending them as they are does no harm."""
    own = {
        "username": account.user.username,
        "role": account.kind,
        "province": account.province.code if account.province else "",
        "school": account.school.code if account.school else "",
        "department": account.department.name if account.department else "",
    }
    word = str(sent.get("department") or "")
    if account.department and known_departments(account.department.school_id).find(word) == account.department_id:
        own["department"] = word
    text = _("This cannot be changed. Please make a new account and switch this one off.")
    return {name: [text] for name, value in own.items() if (sent.get(name) or value) != value}


def _apply(account: Account, clean: Mapping[str, Any]) -> None:
    user: Any = account.user
    if "name" in clean:
        account.name = user.first_name = clean["name"]
    if "level" in clean and account.kind in guards.WITH_LEVEL:
        account.level = clean["level"]
    if "modules" in clean and account.kind in guards.WITH_MODULES:
        account.modules = {**account.modules, **clean["modules"]}
    if "expires_on" in clean:
        account.expires_on = clean["expires_on"]
    if "active" in clean:
        user.active = clean["active"]
    session.add_all([account, user])
    session.flush()


def _note_change(account: Account, before: Mapping[str, Any], actor: Actor) -> None:
    after = facts(account)
    changed = [name for name in after if after[name] != before.get(name)]
    if not changed:
        return
    if changed != ["name"]:
        end_sessions_of(account.user_id)
    detail = {"before": {name: before.get(name) for name in changed}, "after": {name: after[name] for name in changed}}
    audit.record(CHANGED, actor=actor, subject=account.user.username, detail=detail, about=account)


def _give_password(account: Account, password: str, actor: Actor) -> None:
    _renew(account, password, actor)
    devices.tell(account, "password_given", {"date": time_text(clock.now())})
    audit.record(audit.PASSWORD_GIVEN, actor=actor, subject=account.user.username, about=account)


def _renew(account: Account, password: str, actor: Actor) -> None:
    change_password(account, password, actor=actor)
    unlock_account(account, actor=actor)
    if second_factor.drop(account.user_id):
        audit.record(FACTOR_DROPPED, actor=actor, subject=account.user.username, about=account)


def _chosen(account_ids: Iterable[int], actor: Actor) -> list[Account]:
    chosen = [account_visible_to(actor, account_id) for account_id in account_ids]
    for account in chosen:
        guards.may_change(account, actor)
    return chosen
