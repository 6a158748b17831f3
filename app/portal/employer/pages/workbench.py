"""The unit's workplace for signings: workbench, tabs, one record (R6.1, R6.6–R6.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select

from app.access.actors import EMPLOYER, Actor
from app.access.scope import Reach, reach_with
from app.base.cohorts import is_operable
from app.base.crypto import blind_index
from app.base.database import session
from app.base.errors import AppError, Forbidden, NotFound
from app.base.kept import Kept
from app.base.replicas import counting, shown
from app.base.values.id_documents import normalise
from app.base.values.names import person_name
from app.cases import progress
from app.cases.answers import asking, asking_count
from app.cases.models import CaseMixin
from app.codes import queries as codes
from app.employers.favorites.services import favorites_visible_to
from app.employers.models import Employer, Favorite
from app.notices.queries import notifications_visible_to
from app.recognition.queries import (
    ANY_UNIT,
    naming_unit,
    of_unit,
    read_recognised,
    recognised,
    recognised_by_tab,
    unanswered,
)
from app.recognition.words import recorded
from app.roster.models import Graduate
from app.signing import ends
from app.signing.online import records
from app.signing.online.models import OnlineSigning
from app.signing.online.queries import EMPLOYER_TABS, online_signings_visible_to, signings_in_tab, tab_counts, tab_of
from app.signing.online.sheets import signing_columns
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.current import current_actor
from app.web.links import record_url
from app.web.numbers import row_id, seen_version
from app.web.pages import page_access
from app.web.paging import Page, page_of
from app.web.sheets import Counted, download_sheet, export_answer
from app.web.shell import chosen_cohort, contribute
from app.workflow import engine, registry
from app.workflow.stages import Stage

_NAMED = "named"
blueprint = Blueprint("employer", __name__, url_prefix="/employer")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The unit's name, the places of its navigation, and how many wait for its answer beside the signings."""
    if actor.kind != EMPLOYER:
        return {}
    return {
        "account": {"role": _("Unit user")},
        "place": actor.place,
        "urls": {"workbench": url_for("employer.workbench"), "signing": url_for("employer.signings")},
        "badges": lambda: {"signing": asking_count(actor) if actor.employer_id else 0},
    }


def tab_labels() -> dict[str, str]:
    """The tabs of R6.6 in their order."""
    return {
        "favorites": _("Favorites"),
        "signing": _("In signing"),
        "signed": _("Signed"),
        "failed": _("Signing failed"),
        "terminating": _("In termination"),
        "terminated": _("Terminated"),
        "termination_failed": _("Termination failed"),
        "voided": _("Voided"),
        "invalid": _("Invalid"),
    }


def tabs_for(actor: Actor, cohort: int, current: str, *, named: bool = False) -> dict[str, Any]:
    """Tabs with their counts for the tab bar; with `named` how many records name the unit unanswered. Two statements."""
    unit, (reach, own) = naming_unit(actor), reach_with(actor)
    asked = {**own, **of_unit(unit), "cohort": cohort}
    (beside,) = shown.rows(_counted_beside(reach, unit is not None, named), asked)
    more = beside._asdict()
    unanswered_too = more.pop(_NAMED, 0)
    counts = Counter(tab_counts(actor, cohort)) + Counter(more)
    items = []
    for tab, label in tab_labels().items():
        url = url_for("favorites.show") if tab == "favorites" else url_for("employer.signings", tab=tab)
        items.append((tab, label, f"{url}{'&' if '?' in url else '?'}cohort={cohort}", counts[tab]))
    return {"items": items, "current": current, "counts": counts, "named": unanswered_too}


@lru_cache(maxsize=64)
def _counted_beside(reach: Reach, proved: bool, named: bool) -> Kept:
    """What is counted beside the signings online; `proved`: for units that have proved their code."""
    cohort: Any = bindparam("cohort", type_=Integer)
    favorites = favorites_visible_to(reach.reader, cohort).with_only_columns(Favorite.id).order_by(None)
    of_code = recognised_by_tab(ANY_UNIT, cohort) if proved else {}
    if proved and named:
        of_code |= {_NAMED: unanswered(ANY_UNIT, cohort)}
    return Kept(counting({"favorites": favorites, **of_code}))


@blueprint.get("/")
@page_access(EMPLOYER)
def workbench() -> str:
    """What waits, deadlines first; live counts that lead to the tabs; the latest notices (R6.1)."""
    actor, cohort = current_actor(), chosen_cohort()
    unit = session.get(Employer, actor.employer_id) if actor.employer_id else None
    waiting = (
        online_signings_visible_to(actor)
        .where(OnlineSigning.stage == Stage.OFFERED, OnlineSigning.cohort == cohort)
        .where(OnlineSigning.invalid_since.is_(None))
        .order_by(OnlineSigning.valid_until)
        .limit(5)
    )
    verified = unit is not None and unit.verified_at is not None
    tabs = tabs_for(actor, cohort, "", named=True)
    return render_template(
        "portal/employer/workbench.html",
        unit=unit,
        verified=verified,
        beginner=verified and is_operable(cohort) and sum(tabs["counts"].values()) == tabs["counts"]["favorites"],
        tabs=tabs,
        waiting=list(session.scalars(waiting)),
        asked=[(case, *_asked(case, actor)) for case in asking(actor, cohort)],
        notices=list(session.scalars(notifications_visible_to(actor).limit(6))),
        cohort=cohort,
        operable=is_operable(cohort),
    )


@blueprint.get("/signings")
@page_access(EMPLOYER)
def signings() -> str:
    """One tab of the list with filters; everything in the address (R6.6)."""
    actor, cohort, tab = current_actor(), chosen_cohort(), _tab()
    query = _filtered(signings_in_tab(actor, tab, cohort), tab).order_by(OnlineSigning.id.desc())
    page = page_of(query)
    newest = ends.newest(page.rows, actor)
    on_paper = _on_paper(actor, tab, cohort)
    kept: dict[str, Any] = {**request.args}
    return render_template(
        "portal/employer/signings.html",
        tab=tab,
        tabs=tabs_for(actor, cohort, tab),
        page=page,
        rows=[{**_row(case, actor), "end": newest.get(case.id)} for case in page.rows],
        states=ends.states(tab)
        or [(s.name, str(s.label)) for s in ONLINE_SIGNING.states if s.stage in EMPLOYER_TABS[tab]],
        ending=tab in ends.TABS,
        papers=on_paper,
        on_paper=[_recognised_row(case, actor) for case in read_recognised(on_paper.rows)],
        download=url_for("employer.sheet", **kept),
        other_formats=download_sheet(url_for("employer.sheet"), masks=False),
        cohort=cohort,
    )


@blueprint.get("/signings/sheet")
@page_access(EMPLOYER)
def sheet() -> Response:
    """The unit's people as a file: those of the tab as it is filtered."""
    actor, cohort, tab = current_actor(), chosen_cohort(), _tab()
    if not actor.may("can_export", ONLINE_SIGNING.name):
        raise Forbidden()
    query = _filtered(signings_in_tab(actor, tab, cohort), tab).order_by(OnlineSigning.id)
    detail = {"tab": tab, "cohort": cohort}
    number = shown.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = Counted(number, _in_portions(query))
    return export_answer(_("My people"), signing_columns(), rows, subject=ONLINE_SIGNING.name, detail=detail)


@blueprint.get("/signings/<case_id>")
@page_access(EMPLOYER)
def signing(case_id: str) -> str:
    """One record: timeline on top, facts below, one main button."""
    return _record(engine.load(ONLINE_SIGNING, row_id(case_id), actor=current_actor()))


@blueprint.post("/signings/<case_id>/withdraw")
@page_access(EMPLOYER)
def withdraw(case_id: str) -> ResponseReturnValue:
    """Take the invitation back, with a reason (R6.7)."""
    number = row_id(case_id)
    data = {name: request.form[name] for name in ("reason", "reason_code") if request.form.get(name)}
    seen = seen_version(request.form.get("version"))
    try:
        engine.fire("online_signing", number, "withdraw", actor=current_actor(), data=data, version=seen)
    except AppError as error:
        if error.status in (403, 404):
            raise
        flash(_first(error), "danger")
        return _record(engine.load(ONLINE_SIGNING, number, actor=current_actor())), error.status
    flash(_("The invitation has been withdrawn. The graduate has been told."), "success")
    return redirect(url_for("employer.signing", case_id=number))


def _asked(case: CaseMixin, actor: Actor) -> tuple[Any, str | None]:
    """What the case is called in its state, and where the unit answers it."""
    workflow = registry.get(case.workflow_name)
    return workflow.label_of(case, actor), record_url(workflow.name, case.id, EMPLOYER)


def _in_portions(query: Select[Any]) -> Iterator[OnlineSigning]:
    """All rows of a query that is ordered by id, without holding all of them."""
    last = 0
    while rows := list(shown.scalars(query.where(OnlineSigning.id > last).limit(500))):
        yield from rows
        last = rows[-1].id


def _tab() -> str:
    tab = request.args.get("tab", "signing")
    if tab not in EMPLOYER_TABS:
        raise NotFound()
    return tab


def _first(error: AppError) -> str:
    for texts in getattr(error, "errors", {}).values():
        return str(texts[0])
    return error.message


def _filtered(query: Select[Any], tab: str) -> Select[Any]:
    state, about = request.args.get("state"), _about()
    if state:
        query = query.where(ends.is_in(state) if tab in ends.TABS else OnlineSigning.state == state)
    return query.join(OnlineSigning.graduate.of_type(Graduate)).where(*about) if about else query


def _about() -> list[ColumnElement[bool]]:
    """What the filters ask of the graduate."""
    name, number = person_name(request.args.get("name", "")), request.args.get("id_number", "").strip()
    by_name = [Graduate.name.contains(name, autoescape=True)] if name else []
    return by_name + ([Graduate.id_number_index == blind_index(normalise(number))] if number else [])


def _on_paper(actor: Actor, tab: str, cohort: int) -> Page:
    """What the unit has recognised, on pages of its own; a state that is asked for is none of theirs."""
    wanted = recognised(actor, "" if request.args.get("state") else tab, cohort, *_about())
    return Page([], 1, 1, 0, False) if wanted is None else page_of(wanted, whole=True, parameter="paper")


def _row(case: OnlineSigning, actor: Actor) -> dict[str, Any]:
    return {
        "case": case,
        "label": ONLINE_SIGNING.label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "category": codes.label("job_category", case.data["position"]["category"]),
        "may_reinvite": ONLINE_SIGNING.state(case.state).final
        and case.invalid_since is None
        and is_operable(case.cohort),
        "events": engine.available(case, actor),
    }


def _recognised_row(case: Any, actor: Actor) -> dict[str, Any]:
    return {
        "case": case,
        "title": recorded(case),
        "label": registry.get(case.workflow_name).label_of(case, actor),
        "tone": progress.tone_for(case, actor),
    }


def _record(case: OnlineSigning) -> str:
    actor = current_actor()
    return render_template(
        "portal/employer/signing.html",
        **_row(case, actor),
        tab=tab_of(case),
        records=records,
        timeline=progress.timeline(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        termination=ends.panel(case, actor),
        withdraw_reasons=codes.choices("withdraw_reason"),
    )
