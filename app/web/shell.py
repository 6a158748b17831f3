"""What every page's frame shows: who is logged in, counts that wait, cohorts, ways to other places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request, session, url_for
from flask_babel import gettext as _
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.access.actors import GRADUATE, Actor
from app.base.cohorts import current_cohort, is_operable, shown_cohorts
from app.base.database import session as db
from app.base.errors import Malformed
from app.base.settings import settings
from app.web.current import actor_or_none
from app.web.pages import page_of_form

Contribution = Callable[[Actor], dict[str, Any]]
_contributions: list[Contribution] = []


def contribute(contribution: Contribution) -> Contribution:
    """Let a room add to the frame: a dict whose nested dicts (urls, badges) are joined with the others'.

    What costs a statement is given as a function, called when the page shows that part.
    """
    if contribution not in _contributions:
        _contributions.append(contribution)
    return contribution


def register(app: Flask) -> None:
    """Give every template its `shell`."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        if "shell" not in g:
            g.shell = Shell()
        return {"shell": g.shell}


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
    if request.method == "POST":  # the page shows what was refused, and its address may take a form only
        return f"{page_of_form(request.path) or '/'}?{urlencode({**kept, 'cohort': cohort})}"
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, "cohort": cohort})


class Shell:
    """The frame of one page: each part is found when the template first asks for it, so that a page pays for what it shows.

    Where the database or Redis does not answer, the part is missing: the page that says so must not fail for the same
    reason.
    """

    def __init__(self) -> None:
        chosen = settings()
        self._known: dict[str, Any] = {"service_phone": chosen.service_phone, "ems_url": chosen.ems_public_url}
        self._given: dict[str, list[Any]] | None = None

    def __getattr__(self, name: str) -> Any:
        """The part of this name; AttributeError, which templates take for undefined, where nobody gave it."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            try:
                self._known[name] = _joined(self._parts().get(name, []))
            except (SQLAlchemyError, RedisError):
                db.rollback()
                self._known[name] = None
        return self._known[name]

    def _parts(self) -> dict[str, list[Any]]:
        """By name what was given, asked of the rooms once."""
        if self._given is None:
            self._given = {}
            actor = actor_or_none()
            for given in [one(actor) for one in (_account, *_contributions)] if actor else ():
                for name, value in given.items():
                    self._given.setdefault(name, []).append(value)
        return self._given


def _joined(parts: Sequence[Any]) -> Any:
    """Dicts of several rooms as one; of anything else the last. None where there is nothing."""
    found = [part() if callable(part) else part for part in parts]
    if found and all(isinstance(part, dict) for part in found):
        return {key: value for part in found for key, value in part.items()}
    return found[-1] if found else None


def _account(actor: Actor) -> dict[str, Any]:
    """Who is logged in; rooms add the place and the role in words."""
    account = {name: getattr(actor, name) for name in ("name", "username", "kind", "toured")}
    return {
        "account": {**account, "role": actor.kind},
        **({"cohorts": cohort_choices} if actor.kind != GRADUATE else {}),
    }
