"""What the role matrix shows: all permissions of the running program as sentences, shipped roles, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_appbuilder.baseviews import AbstractViewApi
from flask_babel import gettext as _
from sqlalchemy import select

from app.access import roles
from app.access.audit import AuditLine
from app.access.permissions import Pair
from app.access.words import ROLE_NAMES, Sentence, sentences
from app.base.database import session
from app.base.wording import listed
from app.staff.roles import services as role_changes

_PAGE = 30


def registered_views() -> list[Any]:
    """Every FAB view and API room of the running program."""
    builder = current_app.appbuilder  # type: ignore[attr-defined]
    return [view for view in builder.baseviews if isinstance(view, AbstractViewApi)]


def registered_menu() -> list[Any]:
    """The entries of the menu, as a tree."""
    return list(current_app.appbuilder.menu.get_list())  # type: ignore[attr-defined]


def registered_pairs() -> set[Pair]:
    """Every permission that the running program asks for anywhere."""
    views = registered_views()
    menu = current_app.appbuilder.menu.get_flat_name_list()  # type: ignore[attr-defined]
    pairs = {
        (permission, str(view.class_permission_name)) for view in views for permission in view.base_permissions or ()
    }
    pairs |= {("menu_access", name) for name in menu if name != "-"}
    return pairs | {pair for given in roles.all_seeds(views, registered_menu()).values() for pair in given}


def matrix() -> list[Sentence]:
    """The rows of the matrix."""
    return sentences(registered_pairs(), registered_views(), registered_menu())


def shipped(seed: str) -> set[Pair]:
    """What the role of this kind or post has when it is first given out."""
    return set(roles.all_seeds(registered_views(), registered_menu())[seed])


def history(page: int) -> tuple[list[dict[str, Any]], bool]:
    """One page of what was done to roles, newest first, and whether there is more."""
    query = select(AuditLine).where(AuditLine.action.in_(role_changes.ACTIONS)).order_by(AuditLine.id.desc())
    lines = session.scalars(query.offset((page - 1) * _PAGE).limit(_PAGE + 1)).all()
    told = {one.pair: one.text for one in matrix()}
    return [_entry(line, told) for line in lines[:_PAGE]], len(lines) > _PAGE


def role_label(name: str | None) -> str:
    """What people call the role of this name."""
    return str(ROLE_NAMES.get(name or "", name or ""))


def _entry(line: AuditLine, told: dict[Pair, str]) -> dict[str, Any]:
    detail = line.detail or {}
    return {
        "at": line.at,
        "actor": line.actor,
        "what": _sentence(line, detail),
        "given": _texts(detail.get("given", ()), told),
        "taken": _texts(detail.get("taken", ()), told),
    }


def _sentence(line: AuditLine, detail: dict[str, Any]) -> str:
    name = line.subject if line.action == role_changes.ASSIGNED else role_label(line.subject)
    if line.action == role_changes.MADE and detail.get("like"):
        return _("Role “%(name)s” made as a copy of “%(like)s”", name=name, like=role_label(detail["like"]))
    if line.action == role_changes.MADE:
        return _("Role “%(name)s” made", name=name)
    if line.action == role_changes.REMOVED:
        return _("Role “%(name)s” removed", name=name)
    if line.action == role_changes.ASSIGNED:
        before, after = (
            listed(role_label(one) for one in detail.get(when, {}).get("roles", ())) for when in ("before", "after")
        )
        return _("Account %(name)s: %(before)s → %(after)s", name=name, before=before, after=after)
    return _("Permissions of “%(name)s” changed", name=name)


def _texts(pairs: Sequence[Any], told: dict[Pair, str]) -> list[str]:
    return [told.get((one[0], one[1]), f"{one[0]} · {one[1]}") for one in pairs]
