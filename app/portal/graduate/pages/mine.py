"""All signings of a graduate, of every kind: invitations, applications on paper, registrations."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actors import GRADUATE, Actor
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session
from app.base.errors import NotFound
from app.cases import progress
from app.portal.graduate.pages.signings import blueprint, item
from app.signing.online import records
from app.signing.online.guards import SIGNINGS
from app.signing.online.models import OnlineSigning
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.paging import page_of
from app.workflow import engine, registry
from app.workflow.stages import Stage

_MOST_BESIDE = 12


@blueprint.get("/signing")
@page_access(GRADUATE)
def signings() -> str:
    """The signings of one kind, newest first; tabs lead to the others. It opens at the first kind that has any."""
    actor = current_actor()
    tabs = _tabs(actor)
    kind = request.args.get("kind") or next((name for name, _label, _url, count in tabs if count), "online_signing")
    if kind not in SIGNINGS:
        raise NotFound()
    model: Any = registry.get(kind).model
    query = select(model).where(in_scope(model, actor)).options(*engine.eager_options(model))
    page = page_of(query.order_by(model.id.desc()))
    rows = [item(case, actor) if kind == "online_signing" else _paper_item(case, actor) for case in page.rows]
    return render_template("portal/graduate/signings.html", page=page, rows=rows, kind=kind, tabs=tabs)


@blueprint.get("/signing/compare")
@page_access(GRADUATE)
def compare() -> str:
    """The open invitations side by side, the one that ends first at the left."""
    cases = _open_invitations(current_actor())
    terms = [
        (str(label), [" · ".join(filter(None, map(str, one[1:]))) for one in line])
        for label, line in _lines([records.key_terms(case.data) for case in cases])
    ]
    more = [
        (_("Archive"), [records.archive_rows(case.data)[0][1] for case in cases]),
        (_("Hukou"), [records.hukou_rows(case.data)[0][1] for case in cases]),
        (_("Supplementary terms"), [case.data.get("clauses") or _("No supplementary terms.") for case in cases]),
        (_("Nature of the unit"), [records.employer_facts(case)["nature"] for case in cases]),
        (_("Industry"), [records.employer_facts(case)["industry"] for case in cases]),
    ]
    return render_template("portal/graduate/compare.html", cases=cases, rows=[*terms, *more], records=records)


@blueprint.app_template_global()
def compare_url() -> str | None:
    """Where the open invitations stand side by side; None where there are not at least two."""
    return url_for("graduate.compare") if len(_open_invitations(current_actor())) > 1 else None


def _open_invitations(actor: Actor) -> list[OnlineSigning]:
    query = (
        select(OnlineSigning)
        .where(in_scope(OnlineSigning, actor), OnlineSigning.stage == Stage.OFFERED)
        .where(OnlineSigning.valid_until > clock.now(), OnlineSigning.invalid_since.is_(None))
        .options(*engine.eager_options(OnlineSigning))
    )
    return list(session.scalars(query.order_by(OnlineSigning.valid_until, OnlineSigning.id).limit(_MOST_BESIDE)))


def _lines(each: list[list[tuple[str, ...]]]) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    """The same term of every invitation, term by term; all have the same ones in the same order."""
    return [(line[0][0], line) for line in zip(*each, strict=True)]


def _tabs(actor: Actor) -> list[tuple[str, str, str, int]]:
    names = {
        "online_signing": _("Invitations"),
        "offline_signing": _("On paper"),
        "supplementary": _("Registered"),
    }
    return [(kind, name, url_for("graduate.signings", kind=kind), _count(kind, actor)) for kind, name in names.items()]


def _count(kind: str, actor: Actor) -> int:
    model: Any = registry.get(kind).model
    return session.scalar(select(func.count()).select_from(model).where(in_scope(model, actor))) or 0


def _paper_item(case: Any, actor: Actor) -> dict[str, Any]:
    """A signing on paper as the list shows it; a draft may lack anything."""
    position = case.data.get("position") or {}
    return {
        "case": case,
        "label": registry.get(case.workflow_name).label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "events": engine.available(case, actor),
        "unit": {"name": case.employer.name if case.employer else _("Unit not filled in yet")},
        "url": url_for(f"paper.{case.workflow_name}", case_id=case.id),
        "about": " · ".join(
            part for part in (position.get("title"), records.yuan(position.get("salary_month"))) if part
        ),
    }
