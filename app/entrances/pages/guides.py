"""操作指南: the guide of the reader's own workplace as a PDF (R1.11)."""

from __future__ import annotations

import io

from flask import Blueprint, Response, send_file
from flask_babel import gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, KINDS, SCHOOL
from app.base.cohorts import current_cohort
from app.base.database import session
from app.base.settings import settings
from app.documents.guides import facts_of, guide_pdf
from app.roster.models import Graduate
from app.schools.models import School
from app.schools.queries import contact_for
from app.web.current import current_actor
from app.web.pages import page_access
from config import VERSION

blueprint = Blueprint("guides", __name__)


@blueprint.get("/guide.pdf")
@page_access(*KINDS)
def download() -> Response:
    """The guide that fits the reader's kind of account; departments read the school's."""
    kind = current_actor().kind
    name = "school" if kind == DEPARTMENT else kind
    content = guide_pdf(name, settings().var_dir, _facts())
    title = _("Operation guide") + f"-{name}.pdf"
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=title)


def _facts() -> list[str]:
    """Version, service line, and for graduates and departments who answers at their school."""
    actor, phone = current_actor(), settings().service_phone
    person = session.get(Graduate, actor.graduate_id) if actor.kind == GRADUATE else None
    of = person or actor
    if of.school_id is None or actor.kind == SCHOOL:
        return facts_of(VERSION, phone)
    cohort = person.cohort if person is not None else current_cohort()
    contact, school = contact_for(of.school_id, cohort, of.level or ""), session.get(School, of.school_id)
    if contact is None or school is None:
        return facts_of(VERSION, phone)
    return facts_of(VERSION, phone, school.name, (contact.name, contact.phone))
