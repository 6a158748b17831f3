"""The smallest parts of pages, which one page draws by the hundred: icons, badges, buttons. Templates import them from
components/, where their arguments are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup

from app.web.drawing import written
from app.web.headers import asset

# FAB's names of icons; any other of its names is a neutral one.
_OF_FAB = {
    "fa-user": "user",
    "fa-user-gear": "user-check",
    "fa-group": "users",
    "fa-users": "users",
    "fa-bar-chart-o": "chart-column",
    "fa-lock": "lock",
    "fa-list-alt": "list",
    "fa-link": "link",
    "fa-cogs": "settings",
}
_MOST_UNREAD = 99


def icon(name: Any, style: Any = "", label: Any = "", **more: Any) -> Markup:
    """One Lucide icon of the sprite."""
    sprite, style = asset("icons/sprite.svg"), more.get("class", style)
    if label or type(name) is not str or type(style) is not str:
        return _icon.__wrapped__(sprite, name, style, label)
    return _icon(sprite, name, style, "")


@lru_cache(maxsize=1024)
def _icon(sprite: str, name: Any, style: Any, label: Any) -> Markup:
    shown = _OF_FAB.get(name, "folder") if not name or name.startswith("fa-") else name
    told = f'role="img" aria-label="{written(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704  (each part is escaped)
        f'<svg class="icon {written(style)}" {told} focusable="false"><use href="{sprite}#{written(shown)}"></use></svg>'
    )


def seal() -> Markup:
    """The red mark of the platform."""
    return Markup(  # noqa: S704
        f'<svg class="seal" aria-hidden="true" focusable="false"><use href="{asset("icons/sprite.svg")}#seal"></use></svg>'
    )


def badge(n: Any, kind: str = "", label: Any = "") -> Markup:
    """A small count; nothing for 0."""
    if not n:
        return Markup()
    count = "99+" if n > _MOST_UNREAD and kind == "alert" else f"{n:,}"
    style = f" badge--{written(kind)}" if kind else ""
    said = f'<span class="visually-hidden"> {written(label)}</span>' if label else ""
    return Markup(f'<span class="badge{style}">{count}{said}</span>')  # noqa: S704  (each part is escaped)


def attributes(attrs: Mapping[str, Any] | None) -> Markup:
    """A dict as HTML attributes."""
    told = [
        f" {written(name)}" if value is True else f' {written(name)}="{written(value)}"'
        for name, value in (attrs or {}).items()
        if value is not None and value is not False
    ]
    return Markup("".join(told))  # noqa: S704  (each part is escaped)


def csrf() -> Markup:
    """The hidden token that every POST of a browser carries."""
    token = current_app.jinja_env.globals.get("csrf_token")
    sent = f'<input type="hidden" name="csrf_token" value="{written(token())}">' if token else ""  # type: ignore[operator]
    return Markup(sent)  # noqa: S704  (each part is escaped)


def hidden_inputs(pairs: Iterable[tuple[str, Any]]) -> Markup:
    """What a form takes along without being asked."""
    told = [f'<input type="hidden" name="{written(name)}" value="{written(value)}">' for name, value in pairs]
    return Markup("".join(told))  # noqa: S704  (each part is escaped)


def button(
    label: Any, kind: Any = "", href: Any = None, icon_name: Any = None, attrs: Any = None, **more: Any
) -> Markup:
    """A verb of the trade; with href a link. `more`: type, name, value and class."""
    style = f"button{f' button--{written(kind)}' if kind else ''}{_more_style(more)}"
    inner = f"{icon(icon_name) if icon_name else ''}<span>{written(label)}</span>"
    if href is not None:
        return Markup(f'<a class="{style}" href="{written(href)}"{attributes(attrs)}>{inner}</a>')  # noqa: S704
    name, value = more.get("name"), more.get("value")
    said = {"type": more.get("type", "submit"), "name": name or None, "value": value, **(attrs or {})}
    return Markup(f'<button class="{style}"{attributes(said)}>{inner}</button>')  # noqa: S704  (each part is escaped)


def opens(label: Any, dialog_id: Any, kind: Any = "", icon_name: Any = None, **more: Any) -> Markup:
    """The button that opens a dialog; without scripts a link to it. `more`: class."""
    style = f"button{f' button--{written(kind)}' if kind else ''}{_more_style(more)}"
    inner, target = f"{icon(icon_name) if icon_name else ''}<span>{written(label)}</span>", written(dialog_id)
    return Markup(  # noqa: S704  (each part is escaped)
        f'<a class="{style}" href="#{target}" role="button" data-dialog-open="{target}">{inner}</a>'
    )


def _more_style(more: Mapping[str, Any]) -> str:
    return f" {written(more['class'])}" if more.get("class") else ""


PARTS = {part.__name__: part for part in (icon, seal, badge, attributes, csrf, button, opens)}
