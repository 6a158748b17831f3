"""操作指南: the guide of the reader's own workplace as a PDF (R1.11)."""

from __future__ import annotations

import io

from flask import Blueprint, Response, send_file
from flask_babel import gettext as _

from app.access.actors import DEPARTMENT, KINDS
from app.base.settings import settings
from app.documents.guides import guide_pdf
from app.web.current import current_actor
from app.web.pages import page_access

blueprint = Blueprint("guides", __name__)


@blueprint.get("/guide.pdf")
@page_access(*KINDS)
def download() -> Response:
    """The guide that fits the reader's kind of account; departments read the school's."""
    kind = current_actor().kind
    name = "school" if kind == DEPARTMENT else kind
    content = guide_pdf(name, settings().var_dir)
    title = _("Operation guide") + f"-{name}.pdf"
    return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=title)
