"""Progress and result of what a worker does for the unit: many invitations, an import of favorites (R6.3, R6.4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.base.errors import NotFound
from app.employers.favorites.jobs import KIND as IMPORT
from app.signing.online.jobs import KIND as INVITATIONS
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.sheets import has_job_sheet, job_sheet, said_of
from app.workflow import background
from app.workflow.models import Job, JobItem

blueprint = Blueprint("jobs", __name__, url_prefix="/employer/jobs")
_SHOWN = 200  # rows on the page; the sheet has them all


@blueprint.get("/<job_id>")
@page_access(EMPLOYER)
def show(job_id: str) -> str:
    """How far it is, and at the end what became of each."""
    job = background.job_for(row_id(job_id), actor=current_actor())
    return render_template("portal/employer/job.html", **_facts(job))


@blueprint.get("/<job_id>/progress")
@page_access(EMPLOYER)
def progress(job_id: str) -> str:
    """The part of the page that renews itself."""
    job = background.job_for(row_id(job_id), actor=current_actor())
    return render_template("portal/employer/_job_progress.html", **_facts(job))


@blueprint.get("/<job_id>/sheet")
@page_access(EMPLOYER)
def sheet(job_id: str) -> Response:
    """The result of each as xlsx."""
    job = background.job_for(row_id(job_id), actor=current_actor())
    if not has_job_sheet(job):
        raise NotFound()
    return job_sheet(job)


def _facts(job: Job) -> dict[str, Any]:
    over = job.state in ("done", "failed")
    items = background.items_of(job) if over else []
    failed = [item for item in items if not (item.outcome or {}).get("ok")]
    odd = [item for item in items if (item.outcome or {}).get("ok") and (item.outcome or {}).get("message")]
    return {
        "job": job,
        "over": over,
        "title": _titles()[job.kind],
        "good": _good(job, len(items) - len(failed)) if over else "",
        "failed": [_line(item) for item in failed[:_SHOWN]],
        "failed_count": len(failed),
        "odd": [_line(item) for item in odd[:_SHOWN]],
        "odd_count": len(odd),
        "next": url_for("employer.signings", tab="signing") if job.kind == INVITATIONS else url_for("favorites.show"),
        "next_label": _("See the invitations in signing") if job.kind == INVITATIONS else _("Go to the favorites"),
    }


def _titles() -> dict[str, str]:
    return {INVITATIONS: _("Result of the invitations"), IMPORT: _("Result of the import")}


def _good(job: Job, number: int) -> str:
    if job.kind == INVITATIONS:
        return _("%(count)s invitations have been sent.", count=number)
    added = job.outcome.get("added", number)
    return _("%(count)s graduates have been added; %(kept)s were there already.", count=added, kept=number - added)


def _line(item: JobItem) -> dict[str, Any]:
    name = item.payload.get("name") or _("Graduate")
    row = item.payload.get("row")
    return {"who": _("Row %(row)s: %(name)s", row=row, name=name) if row else name, "why": said_of(item)}
