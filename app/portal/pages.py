"""The pages of the portal that belong to no single workplace: the common page of cases, and files that workers make."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, render_template
from flask_babel import gettext as _

from app.access.actors import KINDS
from app.base.dates import day_text
from app.base.errors import NotFound
from app.portal import cases
from app.web import jobs
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import layout_of, page_access
from app.workflow import background
from app.workflow.models import Job

blueprint = Blueprint("downloads", __name__, url_prefix="/downloads")


@blueprint.get("/<job_id>")
@page_access(*KINDS)
def show(job_id: str) -> str:
    """How far the file is; then the file."""
    return render_template("portal/download.html", layout=layout_of(current_actor().kind), **_facts(_job(job_id)))


@blueprint.get("/<job_id>/progress")
@page_access(*KINDS)
def progress(job_id: str) -> str:
    """The part of the page that renews itself."""
    return render_template("portal/_download.html", **_facts(_job(job_id)))


@blueprint.get("/<job_id>/file")
@page_access(*KINDS)
def file(job_id: str) -> Response:
    """The file, as long as it is kept."""
    kept = jobs.kept_file(_job(job_id))
    if kept is None:
        raise NotFound(_("This file is no longer kept. Please ask for it again where you did the first time."))
    return kept


def _job(job_id: str) -> Job:
    job = background.job_for(row_id(job_id), actor=current_actor())
    if job.kind != jobs.KIND:
        raise NotFound()
    return job


def _facts(job: Job) -> dict[str, Any]:
    waiting, made = job.state in background.OPEN, background.file_of(job)
    done, total = background.progress_of(job)
    given_up = _("This took longer than a day and was given up. Please ask for it again.")
    return {
        "job": job,
        "waiting": waiting,
        "done": done,
        "total": total,
        "file": made,
        "until": day_text(made.created_at + jobs.KEPT_FOR) if made else "",
        "refused": job.outcome.get("message") or (given_up if job.state == "failed" else ""),
    }


def register(app: Flask) -> None:
    """Open the common page of cases."""
    cases.register(app)
