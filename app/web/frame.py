"""The frame around every page, put together of pieces that are drawn once; what is the reader's own goes into them at
each call. `shell` is what app/web/shell.py gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.web.headers import asset, csp_nonce
from app.web.once import drawn_once
from app.web.parts import badge, csrf


def topbar(shell: Any, start: str) -> Markup:
    """The head of staff pages; `start` is where the mark leads without a home."""
    urls, account = _part(shell, "urls") or {}, _part(shell, "account") or {}
    told, put = _menus(shell, urls, account)
    told["home"], told["modules"] = urls.get("home") or start, _modules(shell)
    told["ems_url"], told["of_unit"] = _part(shell, "ems_url"), bool(account.get("unit"))
    return drawn_once("layouts/topbar.html", "topbar", told, unit=account.get("unit"), **put)


def module_links(shell: Any) -> Markup:
    """The modules of staff, at the side; nothing where there are none."""
    return drawn_once("layouts/topbar.html", "side_modules", _modules(shell))


def masthead(template: str, shell: Any, urls: Mapping[str, Any], active: Any, bare: Any) -> Markup:
    """The head of the pages of units and graduates; `active` is the entry where one is, `bare` leaves entries out."""
    told, put = _menus(shell, urls, _part(shell, "account") or {})
    told["urls"], told["active"], told["bare"] = {name: urls[name] for name in urls}, str(active or ""), bool(bare)
    badges, waits = _part(shell, "badges") or {}, _("waiting for you")
    counts = {f"at_{name}": badge(badges.get(name), "mine", waits) for name in urls}
    counts["at_messages"] = badge(put["unread"], "alert", _("unread"))
    return drawn_once(template, "masthead", told, **{**put, **counts})


def scripts(shell: Any, without_htmx: Any) -> Markup:
    """What stands at the end of a page: the words of the scripts, the scripts, and what is said when the session is over."""
    account = (_part(shell, "account") or {}) if not without_htmx else {}
    kind, names = account.get("kind"), ["js/app.js"]
    names += [] if without_htmx else ["vendor/htmx.min.js"]
    names += ["js/session.js", "js/kept.js"] if account else []
    told = {name.partition("/")[2].partition(".")[0]: asset(name) for name in names}
    door = (kind if kind in ("graduate", "employer") else "school") if account else ""
    return drawn_once(
        "layouts/scripts.html", "scripts", told, door, nonce=csp_nonce(), username=account.get("username")
    )


def _menus(shell: Any, urls: Mapping[str, Any], account: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the menus at the end of the head, cohorts, messages and account: what decides how they look, what is put in."""
    cohorts, unread = _part(shell, "cohorts") or (), _part(shell, "unread") if urls.get("messages") else 0
    told = {
        "cohorts": [(one["label"], bool(one["current"]), one["note"]) for one in cohorts],
        "messages": urls.get("messages"),
        "profile": urls.get("profile"),
        "guide": _part(shell, "guide_url"),
        "logout": _part(shell, "logout_url") or "/logout",
        "known": bool(account),
        "role": str(account.get("role") or ""),
        "placed": bool(_part(shell, "place")),
    }
    put = {
        "name": account.get("name"),
        "place": _part(shell, "place"),
        "unread": unread or 0,
        "bell": badge(unread, "alert"),
        "token": csrf(),
        **{f"cohort_{at}": one["url"] for at, one in enumerate(cohorts)},
    }
    return told, put


def _modules(shell: Any) -> list[tuple[str, str, bool, str]]:
    return [
        (str(one["label"]), one["url"], bool(one["current"]), one["locked"]) for one in _part(shell, "modules") or ()
    ]


def _part(shell: Any, name: str) -> Any:
    """One part of the shell; None where nobody gave it."""
    return shell.get(name) if isinstance(shell, Mapping) else getattr(shell, name)


FRAME = {part.__name__: part for part in (topbar, module_links, masthead, scripts)}
