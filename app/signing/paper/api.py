"""The API of the signings on paper: W2 with its upload links, W3."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _

from app.base.clock import moment
from app.cases.api import CaseApi
from app.fab.api import describe, expose, json_answer
from app.fab.listing import Kinds
from app.fab.search import ContainsUnit, Equal
from app.fab.shapes import MESSAGE, MOMENT, STRING, group
from app.signing.paper.services.upload_links import LinkForm, create_upload_link, revoke_upload_link
from app.web.numbers import row_id

_LINK = group(
    ("sent_to", "expires_at"),
    url={**STRING, "description": "only in the trial, where nothing is really sent"},
    expires_at=MOMENT,
    sent_to={**STRING, "description": "masked"},
)
SEARCH: dict[str, Kinds | None] = {**CaseApi.search, "unit_name": (ContainsUnit, Equal), "unit_uscc": (Equal,)}
del SEARCH["employer_id"]  # the unit is typed, none of the platform


class OfflineSigningApi(CaseApi):
    """W2: an agreement that is made here and signed on paper."""

    workflow = "offline_signing"
    search = SEARCH

    @expose("/<int:pk>/upload_link", methods=["POST"])
    @describe(_LINK, status=201, body=LinkForm, errors=(429,))
    def send_link(self, pk: int) -> Response:
        """Send the unit a link for the stamped copy by SMS or mail; a link that is still open ends."""
        link, url = create_upload_link(row_id(pk), self.body(), actor=self.actor())
        sent = {"expires_at": moment(link.expires_at), "sent_to": link.sent_to}
        return json_answer(201, {**sent, "url": url} if url else sent)

    @expose("/<int:pk>/upload_link", methods=["DELETE"])
    @describe(MESSAGE)
    def revoke_link(self, pk: int) -> Response:
        """End the open link."""
        revoke_upload_link(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The link can no longer be used.")})


class SupplementaryApi(CaseApi):
    """W3: an agreement that was signed on paper before."""

    workflow = "supplementary"
    search = SEARCH
