"""The electronic agreement for whoever may see the signing: unit, graduate, reviewers (R7.4, R6.9)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.access.actors import KINDS
from app.documents.services import document_file
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.signing.paper.workflows.offline_signing import OFFLINE_SIGNING
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.workflow import engine

blueprint = Blueprint("agreements", __name__, url_prefix="/agreements")


@blueprint.get("/online/<case_id>")
@page_access(*KINDS)
def online(case_id: str) -> ResponseReturnValue:
    """The PDF, to read or with ?download=1 to keep; while the worker makes it a page that looks again.

    Once it is over, a copy that says so; ?original=1 gives the one that was sealed.
    """
    return paper_answer(engine.load(ONLINE_SIGNING, row_id(case_id), actor=current_actor()), "agreement")


@blueprint.get("/offline/<case_id>")
@page_access(*KINDS)
def offline(case_id: str) -> ResponseReturnValue:
    """The same for the agreement that is printed and stamped (R9.2)."""
    return paper_answer(engine.load(OFFLINE_SIGNING, row_id(case_id), actor=current_actor()), "offline_agreement")


def paper_answer(case: OnlineSigning, kind: str) -> ResponseReturnValue:
    """A paper of a case, or the page that looks again while it is being made."""
    found = document_file(case, kind, original=request.args.get("original") == "1")
    if found is None:
        return render_template("signing/agreement_wait.html", case=case), 202, {"Refresh": "3"}
    content, name = found
    keep = request.args.get("download") == "1"
    return send_file(content, mimetype="application/pdf", as_attachment=keep, download_name=name)
