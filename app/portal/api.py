"""Long jobs over the API: how far one is and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from marshmallow import fields

from app.access.actors import KINDS, Actor
from app.base.errors import NotFound
from app.cases.api import CaseApi
from app.fab.api import RoomApi, describe, expose
from app.fab.shapes import EXPORT, EXPORT_QUERY, Shape, Words, one
from app.web.numbers import row_id
from app.web.sheets import has_job_sheet, job_sheet
from app.workflow import background, registry
from app.workflow.models import Job


class JobShape(Shape):
    """A job; what its outcome holds is said where the job is started."""

    state = Words("queued", "running", "done", "failed")
    done = fields.Integer()
    total = fields.Integer()
    outcome = fields.Dict()
    sheet = fields.String(allow_none=True)


class JobsApi(RoomApi):
    """Jobs of one's own, or of one's unit."""

    resource_name = class_permission_name = background.VIEW
    permissions = {"can_show": KINDS}

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(JobShape))
    def get(self, pk: int) -> Response:
        """State and progress of a job; its outcome once it is done."""
        actor = self.actor()
        return self.one(pk, job_json(background.job_for(row_id(pk), actor=actor), actor))

    @expose("/<int:pk>/sheet", methods=["GET"])
    @describe(EXPORT, query=EXPORT_QUERY, errors=(422,))
    def sheet(self, pk: int) -> Response:
        """The result of each item as a file, once the job is over."""
        job = background.job_for(row_id(pk), actor=self.actor())
        if not has_job_sheet(job):
            raise NotFound()
        return job_sheet(job)


def job_json(job: Job, actor: Actor) -> dict[str, Any]:
    """A job as the API tells it."""
    done, total = background.progress_of(job)
    return {
        "state": "running" if done and job.state == "queued" else job.state,
        "done": done,
        "total": total,
        "outcome": background.outcome_of(job, actor),
        "sheet": f"/api/v1/{background.VIEW}/{job.id}/sheet" if has_job_sheet(job) else None,
    }


def register(app: Flask) -> None:
    views = app.appbuilder.baseviews  # type: ignore[attr-defined]
    served = {view.workflow for view in views if isinstance(view, CaseApi)}
    for workflow in registry.all_workflows():  # those whose rooms need no API of their own have the common one
        if workflow.name not in served:
            name = "".join(part.capitalize() for part in workflow.name.split("_")) + "Api"
            app.appbuilder.add_api(type(name, (CaseApi,), {"workflow": workflow.name}))  # type: ignore[attr-defined]
