"""The module in which school and department staff work: chosen after log-in, switched at the top (R8.1)."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import DEPARTMENT, MODULES, SCHOOL, Actor, module_refusal
from app.base.errors import NotFound
from app.web.current import actor_or_none, current_actor

LABELS = {
    "employment": lazy_gettext("Destinations and online signing"),
    "archive": lazy_gettext("Archive registration"),
    "hukou": lazy_gettext("Hukou registration"),
}
_KEY = "module"


def works_in_modules(actor: Actor) -> bool:
    """Whether this account works in one module at a time; provinces and operators see all in one menu."""
    return actor.kind in (SCHOOL, DEPARTMENT)


def usable_modules(actor: Actor) -> list[str]:
    """The modules that the account may enter now."""
    return [module for module in MODULES if actor.reads(module)]


def lock_reason(actor: Actor, module: str) -> str:
    """Why the account cannot enter the module; "" when it can."""
    if actor.reads(module):
        return ""
    if module in actor.closed_modules:
        return _("Your province has not opened this module.")
    return _("Your account has no permission for this module. Please ask the level above.")


def chosen_module(actor: Actor) -> str | None:
    """The module of the page that is shown, else the one chosen before, else the only usable one.

    None as long as several could be meant, and without any. Every entry of the menu asks.
    """
    known: dict[int | None, str | None] = g.setdefault("chosen_modules", {})
    if actor.user_id not in known:
        known[actor.user_id] = _found_module(actor)
    return known[actor.user_id]


def _found_module(actor: Actor) -> str | None:
    usable = usable_modules(actor)
    shown = _module_of_page()
    if shown in usable:
        session[_KEY] = shown
    if session.get(_KEY) in usable:
        return str(session[_KEY])
    return usable[0] if len(usable) == 1 else None


def choose_module(module: str) -> None:
    """Work in this module from now on; raises NotFound for none that there is, Forbidden for a locked one."""
    actor = current_actor()
    if module not in MODULES:
        raise NotFound()
    if not actor.reads(module):
        raise module_refusal(actor, module)
    session[_KEY] = module
    g.pop("chosen_modules", None)


def must_choose(actor: Actor) -> bool:
    """Whether the choice page comes first: several modules could be meant and none has been chosen."""
    return works_in_modules(actor) and bool(usable_modules(actor)) and chosen_module(actor) is None


def belongs_here(module: str | None) -> bool:
    """Whether something of this module is to be shown to the reader now; what belongs to no module always is."""
    actor = actor_or_none()
    if module is None or actor is None:
        return True
    return actor.reads(module) and (not works_in_modules(actor) or module == chosen_module(actor))


def _module_of_page() -> str | None:
    """The module of the FAB view that answers this request."""
    if "module_of_page" not in g:
        views: Any = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
        own = request.blueprint
        found = (getattr(view, "module", None) for view in views if view.endpoint == own)
        g.module_of_page = next(found, None)
    return g.module_of_page
