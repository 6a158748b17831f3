"""What every page's frame shows: who is logged in, counts that wait, cohorts, ways to other places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request, session, url_for
from flask_babel import gettext as _
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.access.actors import Actor
from app.base.cohorts import current_cohort, is_operable, shown_cohorts
from app.base.database import session as db
from app.base.errors import Malformed
from app.base.settings import settings
from app.web.current import actor_or_none

Contribution = Callable[[Actor], dict[str, Any]]
_contributions: list[Contribution] = []


def contribute(contribution: Contribution) -> Contribution:
    """Let a room add to the frame: a dict whose nested dicts (urls, badges) are joined with the others'."""
    if contribution not in _contributions:
        _contributions.append(contribution)
    return contribution


def register(app: Flask) -> None:
    """Give every template its `shell`; nothing is read from the database until a template asks."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        try:
            return {"shell": _shell()}
        except (SQLAlchemyError, RedisError):
            # The page that says so must not fail for the same reason.
            db.rollback()
            return {"shell": _plain_shell()}


def chosen_cohort() -> int:
    """The cohort that the reader looks at: from the address, else as chosen before, else the current one."""
    text = request.args.get("cohort") or str(session.get("cohort", ""))
    if not text:
        return current_cohort()
    if text not in {str(cohort) for cohort in shown_cohorts()}:
        if "cohort" in request.args:
            raise Malformed(_("There is no such cohort to show."))
        return current_cohort()
    session["cohort"] = int(text)
    return int(text)


def picked_cohort() -> int | None:
    """The cohort that the reader has chosen, in the address or before; None where nothing was ever chosen: then lists
    and counts are of all.
    """
    return chosen_cohort() if request.args.get("cohort") or session.get("cohort") else None


def cohort_choices() -> list[dict[str, Any]]:
    """The entries of the cohort switch, each leading to this page for that cohort."""
    try:
        chosen = chosen_cohort()
    except Malformed:  # the page that says so has a frame too
        chosen = current_cohort()
    return [
        {
            "label": _("Cohort %(year)s", year=cohort),
            "url": _with_cohort(cohort),
            "current": cohort == chosen,
            "note": "" if is_operable(cohort) else _("read only"),
        }
        for cohort in shown_cohorts()
    ]


def _with_cohort(cohort: int) -> str:
    kept = {name: value for name, value in request.args.items() if name not in {"cohort", "page"}}
    if request.endpoint is None:
        return "?"
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, "cohort": cohort})


def _plain_shell() -> dict[str, Any]:
    chosen = settings()
    return {"service_phone": chosen.service_phone, "ems_url": chosen.ems_public_url, "urls": {}, "badges": {}}


def _shell() -> dict[str, Any]:
    shell = _plain_shell()
    actor = actor_or_none()
    if actor is None:
        return shell
    shell["account"] = {
        "name": actor.name,
        "unit": "",
        "role": actor.kind,
        "username": actor.username,
        "kind": actor.kind,
        "toured": actor.toured,
    }
    if actor.kind != "graduate":
        shell["cohorts"] = cohort_choices()
    for contribution in _contributions:
        for name, value in contribution(actor).items():
            if isinstance(value, dict) and isinstance(shell.get(name), dict):
                shell[name].update(value)
            else:
                shell[name] = value
    return shell
