"""单位认领: a verified unit looks at the records that name its code, and says of each whether it is its own (B13)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import looks
from app.access.actors import EMPLOYER, Actor, require
from app.base.errors import Invalid, NotFound, texts_of
from app.cases import progress
from app.employers.guards import verified_employer
from app.recognition import queries
from app.recognition.models import Recognition
from app.recognition.services import answer_record
from app.recognition.words import recorded
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import chosen_cohort
from app.workflow import registry

blueprint = Blueprint("recognition", __name__, url_prefix="/employer/named")


@blueprint.get("")
@page_access(EMPLOYER)
def show() -> str:
    """The records that name the unit's code, one kind at a time."""
    return _page({})


@blueprint.post("/<workflow>/<case_id>")
@page_access(EMPLOYER)
def answer(workflow: str, case_id: str) -> ResponseReturnValue:
    """Ours, or not."""
    number, sent = row_id(case_id), {name: request.form.get(name, "") for name in ("ours", "reason")}
    try:
        row = answer_record(workflow, number, sent, actor=current_actor())
    except Invalid as error:
        flash(" ".join(text for texts in texts_of(error.errors).values() for text in texts), "danger")
        return _page(texts_of(error.errors), workflow, number), 422
    said = _("Noted: it is yours.") if row.ours else _("Noted: it is not yours. The graduate and the school are told.")
    flash(said, "success")
    return redirect(url_for("recognition.show", **_kept(workflow)))


@blueprint.app_template_global()
def disowned(case: Any) -> dict[str, Any] | None:
    """For the graduate's page of a record: which unit says that it is not its own, when and why; None where none does."""
    found = queries.disowned(case)
    return {"unit": found[1], "answer": found[0]} if found else None


def _kept(workflow: str) -> dict[str, Any]:
    answer = request.form.get("answer", "")
    return {"kind": workflow, "cohort": chosen_cohort(), **({"answer": answer} if answer in queries.ANSWERS else {})}


def _page(errors: dict[str, list[str]], kind: str = "", wrong: int | None = None) -> str:
    actor, cohort = current_actor(), chosen_cohort()
    require(actor, "can_list", queries.VIEW, kinds=(EMPLOYER,))
    unit = verified_employer(actor)
    kind, chosen = kind or request.args.get("kind", ""), request.values.get("answer", "")
    counts = queries.counts_by_kind(actor, cohort)
    kind = kind or next((name for name, number in counts.items() if number), next(iter(queries.NAMING)))
    if kind not in queries.NAMING or (chosen and chosen not in queries.ANSWERS):
        raise NotFound()
    page = page_of(queries.records_naming(actor, kind, cohort, chosen))
    answers = queries.answers_to(actor, page.rows)
    looks.note_list(looks.READ_LIST, queries.NAMING[kind][0])
    return render_template(
        "recognition/named.html",
        unit=unit,
        kind=kind,
        cohort=cohort,
        chosen=chosen,
        answers=[(queries.OPEN, _("Not answered")), (queries.OURS, _("Ours")), (queries.NOT_OURS, _("Not ours"))],
        tabs=[
            (name, str(registry.get(name).label), url_for("recognition.show", kind=name, cohort=cohort), number)
            for name, number in counts.items()
        ],
        page=page,
        rows=[_row(case, answers.get(case.id), actor) for case in page.rows],
        answers_it=actor.may("can_answer", queries.VIEW),
        errors=errors,
        wrong=wrong,
    )


def _row(case: Any, answer: Recognition | None, actor: Actor) -> dict[str, Any]:
    return {
        "case": case,
        "what": recorded(case),
        "label": registry.get(case.workflow_name).label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "answer": answer,
    }
