"""学生收藏夹: find a graduate exactly, keep, invite, remove (R6.2)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.access import looks
from app.access.actors import EMPLOYER
from app.base.cohorts import is_operable
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, TooLarge, UnsupportedMedia
from app.base.values.names import person_name
from app.employers.favorites.api import template_answer
from app.employers.favorites.jobs import KIND, check_import_allowed, start_import
from app.employers.favorites.services import add_favorite, favorites_visible_to, remove_favorite
from app.employers.guards import verified_employer
from app.portal.employer.pages.workbench import tabs_for
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import chosen_cohort
from app.workflow import background
from app.workflow.stages import LIVE

blueprint = Blueprint("favorites", __name__, url_prefix="/employer/favorites")


@blueprint.get("")
@page_access(EMPLOYER)
def show() -> str:
    """The unit's favorites of the chosen cohort, to pick whom to invite."""
    looks.note_list(looks.READ_LIST, Graduate)
    return _page({})


@blueprint.post("")
@page_access(EMPLOYER)
def add() -> ResponseReturnValue:
    """Find one graduate by all three parts; a miss never says which part was wrong."""
    try:
        favorite, new = add_favorite(request.form, actor=current_actor())
    except (Forbidden, Conflict):
        raise
    except AppError as error:
        errors = error.errors if isinstance(error, Invalid) else {"_": [error.message]}
        return _page(errors), error.status
    name = favorite.graduate.name
    if new:
        flash(_("%(name)s has been added to your favorites.", name=name), "success")
    else:
        flash(_("%(name)s is already in your favorites.", name=name), "info")
    return redirect(url_for("favorites.show", cohort=favorite.cohort))


@blueprint.post("/<favorite_id>/remove")
@page_access(EMPLOYER)
def remove(favorite_id: str) -> ResponseReturnValue:
    """Take a graduate out of the favorites."""
    remove_favorite(row_id(favorite_id), actor=current_actor())
    flash(_("The graduate has been removed from your favorites. Invitations already sent stay as they are."), "success")
    return redirect(url_for("favorites.show"))


@blueprint.get("/template")
@page_access(EMPLOYER)
def template() -> Response:
    """下载批量导入模板 (R6.3)."""
    verified_employer(current_actor())
    return template_answer()


@blueprint.post("/import")
@page_access(EMPLOYER)
def bring() -> ResponseReturnValue:
    """导入学生名单: a worker looks for everybody on the sheet (R6.3)."""
    actor, file = current_actor(), request.files.get("file")
    check_import_allowed(actor=actor)
    if file is None or not file.filename:
        return _page({"file": [_("Please choose a file.")]}), 422
    try:
        job = start_import(file.read(), actor=actor)
    except (TooLarge, UnsupportedMedia, Invalid) as error:
        return _page({"file": error.errors["file"] if isinstance(error, Invalid) else [error.message]}), error.status
    return redirect(url_for("jobs.show", job_id=job.id))


def _page(errors: dict[str, list[str]]) -> str:
    actor, cohort = current_actor(), chosen_cohort()
    unit = verified_employer(actor)
    query = favorites_visible_to(actor, cohort)
    name = person_name(request.args.get("name", ""))
    if name:
        query = query.where(Graduate.name.contains(name, autoescape=True))
    page = page_of(query)
    ids = [favorite.graduate_id for favorite in page.rows]
    live = select(OnlineSigning.graduate_id, OnlineSigning.id).where(
        OnlineSigning.employer_id == actor.employer_id,
        OnlineSigning.graduate_id.in_(ids),
        OnlineSigning.stage.in_(LIVE),
    )
    return render_template(
        "portal/employer/favorites.html",
        unit=unit,
        page=page,
        tabs=tabs_for(actor, cohort, "favorites"),
        live={row.graduate_id: row.id for row in session.execute(live)},
        errors=errors,
        sought=request.form if errors else {},
        last_import=background.latest(KIND, actor),
        name=name,
        operable=is_operable(cohort),
        cohort=cohort,
        letter=row_id(request.args["letter"]) if request.args.get("letter") else None,
    )
