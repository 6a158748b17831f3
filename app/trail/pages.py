"""谁看过我的信息, 以我的名义办理的事项: who looked at a graduate's records, and what was done in their name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, GRADUATE, STAFF
from app.base.clock import SHANGHAI, today
from app.base.dates import day_text, moment_of
from app.base.errors import NotFound
from app.cases import progress
from app.cases.models import CaseMixin
from app.documents.services import PDF
from app.trail.evidence.records import lines_of, report_of
from app.trail.own import data_of
from app.trail.queries import MOST_ACTS, MOST_READERS, Act, cases_of, published_days, readers_of, record_of
from app.trail.records import printed_data
from app.trail.words import doer, shown_by
from app.web.current import current_actor
from app.web.gate import open_to_all
from app.web.jobs import as_download, later
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import page_access
from app.workflow import engine, registry
from app.workflow.stages import Stage

blueprint = Blueprint("trail", __name__)
open_to_all("trail.chain")


@blueprint.get("/graduate/readers")
@page_access(GRADUATE)
def readers() -> str:
    """Who saw my records, day by day, newest first."""
    found = readers_of(current_actor())
    days = _by_day((one.at, one) for one in found)
    return render_template("trail/readers.html", days=days, most=MOST_READERS, full=len(found) == MOST_READERS)


@blueprint.get("/graduate/record")
@page_access(GRADUATE)
def record() -> str:
    """What was done in my name, by whom and proven by what, day by day, newest first."""
    acts = record_of(current_actor())
    cases = cases_of(acts)
    days = _by_day((one.at, _told(one, cases.get((one.workflow, one.case_id or 0)))) for one in acts)
    return render_template("trail/record.html", days=days, most=MOST_ACTS, full=len(acts) == MOST_ACTS)


@blueprint.get("/graduate/data")
@page_access(GRADUATE)
def data() -> Response:
    """Everything about me as a file: for programs at once, for people on paper, which a worker makes."""
    if request.args.get("format") == "pdf":
        return later() or paper_answer()
    content = json.dumps(data_of(current_actor()), ensure_ascii=False, indent=1)
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=my-data-{today():%Y%m%d}.json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def paper_answer() -> Response:
    """Everything about me as PDF; called where a worker asks."""
    name = _("All data about me")
    return as_download(io.BytesIO(printed_data(current_actor())), f"{name}-{today():%Y%m%d}.pdf", PDF, plain="data.pdf")


def _told(act: Act, case: Any) -> dict[str, Any]:
    step = case is not None and act.row is not None
    return {
        "case": case,
        "what": registry.get(act.workflow).label if step else _("Confirm your information"),
        "said": progress.said_of(case, act.row) if step and act.row else "",
        "url": record_url(act.workflow, act.case_id, GRADUATE) if step else None,
        "mine": act.role == GRADUATE,
        "doer": doer(act.role, act.proof),
        "actor": "" if act.role == GRADUATE else act.actor,
        "proof": shown_by(act.role, act.proof),
    }


def _by_day(found: Iterable[tuple[datetime, Any]]) -> list[tuple[str, list[tuple[str, str, Any]]]]:
    rows = [(day_text(at), f"{moment_of(at).astimezone(SHANGHAI):%H:%M}", one) for at, one in found]
    return [(day, list(group)) for day, group in groupby(rows, key=lambda row: row[0])]


@blueprint.get("/evidence/<workflow>/<case_id>")
@page_access(GRADUATE, EMPLOYER, *STAFF)
def evidence(workflow: str, case_id: str) -> ResponseReturnValue:
    """The evidence report of a record in my scope: a sealed paper, which a worker makes, or its links for programs."""
    return evidence_answer(workflow, row_id(case_id))


def evidence_answer(workflow: str, case_id: int) -> ResponseReturnValue:
    """The same for every door; the actor is whoever asks. Raises NotFound, Forbidden."""
    case = engine.load(registry.get(workflow), case_id, actor=current_actor())
    if not has_evidence(case):
        raise NotFound()
    if request.args.get("format") == "json":
        text = "\n".join(lines_of(case)) + "\n"
        name = f"evidence-{workflow}-{case.id}.jsonl"
        return as_download(io.BytesIO(text.encode()), name, "application/x-ndjson", plain=name)
    waits = later()
    if waits is not None:
        return waits
    with force_locale("zh"):
        content, name = report_of(case, current_actor())
    return as_download(io.BytesIO(content), name, PDF, plain="evidence.pdf")


def has_evidence(case: CaseMixin) -> bool:
    """Whether there is a report of it: of records of graduates that have been handed in or laid before somebody."""
    return case.graduate is not None and case.stage != Stage.DRAFT


def evidence_url(case: CaseMixin) -> str:
    """Where the evidence report of this record is; "" where there is none. For the pages of every record."""
    if not has_evidence(case):
        return ""
    return url_for("trail.evidence", workflow=case.workflow_name, case_id=case.id)


def register(app: Flask) -> None:
    """Let the pages of every record lead to its report."""
    app.jinja_env.globals["evidence_url"] = evidence_url


@blueprint.get("/chain")
def chain() -> str:
    """The sealed ends of all histories: what they are for, and each day's file."""
    return render_template("trail/chain.html", days=published_days())
