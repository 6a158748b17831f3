"""Long jobs over the API: how far one is and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from app.access.actors import EMPLOYER, STAFF, Actor
from app.base.errors import NotFound
from app.cases.api import CaseApi
from app.fab.api import RoomApi, expose
from app.fab.jobs import has_sheet, result_sheet
from app.web.numbers import row_id
from app.workflow import background, registry
from app.workflow.models import Job


class JobsApi(RoomApi):
    """Jobs of one's own, or of one's unit."""

    resource_name = class_permission_name = background.VIEW
    permissions = {"can_show": (EMPLOYER, *STAFF)}

    @expose("/<int:pk>", methods=["GET"])
    def get(self, pk: int) -> Response:
        """How far a job is.
        ---
        get:
          summary: State and progress of a job; its outcome once it is done
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The job
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result:
                        type: object
                        required: [state, done, total, outcome, sheet]
                        properties:
                          state: {type: string, enum: [queued, running, done, failed]}
                          done: {type: integer}
                          total: {type: integer}
                          outcome: {type: object}
                          sheet: {type: string, nullable: true}
        """
        actor = self.actor()
        return self.one(pk, job_json(background.job_for(row_id(pk), actor=actor), actor))

    @expose("/<int:pk>/sheet", methods=["GET"])
    def sheet(self, pk: int) -> Response:
        """The result of each item.
        ---
        get:
          summary: The result of each item as xlsx, once the job is over
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The sheet
              content:
                application/vnd.openxmlformats-officedocument.spreadsheetml.sheet:
                  schema: {type: string, format: binary}
        """
        job = background.job_for(row_id(pk), actor=self.actor())
        if not has_sheet(job):
            raise NotFound()
        return result_sheet(job)


def job_json(job: Job, actor: Actor) -> dict[str, Any]:
    """A job as the API tells it."""
    return {
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "outcome": background.outcome_of(job, actor),
        "sheet": f"/api/v1/{background.VIEW}/{job.id}/sheet" if has_sheet(job) else None,
    }


def register(app: Flask) -> None:
    """Open the API."""
    app.appbuilder.add_api(JobsApi)  # type: ignore[attr-defined]
    views = app.appbuilder.baseviews  # type: ignore[attr-defined]
    served = {view.workflow for view in views if isinstance(view, CaseApi)}
    for workflow in registry.all_workflows():  # those whose rooms need no API of their own have the common one
        if workflow.name not in served:
            name = "".join(part.capitalize() for part in workflow.name.split("_")) + "Api"
            app.appbuilder.add_api(type(name, (CaseApi,), {"workflow": workflow.name}))  # type: ignore[attr-defined]
