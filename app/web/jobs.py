"""Downloads that take longer than a request may: a worker asks the same address again, in the place of who asked.

The address holds all of it (query, format, reason), so that no download is declared a second time for workers; scope
and permissions are those of the moment in which the file is made. File, lines of the trail and end of the job are one
transaction: whoever dies in between leaves neither half a file nor a line, and another worker begins anew.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from flask import Response, current_app, g, jsonify, make_response, redirect, request, send_file, url_for
from flask import session as cookie
from flask_babel import force_locale, get_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from werkzeug.http import parse_options_header

from app.access import looks
from app.access.actors import Actor
from app.base.database import session
from app.base.errors import Conflict
from app.base.replicas import reading_for
from app.web import payload, reading
from app.web.current import current_actor, forget_actor, is_api
from app.workflow import background
from app.workflow.models import Job, JobFile, JobItem

KIND: Final = "download"
PAGE: Final = "downloads.show"
KEPT_FOR: Final = timedelta(days=7)
MOST_OPEN: Final = 5  # of one account at a time
_STEP: Final = 250  # rows between two words on how far it is
_COHORT: Final = "cohort"


def later() -> Response | None:
    """The answer to who asks for what takes long: a job, on its page or by its id. None in the worker: make it now.

    Asked twice, it is one job. The caller has checked that the actor may. Raises Conflict `too_many_downloads`.
    """
    if "making" in g:
        return None
    actor = current_actor()
    address = f"{request.path}?{request.query_string.decode('ascii', 'replace')}".rstrip("?")
    asked = hashlib.sha256(address.encode()).hexdigest()
    job = _open_job(actor, asked)
    if job is None:
        item = {"address": address, "language": str(get_locale()), _COHORT: cookie.get(_COHORT)}
        job = background.start(KIND, [item], actor=actor, payload={"asked": asked}, alone=True)
    if is_api():
        return make_response(jsonify({"job_id": job.id}), 202)
    return make_response(redirect(url_for(PAGE, job_id=job.id), 303))


def _open_job(actor: Actor, asked: str) -> Job | None:
    own = (Job.kind == KIND, Job.user_id == actor.user_id, Job.state.in_(background.OPEN))
    same = session.scalar(select(Job).where(*own, Job.payload["asked"].astext == asked).limit(1))
    if same is None and (session.scalar(select(func.count()).select_from(Job).where(*own)) or 0) >= MOST_OPEN:
        raise Conflict(
            _("%(most)s downloads of yours are being made already. Please wait for one of them.", most=MOST_OPEN),
            "too_many_downloads",
        )
    return same


def as_download(file: Any, name: str, mimetype: str, *, plain: str) -> Response:
    """A file as an answer, named `name`; `plain` is its name for programs that read no Chinese."""
    answer = send_file(file, mimetype=mimetype, as_attachment=True, download_name=plain)
    answer.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def counted(rows: Iterable[Any], total: int) -> Iterator[Any]:
    """The rows; how far they are is told to who waits for the file."""
    job_id = g.get("making")
    for number, row in enumerate(rows):
        if job_id is not None and not number % _STEP:
            background.note_progress(job_id, number, total)
        yield row


def _make(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    """What the address answers to this actor now, kept as the job's file."""
    (item,) = items
    try:
        with _as_asked(job.id, item.payload, actor), reading_for(job.user_id):
            answer = make_response(current_app.dispatch_request())
            name = parse_options_header(answer.headers.get("Content-Disposition"))[1].get("filename")
            if answer.status_code != 200 or not name:
                raise Conflict(_("This can no longer be downloaded. Please open the list again and look."), "gone")
            answer.direct_passthrough = False
            content = answer.get_data()
            answer.close()
            reading.write_heard(actor)
    finally:
        session.add_all([job, *items])  # who reads many rows lets go of all that was read
    session.add(JobFile(job_id=job.id, name=name, mime=answer.mimetype, content=content))
    return [{"ok": True, "name": name, "size": len(content)}]


@contextmanager
def _as_asked(job_id: int, asked: Mapping[str, Any], actor: Actor) -> Iterator[None]:
    with current_app.test_request_context(asked["address"]), force_locale(asked["language"]):
        if asked[_COHORT] is not None:
            cookie[_COHORT] = asked[_COHORT]
        g.actor, g.making = actor, job_id
        if is_api():
            payload.check()
        looks.listen()
        try:
            yield
        finally:
            looks.heard()
            forget_actor()
            g.pop("making", None)


def _outcome(job: Job) -> dict[str, Any]:
    (item,) = background.items_of(job)
    return dict(item.outcome or {})


def kept_file(job: Job) -> Response | None:
    """The file of a finished download; None where there is none, or no longer. The caller has checked whose it is."""
    file = background.file_of(job) if job.kind == KIND else None
    if file is None:
        return None
    ending = file.name.rpartition(".")[2]
    return as_download(io.BytesIO(file.content), file.name, file.mime, plain=f"download.{ending}")


background.kind(KIND, _make, finish=_outcome, portion=1)
