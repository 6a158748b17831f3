"""导入学生名单: favorites from a sheet of names, ID numbers and schools, as a job with a result for each row (R6.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.errors import Forbidden, Invalid, NotFound, Throttled
from app.employers.favorites.guards import begin_search
from app.employers.favorites.services import VIEW, add_favorite
from app.employers.favorites.sheets import HEADINGS, read_people, result_columns
from app.employers.guards import verified_employer
from app.web.sheets import JobSheet
from app.workflow import background
from app.workflow.models import Job, JobItem

KIND = "favorites_import"


def check_import_allowed(*, actor: Actor) -> None:
    """Whether this actor may import at all: asked before the file is looked at. Raises Forbidden, Conflict."""
    if not actor.may("can_create", VIEW):
        raise Forbidden()
    verified_employer(actor)


def start_import(content: bytes, *, actor: Actor) -> Job:
    """Have a worker look for everybody on the sheet and keep whom it finds.

    Called by users of a verified unit. Raises Forbidden, Conflict `unverified`, TooLarge, UnsupportedMedia, Invalid
    when the sheet cannot be read or holds nobody.
    """
    check_import_allowed(actor=actor)
    return background.start(KIND, read_people(content), actor=actor, payload={})


def _look_for(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    return [_one(item.payload, actor) for item in items]


def _one(person: dict[str, str], actor: Actor) -> dict[str, Any]:
    # Nothing is looked for then: it tells nobody anything and is no guess.
    if person.get("refused"):
        return _unreadable(person["column"], person["refused"], person)
    empty = next((heading for heading, name in HEADINGS.items() if not person.get(name)), None)
    if empty:
        return _unreadable(empty, _("Please fill this in."), person)
    try:
        try:
            _favorite, new = add_favorite(person, actor=actor)
        except Invalid:  # a cell is far too long: a miss like any other
            begin_search(verified_employer(actor), actor)
            return _miss(person)
    except Throttled as error:
        return _throttled(error.retry_after)
    except NotFound:
        return _miss(person)
    return {"ok": True, "code": "added" if new else "already", "message": person.get("told", "")}


def _unreadable(column: str, text: Any, person: dict[str, str]) -> dict[str, Any]:
    message = _("Column %(column)s: %(text)s", column=column, text=text)
    return {"ok": False, "code": "wrong_cell", "message": f"{message} {person.get('told', '')}".strip()}


def _miss(person: dict[str, str]) -> dict[str, Any]:
    text = _("No graduate matches this name, ID number and school. Please check all three with the graduate.")
    return {"ok": False, "code": "no_match", "message": f"{text} {person.get('told', '')}".strip()}


def _throttled(seconds: int) -> dict[str, Any]:
    text = _(
        "Not looked for: too many rows before it matched nobody. Please import this row again in %(minutes)s minutes.",
        minutes=max(1, -(-seconds // 60)),
    )
    return {"ok": False, "code": "throttled", "message": str(text)}


def _counts(job: Job) -> dict[str, Any]:
    codes = Counter(str((item.outcome or {}).get("code")) for item in background.items_of(job))
    return {
        "added": codes["added"],
        "already": codes["already"],
        "missed": job.total - codes["added"] - codes["already"],
    }


background.kind(KIND, _look_for, finish=_counts, portion=25, sheet=JobSheet(_("Result of the import"), result_columns))
