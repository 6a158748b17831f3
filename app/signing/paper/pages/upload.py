"""/upload/…: what a unit sees that got a link to hand in the stamped copy; needs no account (R7.6)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.base.errors import AppError, Conflict, Invalid, NotFound, TooLarge, UnsupportedMedia
from app.cases.pages import photos
from app.documents.pages import file_answer
from app.documents.queries import attachment_json
from app.documents.uploads import MOST_BYTES
from app.signing.paper.services import visits
from app.web.gate import open_to_all
from app.web.numbers import row_id

blueprint = Blueprint("upload", __name__, url_prefix="/upload")
open_to_all("upload.show", "upload.agreement", "upload.hand_in", "upload.change", "upload.file")
# What the buttons of the pictures send where no script runs.
_ACTS = frozenset(("kind", "photo_turn", "photo_remove"))
# A link that did its work is good news; what is over and what never was are told apart by their status.
_STATUS = {"link_used": 200, "already_uploaded": 200, "link_expired": 410, "link_revoked": 410}


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """The address is a key: no other site is told of it, no search engine keeps it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Who signs with whom, the agreement to fetch, and the place for the copy; or why the link leads no further."""
    try:
        found = visits.look(token, ip=request.remote_addr)
    except AppError as refusal:
        return _closed(refusal)
    return _page(token, found, [])


@blueprint.get("/<token>/agreement.pdf")
def agreement(token: str) -> ResponseReturnValue:
    """The agreement to print; while the worker makes it a page that looks again."""
    try:
        found = visits.agreement_by_link(token, ip=request.remote_addr)
    except AppError as refusal:
        return _closed(refusal)
    if found is None:
        return render_template("signing/upload_wait.html", token=token), 202, {"Refresh": "3"}
    content, name = found
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name)


@blueprint.post("/<token>")
def hand_in(token: str) -> ResponseReturnValue:
    """Take the stamped copy: what was sent before, and what a plain form brings with it."""
    chosen = [file for file in request.files.getlist("file") if file.filename]
    files = [(file.stream.read(MOST_BYTES + 1), file.filename or "") for file in chosen[: visits.MOST_FILES + 1]]
    try:
        _carry_out(token)
        if not _ACTS.isdisjoint(request.form):
            return redirect(url_for("upload.show", token=token))
        visits.upload_by_link(token, files, ip=request.remote_addr)
    except (Invalid, TooLarge, UnsupportedMedia) as refusal:
        texts = [text for texts in refusal.errors.values() for text in texts] if isinstance(refusal, Invalid) else []
        found = visits.look(token, ip=request.remote_addr)
        return _page(token, found, [str(text) for text in texts] or [str(refusal.message)]), refusal.status
    except AppError as refusal:
        return _closed(refusal)
    return redirect(url_for("upload.show", token=token))


@blueprint.post("/<token>/files")
def change(token: str) -> ResponseReturnValue:
    """Keep a picture until all are handed in, turn or remove one: for the script of the page."""
    back = url_for("upload.show", token=token)
    return photos.answer(lambda: _carry_out(token), back=back, view=lambda file_id: _address(token, file_id))


@blueprint.get("/<token>/files/<file_id>")
def file(token: str, file_id: str) -> Response:
    """One of the pictures that wait."""
    return file_answer(visits.read_by_link(token, row_id(file_id), ip=request.remote_addr))


def _carry_out(token: str) -> dict[str, Any] | None:
    ip = request.remote_addr

    def add(_kind: str, sent: FileStorage) -> dict[str, Any]:
        return attachment_json(visits.keep_by_link(token, sent.stream.read(MOST_BYTES + 1), sent.filename or "", ip=ip))

    return photos.carry_out(
        add=add,
        turn=lambda file_id: attachment_json(visits.turn_by_link(token, file_id, ip=ip)),
        remove=lambda file_id: visits.remove_by_link(token, file_id, ip=ip),
    )


def _address(token: str, file_id: int) -> str:
    return url_for("upload.file", token=token, file_id=file_id)


def _page(token: str, found: visits.Invitation, errors: list[str]) -> str:
    sent = visits.sent_by_link(token, ip=request.remote_addr)
    files = [photos.shown_file(one, lambda file_id: _address(token, file_id)) for one in sent]
    return render_template(
        "signing/upload.html", token=token, found=found, errors=errors, files=files, most=visits.MOST_FILES
    )


def _closed(refusal: AppError) -> ResponseReturnValue:
    """A page of its own instead of the error page: whoever stands here has no account and knows no platform."""
    if not isinstance(refusal, NotFound | Conflict) and refusal.status != 429:
        raise refusal
    done = refusal.code in ("link_used", "already_uploaded")
    status = _STATUS.get(refusal.code, refusal.status)
    return render_template("signing/upload_closed.html", message=refusal.message, code=refusal.code, done=done), status
