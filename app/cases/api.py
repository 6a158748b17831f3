"""A workflow's API from its table: list, read, create, edit, events, bulk, attachments, document, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Response, request, send_file
from flask_babel import gettext as _
from marshmallow import Schema

from app.access.actors import STAFF, Actor, module_refusal
from app.access.roles import workflow_permissions
from app.base.errors import AppError, Forbidden, Invalid, NotFound, Stale, UnsupportedMedia
from app.cases import attachments
from app.cases import jobs as bulk
from app.cases import openapi as case_openapi
from app.cases import records as cases
from app.cases.admin.search import SEARCH, AssignedTo, found_by, unit_search
from app.cases.assignments import queries as assignments
from app.cases.assignments.services import assign
from app.cases.assignments.sheets import REVIEWER, reviewer_column
from app.cases.openapi import MOST_IN_BULK, ORIGINAL, CaseShape
from app.cases.services import begin_case, discard_case, edit_case, has_drafts, undo_verdict
from app.cases.sheets import VERDICT, case_columns, staff_columns
from app.cases.verdicts import last_verdict
from app.documents.services import document_file
from app.fab import forms
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Kinds, Listing
from app.fab.openapi import Operation
from app.fab.shapes import EXPORT, EXPORT_QUERY, JOB, MESSAGE, File, group, list_of, many, one
from app.web import payload
from app.web.current import current_actor
from app.web.errors import error_body
from app.web.idempotency import Answer
from app.web.numbers import row_id, seen_version
from app.web.sheets import Column, export_answer
from app.workflow import background, engine, registry
from app.workflow.models import Job
from app.workflow.table import Workflow


class CaseApi(RoomApi):
    """Subclass per workflow: set `workflow`; override `create` where a body makes more than one case.

    The rest follows from the workflow's declaration: what a body holds, which events there are and what they ask for,
    whether cases can be edited, take files and have a paper.
    """

    workflow: str = ""
    search: Mapping[str, Kinds | None] = SEARCH
    order: Sequence[str] = ("id", "created_at", "updated_at", "state", "number")

    def __init__(self) -> None:
        self.resource_name = self.class_permission_name = self.workflow
        units = {name: (kind,) for name, kind in unit_search(self.table.model)}
        shared = {REVIEWER: (AssignedTo,)} if assignments.is_shared_out(self.table) else {}
        self.listing = Listing(
            ScopedInterface(self.table.model),
            {**units, **self.search, **shared},
            self.order,
            find=found_by(self.table.model),
            choices={"state": lambda: [state.name for state in self.table.states]},
        )
        self.base_permissions = list(workflow_permissions(self.table))
        self.exclude_route_methods = {method for method, there in self._methods() if not there}
        super().__init__()

    def _methods(self) -> tuple[tuple[str, bool], ...]:
        """The addresses that only some workflows have."""
        table = self.table
        written = table.writing is not None and any(state.editable for state in table.states)
        return (
            ("put", written),
            ("delete", has_drafts(table)),
            ("attach", table.files is not None),
            ("document", bool(table.document)),
            *((name, assignments.is_shared_out(table)) for name in ("assign", "reviewers")),
        )

    # What a room fills in -------------------------------------------------------------------------------------------

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Begin a case and hand it in; with "submit": false it stays a draft."""
        case = begin_case(self.workflow, body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": cases.case_json(case, actor)}

    def load(self, case_id: int) -> Any:
        """The case for who asks for it; raises NotFound, Forbidden."""
        return engine.load(self.table, case_id, actor=self.actor())

    def refused_outcome(self, event: str, case: Any) -> AppError | None:
        """What the caller is told when an event was taken without the outcome they wished."""
        del event, case
        return None

    def columns(self) -> Sequence[Column]:
        """The columns of the xlsx export."""
        return case_columns()

    @contextmanager
    def seen(self, body: Mapping[str, Any]) -> Iterator[int | None]:
        """The version that the caller has read: `If-Match`, else "version" of the body; None where none is named.

        A record that has changed since is refused with 409, or with 412 where the header asked for it.
        """
        named = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        sent = named or body.get("version")
        try:
            yield None if named == "*" else seen_version(sent if sent != "" else "?")
        except Stale as refusal:
            refusal.status = 412 if named else refusal.status
            raise

    # Addresses ------------------------------------------------------------------------------------------------------

    @property
    def table(self) -> Workflow:
        """The workflow's table."""
        return registry.get(self.workflow)

    def require(self, permission: str) -> Actor:
        """The actor, if role and module allow it; raises Forbidden."""
        self.module = self.table.module
        return super().require(permission)

    @expose("/", methods=["GET"])
    @describe(many(CaseShape), listed=True)
    def get_list(self) -> Response:
        """Cases in my scope."""
        actor = self.require("can_list")
        page = self.listing.page(self.query(), actor)
        return self.listed(page, cases.cases_json(page.rows, actor))

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(CaseShape))
    def get(self, pk: int) -> Response:
        """One case, with the events that are open to the caller."""
        case = self.load(row_id(pk))
        answer = self.one(pk, cases.case_json(case, self.actor()))
        answer.set_etag(str(case.version))
        return answer

    @expose("/", methods=["POST"])
    @describe(one(CaseShape), status=201, errors=(404,))
    def post(self) -> Response:
        """Create."""
        return json_answer(*self.create(self.body(), actor=self.actor()))

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(CaseShape), versioned=True)
    def put(self, pk: int) -> Response:
        """Edit a draft or a returned case."""
        body = self.body()
        with self.seen(body) as version:
            case = edit_case(self.workflow, row_id(pk), body, actor=self.actor(), version=version)
        return self.one(pk, cases.case_json(case, self.actor()))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE, versioned=True)
    def delete(self, pk: int) -> Response:
        """Throw a draft away that was never handed in; its history stays."""
        with self.seen({}) as version:
            discard_case(self.workflow, row_id(pk), actor=self.actor(), version=version)
        return json_answer(200, {"message": _("The draft is deleted.")})

    @expose("/<int:pk>/<string:event>", methods=["POST"])
    @describe(one(CaseShape), versioned=True)
    def fire(self, pk: int, event: str) -> Response:
        """Fire an event; the body is its data."""
        body = self.body()
        with self.seen(body) as version:
            case = engine.fire(self.workflow, row_id(pk), event, actor=self.actor(), data=body, version=version)
        refusal = self.refused_outcome(event, case)
        if refusal is not None:  # an answer and no exception: what the event has written stays
            return json_answer(refusal.status, error_body(refusal))
        return self.one(pk, cases.case_json(case, self.actor()))

    @expose("/<int:pk>/undo", methods=["POST"])
    @describe(one(CaseShape))
    def undo(self, pk: int) -> Response:
        """Take my own decision back while nothing of it has left; 409 too_late afterwards."""
        case = undo_verdict(self.workflow, row_id(pk), actor=self.actor())
        return self.one(pk, cases.case_json(case, self.actor()))

    @expose("/bulk/<string:event>", methods=["POST"])
    @describe(case_openapi.OUTCOMES, also={202: JOB}, errors=(400,))
    def fire_bulk(self, event: str) -> Response:
        """Fire an event on many, each judged on its own (R8.15); a job for more than a hundred."""
        actor, data = self.actor(), dict(self.body())
        refuse_impossible(self.table, event, actor)
        dry_run, units = payload.flag(data, "dry_run"), payload.flag(data, "units")
        chosen = self._chosen(data, actor)
        if bulk.needs_job(chosen):
            job = bulk.start_bulk(self.workflow, chosen, event, actor=actor, data=data, dry_run=dry_run)
            return json_answer(202, {"job_id": job.id})
        outcomes = engine.fire_many(self.workflow, chosen, event, actor=actor, data=data, dry_run=dry_run)
        more = {"units": bulk.units_of_cases(self.workflow, chosen, actor=actor)} if dry_run and units else {}
        return json_answer(200, {"result": [bulk.outcome_json(outcome) for outcome in outcomes], **more})

    @expose("/bulk/undo", methods=["POST"])
    @describe(case_openapi.OUTCOMES, body=case_openapi.TAKEN_BACK, also={202: JOB}, errors=(404, 409, 422))
    def undo_bulk(self) -> Response:
        """Take my decisions on many back, by their ids or by the bulk job that decided, while nothing has left."""
        actor, data = self.actor(), dict(self.body())
        if actor.kind not in STAFF:
            raise Forbidden()
        job_id = data.pop("job_id", None)
        if job_id is None:
            became = bulk.undo_bulk(self.workflow, payload.ids(data.get("ids"), most=MOST_IN_BULK), actor=actor)
        else:
            job = background.job_for(row_id(job_id), actor=actor)
            if job.payload.get("workflow") != self.workflow:
                raise NotFound()
            became = bulk.undo_job(job, actor=actor)
        if isinstance(became, Job):
            return json_answer(202, {"job_id": became.id})
        return json_answer(200, {"result": [bulk.outcome_json(outcome) for outcome in became]})

    @expose("/bulk/assign", methods=["POST"])
    @describe(case_openapi.OUTCOMES, body=case_openapi.ASSIGNED, errors=(400, 404, 413, 422))
    def assign(self) -> Response:
        """Give records that wait for the own office to a colleague, or with null to nobody; each judged on its own.

        The colleague is told once. It keeps nobody else of the office from deciding.
        """
        actor, data = self._assigning(), dict(self.body())
        to = data.pop("to", "")
        if to is not None and not (isinstance(to, str) and to):
            raise Invalid({"to": [_("Please name a colleague by the user name, or null for nobody.")]})
        outcomes = assign(self.workflow, self._chosen(data, actor), to, actor=actor)
        return json_answer(200, {"result": [bulk.outcome_json(outcome) for outcome in outcomes]})

    @expose("/reviewers", methods=["GET"])
    @describe(group(("result",), result=list_of(case_openapi.ReviewerShape)))
    def reviewers(self) -> Response:
        """Who of the own office can decide records of this workflow, and how many already wait with each."""
        actor = self._assigning()
        able = dict(assignments.colleagues(self.table, actor))
        loads = [one for one in assignments.workload(actor) if one.user_id in able]
        told = [{"username": one.username, "name": one.name, "waiting": one.waiting} for one in loads]
        return json_answer(200, {"result": told})

    def _assigning(self) -> Actor:
        actor = self.actor()
        if not assignments.may_assign(self.table, actor):
            raise Forbidden()
        return actor

    def _chosen(self, data: dict[str, Any], actor: Actor) -> list[int]:
        """The records that a bulk call names, by their ids or by a query of the list."""
        ids, query = data.pop("ids", None), data.pop("query", None)
        if query is None:
            return payload.ids(ids, most=MOST_IN_BULK)
        if ids is not None or not isinstance(query, dict):
            raise Invalid({"query": [_("Please name the records either by ids or by a query of plain parameters.")]})
        self.require("can_list")
        return self.listing.all_ids(forms.of_body(query, self.listing), actor)

    @expose("/<int:pk>/attachments", methods=["POST"])
    @describe(one(case_openapi.AttachmentShape), status=201)
    def attach(self, pk: int) -> Response:
        """Add a file to a case."""
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMedia(_("Please send the file as multipart/form-data."))
        engine.load(self.table, row_id(pk), actor=self.actor())
        kind, file = request.form.get("kind", ""), request.files.get("file")
        attachments.refuse_change(self.workflow, row_id(pk), kind, actor=self.actor())
        if file is None or not kind:
            missing = {"kind": [_("Please fill this in.")]} if not kind else {}
            raise Invalid(missing | ({} if file else {"file": [_("Please choose a file.")]}))
        return self.created(pk, attachments.attach_file(self.workflow, row_id(pk), kind, file, actor=self.actor()))

    @expose("/<int:pk>/document", methods=["GET"])
    @describe(File("application/pdf"), query={"original": ORIGINAL}, also={202: MESSAGE}, errors=(409,))
    def document(self, pk: int) -> Response:
        """The PDF; 202 with Retry-After at once while the worker makes it.

        An agreement that is over comes as a sealed copy that says so on every page; `original=true` gives the file that
        was sealed when it was signed, byte for byte.
        """
        case = engine.load(self.table, row_id(pk), actor=self.actor())
        found = document_file(case, self.table.document, original=request.args.get("original") in ("1", "true"))
        if found is not None:
            return send_file(found[0], mimetype="application/pdf", as_attachment=True, download_name=found[1])
        waiting = json_answer(202, {"message": _("The document is being made. Please try again shortly.")})
        waiting.headers["Retry-After"] = "2"
        return waiting

    @expose("/export", methods=["GET"])
    @describe(EXPORT, query=EXPORT_QUERY, listed=True, also={202: JOB}, errors=(409, 422))
    def export(self) -> Response:
        """The current query as a file (R8.13)."""
        actor = self.require("can_export")
        q = self.query()
        rows = self._with_reviewer().all_rows(q, actor)
        columns = staff_columns(self.workflow) if actor.kind in STAFF else None
        if columns is None:
            columns = [*self.columns(), *reviewer_column(self.table, actor)]
        return export_answer(str(self.table.label), columns, rows, subject=self.workflow, detail={"q": q})

    def _with_reviewer(self) -> Listing:
        interface = ScopedInterface(self.table.model)
        interface.beside = {
            REVIEWER: lambda: assignments.assignee(interface.obj, current_actor().kind),
            VERDICT: lambda: last_verdict(self.table.model),
        }
        interface.values = lambda: assignments.of_office(current_actor())
        return replace(self.listing, interface=interface)

    def form_of(self, event: str) -> type[Schema] | None:
        """The shape of the event's data, as the table says."""
        return self.table.form_of(event)

    @property
    def create_form(self) -> type[Schema] | None:
        """What a case is made of: what its author writes, else what the creating event asks for."""
        table = self.table
        return table.writing.form if table.writing is not None else table.initial[0].form

    @property
    def attachment_kinds(self) -> Sequence[str]:
        """The kinds of files that every case takes; () where they depend on the case."""
        kinds = self.table.files.kinds if self.table.files is not None else ()
        return () if callable(kinds) else tuple(kind.name for kind in kinds)

    def operations(self) -> Iterator[Operation]:
        """One address per event of the table."""
        return case_openapi.described(self)


def refuse_impossible(workflow: Workflow, event: str, actor: Actor) -> None:
    """For bulk calls: NotFound for an unknown event, Forbidden for one that this actor can never fire."""
    rows = workflow.named(event)
    if not rows:
        raise NotFound(_("There is no such step in this workflow."), "unknown_event")
    if not actor.may(f"can_{event}", workflow.name) or all(actor.kind not in row.who for row in rows):
        raise Forbidden()
    if not actor.writes(workflow.module):
        raise module_refusal(actor, workflow.module)
