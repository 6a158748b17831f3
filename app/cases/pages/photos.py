"""The door behind `ui.photos(…)`: adds, turns and removes pictures of a case, for the script and for plain forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.access.actors import EMPLOYER, GRADUATE, SCHOOL, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid, NotFound, TooLarge, UnsupportedMedia
from app.base.wording import labelled
from app.cases.attachments import attach_file, files_of, remove_file, takes_files, turn_file
from app.cases.models import CaseMixin
from app.documents.models import StoredFile
from app.documents.queries import attachment_json
from app.web.current import current_actor
from app.web.errors import error_body
from app.web.numbers import row_id
from app.web.pages import own_path, page_access, refusal_text
from app.workflow import engine, registry

blueprint = Blueprint("photos", __name__)
_PREFIX = "photo."


@blueprint.post("/photos/<workflow>/<case_id>")
@page_access(GRADUATE, EMPLOYER, SCHOOL)
def change(workflow: str, case_id: str) -> ResponseReturnValue:
    """Add files of a kind to a case in my scope, turn or remove one (R9.3); the workflow says which and when."""
    number, actor = row_id(case_id), current_actor()
    engine.load(registry.get(workflow), number, actor=actor)
    if not takes_files(workflow):
        raise NotFound()
    return answer(lambda: take_sent(workflow, number, actor=actor), back=own_path(request.form.get("next")) or "/")


def take_sent(workflow: str, case_id: int, *, actor: Actor) -> dict[str, Any] | None:
    """Carry out what this request's form says about files: `photo.<kind>`, `photo_turn`, `photo_remove`.

    Called by doors whose multipart form has `ui.photos(…, inside=true)` in it. Returns the last file that was kept.
    Raises what `attach_file`, `turn_file` and `remove_file` raise; in a plain form Invalid at each kind of which files
    were refused. All others are kept.
    """
    return carry_out(
        add=lambda kind, file: attach_file(workflow, case_id, kind, file, actor=actor),
        turn=lambda file_id: turn_file(workflow, case_id, file_id, actor=actor),
        remove=lambda file_id: remove_file(workflow, case_id, file_id, actor=actor),
    )


def carry_out(
    *,
    add: Callable[[str, FileStorage], Mapping[str, Any]],
    turn: Callable[[int], Mapping[str, Any]],
    remove: Callable[[int], Any],
) -> dict[str, Any] | None:
    """The same for doors with services of their own, such as a page that needs no account."""
    kept: Mapping[str, Any] | None = None
    if request.form.get("photo_remove"):
        remove(row_id(request.form["photo_remove"]))
    if request.form.get("photo_turn"):
        kept = turn(row_id(request.form["photo_turn"]))
    refused: dict[str, list[str]] = {}
    for kind, file in _sent():
        try:
            kept = add(kind, file)
        except (Conflict, Invalid, TooLarge, UnsupportedMedia) as refusal:
            if not _is_plain():
                raise
            refused.setdefault(kind, []).append(labelled(file.filename, refusal_text(refusal)))
    if refused:
        raise Invalid(refused)
    return dict(kept) if kept else None


def _sent() -> list[tuple[str, FileStorage]]:
    sent = [(field, file) for field, files in request.files.lists() for file in files]
    return [(field.removeprefix(_PREFIX), file) for field, file in sent if field.startswith(_PREFIX) and file.filename]


def _is_plain() -> bool:
    """Whether a browser's form asks, which shows a page next, and not the script."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"


def answer(
    work: Callable[[], dict[str, Any] | None], *, back: str, view: Callable[[int], str] | None = None
) -> ResponseReturnValue:
    """Do it and say what became of it: as JSON to the script, else on the page `back`.

    `view` gives the address of a file for readers without account. Refusals of scope stay error pages for browsers.
    """
    plain = _is_plain()
    try:
        kept = work()
    except AppError as error:
        if plain and error.status in (401, 403, 404):
            raise
        session.rollback()
        if not plain:
            return jsonify(error_body(error)), error.status
        flash(refusal_text(error), "danger")
        return redirect(back)
    if plain:
        flash(_("The files have been saved."), "success")
        return redirect(back)
    return jsonify({"file": shown_file(kept, view) if kept else None})


def shown(case: CaseMixin) -> dict[str, list[dict[str, Any]]]:
    """The files of a case by kind, as `ui.photos` shows them; the caller has checked that the reader may see it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in files_of(case):
        found.setdefault(file.kind, []).append(shown_file(file))
    return found


def shown_file(file: StoredFile | Mapping[str, Any], view: Callable[[int], str] | None = None) -> dict[str, Any]:
    """One file as `ui.photos` and its script know it."""
    row = file if isinstance(file, StoredFile) else session.get(StoredFile, file["id"])
    if row is None:
        raise NotFound()
    url = view(row.id) if view else url_for("documents.show_file", file_id=row.id)
    return {**attachment_json(row), "mime": row.mime, "url": url}


def address(case: CaseMixin) -> str:
    """Where the pictures of this case are sent to."""
    return url_for("photos.change", workflow=case.workflow_name, case_id=case.id)
