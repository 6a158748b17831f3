"""The forms of accounts and what the services take: values in the fields, what was sent, what may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.access.accounts import DEFAULT_MODULES, LEVEL_CHOICES
from app.access.actors import MODULES, NO_ACCESS, OPERATOR, READ_ONLY, READ_WRITE, SCHOOL, Actor
from app.access.models import Account
from app.staff import guards
from app.staff.admin import words

_TEXTS = ("username", "contact", "name", "province", "school", "department", "level", "expires_on")
_RANK = (NO_ACCESS, READ_ONLY, READ_WRITE)


def created(form: MultiDict[str, str], kind: str) -> dict[str, Any]:
    """What the form of a new account of this kind asks for."""
    sent: dict[str, Any] = {"role": kind, "modules": _modules(form)}
    for name in _TEXTS:
        if name in form:
            sent[name] = form[name]
    # One of the near matches, picked instead of what was typed.
    sent["department"] = form.get("near") or form.get("department")
    return {name: value for name, value in sent.items() if value not in (None, {})}


def changed(form: MultiDict[str, str], account: Account) -> dict[str, Any]:
    """What the form of an account asks to be changed."""
    sent: dict[str, Any] = {"name": form.get("name"), "active": form.get("active") == "1", "modules": _modules(form)}
    sent["expires_on"] = form.get("expires_on", "")
    if account.kind in guards.WITH_LEVEL and form.get("level"):
        sent["level"] = form["level"]
    return {name: value for name, value in sent.items() if value not in (None, {})}


def values_of(account: Account) -> dict[str, Any]:
    """What stands in the fields of an account's form."""
    return {
        "name": account.name,
        "level": account.level or "all",
        "active": bool(account.user.active),
        "expires_on": account.expires_on.isoformat() if account.expires_on else "",
        "modules": dict(account.modules or {}),
    }


def default_values(actor: Actor) -> dict[str, Any]:
    """What stands in the fields of a new account."""
    own = actor.level if actor.kind == SCHOOL and actor.level else "all"
    return {"modules": dict(DEFAULT_MODULES), "level": own}


def module_choices(actor: Actor, held: Mapping[str, str]) -> list[tuple[str, Any, list[tuple[str, Any]]]]:
    """For each module what the actor may give, and what the account has already."""
    return [
        (
            module,
            guards.MODULE_NAMES[module],
            [
                (value, words.PERMISSIONS[value])
                for value in reversed(_RANK)
                if _within(value, actor, module) or held.get(module) == value
            ],
        )
        for module in MODULES
    ]


def level_choices(actor: Actor) -> list[tuple[str, Any]]:
    """The levels that the actor may put accounts in charge of (R1.5)."""
    own = actor.level if actor.kind == SCHOOL and actor.level != "all" else None
    return [(level, guards.LEVEL_NAMES[level]) for level in LEVEL_CHOICES if own in (None, level)]


def _within(value: str, actor: Actor, module: str) -> bool:
    return actor.kind == OPERATOR or _RANK.index(value) <= _RANK.index(actor.holds(module))


def _modules(form: Mapping[str, str]) -> dict[str, str]:
    return {module: form[f"modules.{module}"] for module in MODULES if form.get(f"modules.{module}")}
