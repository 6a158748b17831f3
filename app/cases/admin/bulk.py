"""One event for many on the screens of staff: the choice, a dry run with its reasons, the result, and the way back.

A few records are tried at once; for more a worker tries them and looks up their units, and the page shows how far it is.
Of hundreds the verdict is a job too. GET never acts; the rules are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext as _

from app.base import clock
from app.base.errors import AppError, Conflict, Invalid, NotFound, TooLarge, texts_of
from app.base.settings import settings
from app.cases import asks, jobs
from app.cases.admin.choices import Judged, grouped, judged_case, judged_item, still_chosen
from app.cases.admin.desk import kept_query
from app.cases.admin.phrases import keep_sent, phrases_for
from app.cases.api import refuse_impossible
from app.cases.openapi import MOST_IN_BULK
from app.cases.queries import VERDICTS
from app.cases.units import MOST_SHOWN, UnitConcerned, concerned, units_of
from app.cases.words import event_label, state_word
from app.fab.views import ScopedModelView, chosen_ids
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.sheets import job_sheet
from app.workflow import background, engine, undo
from app.workflow.models import Job
from app.workflow.table import Workflow

_MOST_ROWS = 200  # of a job's choice on its page, those first whose unit stands out


class BulkView(ScopedModelView):
    """What a workflow's list does with many."""

    workflow: str = ""
    table: Workflow
    confirm_template = "cases/confirm.html"
    outcomes_template = "cases/outcomes.html"

    def back_url(self) -> str:
        """Where a reader of a record goes back to."""
        raise NotImplementedError

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An event for many: what would become of each stands on the next page."""
        event, actor = request.form.get("action", ""), current_actor()
        self.known_action(event)
        refuse_impossible(self.table, event, actor)
        ids = self.matching() if request.form.get("matching") else chosen_ids(request.form.getlist("rowid"))
        if len(ids) > MOST_SHOWN:
            job = jobs.start_bulk(self.workflow, ids, event, actor=actor, data={}, dry_run=True)
            return redirect(self._job_url(job))
        cases = self.datamodel.get_many(ids, self._base_filters)
        if not cases:
            raise NotFound()
        return self.confirm(event, cases)

    def matching(self) -> list[int]:
        """All that the list's address narrows it to; raises TooLarge."""
        ids = self.datamodel.ids(self.list_filters(), *self.list_order(), limit=MOST_IN_BULK + 1)
        if len(ids) > MOST_IN_BULK:
            raise TooLarge(_("At most %(most)s records can be handled at once.", most=MOST_IN_BULK))
        return list(ids)

    # Before -----------------------------------------------------------------------------------------------------------

    def confirm(self, event: str, cases: Sequence[Any], *, errors: Mapping[str, Any] | None = None) -> Any:
        """The page that says what will happen, to whom, and what it needs; changes nothing."""
        actor = current_actor()
        refuse_impossible(self.table, event, actor)
        ids = [case.id for case in cases]
        tried = {one.id: one for one in engine.fire_many(self.workflow, ids, event, actor=actor, dry_run=True)}
        judged = [judged_case(case, tried[case.id]) for case in self.datamodel.get_many(ids, self._base_filters)]
        units = units_of(cases, actor) if event in VERDICTS else []
        return self._confirm(event, judged, units, errors or {}, cases[0])

    def _confirm_job(self, job: Job, errors: Mapping[str, Any] | None = None) -> str:
        """The same for what a worker has tried: all units are known, and of many rows the first are shown."""
        items = background.items_of(job)
        named = [item.outcome["unit"] for item in items if item.outcome and "unit" in item.outcome]
        event = job.payload["event"]
        units = concerned(named, current_actor()) if event in VERDICTS else []
        odd = {unit.uscc or unit.name for unit in units if unit.stands_out}
        asked = not job.payload.get("each")
        judged = [judged_item(item.payload, item.outcome or {}, asked=asked) for item in items]
        judged.sort(key=lambda one: one.unit_key not in odd)
        return self._confirm(event, judged, units, errors or {}, job=job)

    def _confirm(
        self,
        event: str,
        judged: Sequence[Judged],
        units: Sequence[UnitConcerned],
        errors: Mapping[str, Any],
        case: Any = None,
        job: Job | None = None,
    ) -> str:
        possible = [one for one in judged if not one.refusal]
        rows = self.table.named(event)
        return str(
            self.render_template(
                self.confirm_template,
                title=event_label(self.table, event, case),
                event=event,
                job=job,
                shown=possible[:_MOST_ROWS],
                possible=len(possible),
                all=len(judged),
                refused=grouped(one for one in judged if one.refusal),
                irreversible=any(row.irreversible for row in rows if current_actor().kind in row.who),
                undo_seconds=settings().undo_seconds,
                phrases=phrases_for(self.table, rows, current_actor()),
                fields=self._asked(event, request.form if errors else {}, job),
                errors=texts_of(errors),
                action_url=url_for(f"{self.endpoint}.fire", event=event, **kept_query()),
                back_url=self.back_url(),
                units=units,
                asked=job is not None,
                most_units=MOST_SHOWN,
            )
        )

    def _asked(self, event: str, sent: Mapping[str, Any], job: Job | None) -> Sequence[asks.Ask]:
        """What the page asks for; nothing where a sheet has said it of each."""
        return () if job and job.payload.get("each") else asks.fields_of(self.table.form_of(event), sent)

    # The verdict ------------------------------------------------------------------------------------------------------

    @expose("/fire/<string:event>", methods=["POST"])
    def fire(self, event: str) -> Any:
        """Fire the confirmed event; one goes back to its record, many get a result per row (R8.15)."""
        job = self._job(request.form["job"]) if "job" in request.form else None
        data = asks.data_of(request.form)
        if job is not None:
            each = jobs.data_of_each(job)
            if each is not None:
                return self._fire_each(job.payload["event"], {one: each[one] for one in still_chosen(job)})
            return self._fire_many(event, still_chosen(job), data, job)
        ids = chosen_ids(request.form.getlist("rowid"))
        return self._fire_one(event, ids[0], data) if len(ids) == 1 else self._fire_many(event, ids, data)

    def _fire_one(self, event: str, case_id: int, data: dict[str, Any]) -> Any:
        actor = current_actor()
        seen = seen_version(request.form.get(f"version-{case_id}"))
        try:
            case = engine.fire(self.workflow, case_id, event, actor=actor, data=data, version=seen)
        except Invalid as error:
            return self.confirm(event, [self.row(case_id)], errors=error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=case_id))
        keep_sent(self.table, event, data, {}, actor)
        flash(_("Done: %(label)s", label=self.table.label_of(case, actor)), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=case_id))

    def _fire_many(self, event: str, ids: Sequence[int], data: dict[str, Any], job: Job | None = None) -> Any:
        actor = current_actor()
        refuse_impossible(self.table, event, actor)
        wrong = self._wrong_fields(event, data)
        if wrong and job is not None:
            return self._confirm_job(job, wrong), 422
        if wrong:
            return self.confirm(event, self.datamodel.get_many(ids, self._base_filters), errors=wrong), 422
        keep_sent(self.table, event, data, {}, actor)
        if jobs.needs_job(ids):
            return redirect(self._job_url(jobs.start_bulk(self.workflow, ids, event, actor=actor, data=data)))
        seen = {one: seen_version(request.form.get(f"version-{one}")) for one in ids}
        versions = {one: version for one, version in seen.items() if version is not None}
        with undo.longer(jobs.EACH * len(ids)):
            outcomes = engine.fire_many(self.workflow, ids, event, actor=actor, data=data, versions=versions)
        return self._outcomes(event_label(self.table, event, None), outcomes, may_undo=True)

    def _fire_each(self, event: str, each: Mapping[int, Any]) -> Any:
        """What a sheet has said of every record, once its dry run was looked at."""
        actor = current_actor()
        refuse_impossible(self.table, event, actor)
        job = jobs.start_bulk(self.workflow, list(each), event, actor=actor, data=each, each=True)
        return redirect(self._job_url(job))

    def _wrong_fields(self, event: str, data: dict[str, Any]) -> Mapping[str, Any]:
        form = self.table.form_of(event)
        if form is None:
            return {}
        try:
            asks.check(form, data)
        except AppError as error:
            return error.errors if isinstance(error, Invalid) else {"_": [error.message]}
        return {}

    # After ------------------------------------------------------------------------------------------------------------

    def _outcomes(self, title: Any, outcomes: Sequence[engine.Outcome], *, may_undo: bool = False) -> str:
        cases = {case.id: case for case in self.datamodel.get_many([one.id for one in outcomes], self._base_filters)}
        done = [one.id for one in outcomes if one.ok]
        until = undo.ends_at(self.workflow, done[0]) if done and may_undo else None
        return str(
            self.render_template(
                self.outcomes_template,
                title=title,
                outcomes=[(outcome, cases.get(outcome.id)) for outcome in outcomes],
                done=done,
                undo_url=url_for(f"{self.endpoint}.undo_bulk", **kept_query()),
                undo_left=int((until - clock.now()).total_seconds()) if until else 0,
                show_endpoint=f"{self.endpoint}.show",
                back_url=self.back_url(),
                state_word=state_word,
            )
        )

    @expose("/bulk/<job_id>")
    @has_access
    @permission_name("list")
    def bulk(self, job_id: Any) -> Any:
        """How far a worker is with many; then what it has found out or done."""
        job = self._job(job_id)
        if request.args.get("part"):
            return self._progress(job)
        over = job.state not in background.OPEN
        if over and job.payload.get("dry_run") and job.state == "done":
            return self._confirm_job(job)
        done, total = background.progress_of(job)
        return self.render_template("cases/bulk.html", **self._facts(job, over), over=over, ready=done, total=total)

    def _progress(self, job: Job) -> Any:
        if job.state not in background.OPEN:
            return Response(status=200, headers={"HX-Redirect": self._job_url(job)})
        done, total = background.progress_of(job)
        address = url_for(f"{self.endpoint}.bulk", job_id=job.id, part=1, **kept_query())
        return self.render_template("cases/_bulk.html", job=job, ready=done, total=total, part_url=address)

    def _facts(self, job: Job, over: bool) -> dict[str, Any]:
        ends = (job.finished_at or clock.now()).timestamp() + settings().undo_seconds - clock.now().timestamp()
        may_undo = over and job.kind == jobs.KIND and job.outcome.get("done") and settings().undo_seconds
        event = job.payload.get("event")
        return {
            "job": job,
            "title": event_label(self.table, event, None) if event else _("Taking back"),
            "part_url": url_for(f"{self.endpoint}.bulk", job_id=job.id, part=1, **kept_query()),
            "undo_url": url_for(f"{self.endpoint}.undo_bulk", **kept_query()),
            "undo_left": max(0, int(ends)) if may_undo else 0,
            "sheet_url": url_for(f"{self.endpoint}.bulk_sheet", job_id=job.id),
            "back_url": self.back_url(),
        }

    @expose("/bulk/<job_id>/sheet")
    @has_access
    @permission_name("list")
    def bulk_sheet(self, job_id: Any) -> Response:
        """What became of each, as a file."""
        return job_sheet(self._job(job_id))

    @expose("/undo_bulk", methods=["POST"])
    @has_access
    @permission_name("list")
    def undo_bulk(self) -> Any:
        """Take back what was decided for many, as long as nothing of it has left."""
        actor = current_actor()
        try:
            if "job" in request.form:
                became = jobs.undo_job(self._job(request.form["job"]), actor=actor)
            else:
                ids = chosen_ids(request.form.getlist("rowid"))
                became = jobs.undo_bulk(self.workflow, ids, actor=actor)
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(self.back_url())
        if isinstance(became, Job):
            return redirect(self._job_url(became))
        return self._outcomes(_("Taking back"), became)

    def _job(self, job_id: Any) -> Job:
        job = background.job_for(row_id(job_id), actor=current_actor())
        if job.kind not in (jobs.KIND, jobs.UNDO) or job.payload.get("workflow") != self.workflow:
            raise NotFound()
        return job

    def _job_url(self, job: Job) -> str:
        return url_for(f"{self.endpoint}.bulk", job_id=job.id, **kept_query())
