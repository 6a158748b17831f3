"""协议文本: the province's own text of the agreement, version by version."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, request, send_file, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import PROVINCE, Actor
from app.base import clock
from app.base.errors import AppError, Conflict, Forbidden, Invalid
from app.documents.models import AgreementText
from app.documents.texts.queries import texts_in_force
from app.documents.texts.words import LONGEST, NEWEST, platform_text
from app.documents.words import FILES, SAMPLE
from app.fab.menu import Entry
from app.schools import queries as places
from app.schools.admin.words import AGREEMENT_TYPES
from app.schools.models import THREE_PARTY
from app.schools.texts import queries, records, services
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access

_WORDS = {
    "can_create": _("Begun"),
    "can_edit": _("Changed"),
    "can_sign_off": _("Signed off"),
    "can_delete": _("Discarded"),
}


def _page(pk: Any) -> str:
    return url_for("AgreementTextsView.show", pk=pk)


class AgreementTextsView(BaseView):
    """Versions of the text; each is written, looked at on paper, signed off by a second person, and holds from its day."""

    route_base = "/staff/agreement-texts"
    default_view = "overview"
    open_to = (PROVINCE,)
    module = "employment"
    menu = Entry(queries.VIEW, "file-text", "", _("Text of the agreement"))

    @expose("/")
    @page_access(PROVINCE)
    def overview(self) -> Any:
        """All versions, and which one holds now."""
        actor = _reader("can_list")
        province = places.province_visible_to(actor)
        return self.render_template(
            "texts/texts.html",
            texts=queries.texts_visible_to(actor),
            in_force=texts_in_force((province.id,)).get(province.id),
            platform=NEWEST,
            kind=AGREEMENT_TYPES.get(province.agreement_type or ""),
            may_begin=_may("can_create", actor) and province.agreement_type is not None,
            today=clock.today(),
        )

    @expose("/new", methods=["GET", "POST"])
    @page_access(PROVINCE)
    def new(self) -> Any:
        """Begin a version with the text that holds now."""
        actor = _reader("can_create")
        if request.method == "POST":
            return self._written(None, actor)
        province = places.province_visible_to(actor)
        held = texts_in_force((province.id,)).get(province.id)
        text = held.text if held else platform_text(_kind(province), NEWEST)
        tomorrow = (clock.today() + timedelta(days=1)).isoformat()
        return self._form(None, {"text": text, "valid_from": tomorrow}, {}, _kind(province))

    @expose("/<pk>", methods=["GET", "POST"])
    @page_access(PROVINCE)
    def show(self, pk: Any) -> Any:
        """A version: its form while it is written, what it changes, who did what."""
        actor = _reader("can_show")
        text = queries.text_visible_to(actor, row_id(pk))
        if request.method == "POST":
            return self._written(text, actor)
        return self._form(text, {"text": text.text, "valid_from": text.valid_from.isoformat()}, {}, text.agreement_type)

    @expose("/<pk>/sample.pdf")
    @page_access(PROVINCE)
    def sample(self, pk: Any) -> Response:
        """The version on paper, with invented people; ?way=stamped as it is printed to be stamped."""
        text = queries.text_visible_to(_reader("can_show"), row_id(pk))
        way: Any = "stamped" if request.args.get("way") == "stamped" else "online"
        content = records.sample_pdf(text.text, text.version, text.agreement_type, way)
        name = f"{FILES['agreement']} {text.version} {SAMPLE['mark']}.pdf"
        return send_file(io.BytesIO(content), mimetype="application/pdf", download_name=name)

    @expose("/<pk>/sign-off", methods=["POST"])
    @page_access(PROVINCE)
    @flash_refusals(_page)
    def sign_off(self, pk: Any) -> Any:
        """The second person's word."""
        text = services.sign_off(row_id(pk), actor=current_actor())
        flash(gettext("Signed off. Agreements are begun with it from its first day on."), "success")
        return redirect(_page(text.id))

    @expose("/<pk>/discard", methods=["POST"])
    @page_access(PROVINCE)
    @flash_refusals(_page)
    def discard(self, pk: Any) -> Any:
        """Forget a version that holds nothing yet."""
        services.discard_text(row_id(pk), actor=current_actor())
        flash(gettext("The version is discarded."), "success")
        return redirect(url_for("AgreementTextsView.overview"))

    def _written(self, text: AgreementText | None, actor: Actor) -> Any:
        sent = {name: request.form.get(name, "") for name in ("text", "valid_from")}
        try:
            kept = services.change_text(text.id, sent, actor=actor) if text else services.begin_text(sent, actor=actor)
        except (Invalid, Conflict) as error:
            kind = text.agreement_type if text else _kind(places.province_visible_to(actor))
            return self._form(text, sent, _told(error), kind), error.status
        flash(gettext("Kept. It holds nothing until a second person signs it off."), "success")
        return redirect(_page(kept.id))

    def _form(self, text: AgreementText | None, sent: Any, errors: Any, kind: str) -> str:
        actor = current_actor()
        open_ = text is None or text.signed_off_at is None
        return self.render_template(
            "texts/text.html",
            row=text,
            sent=sent,
            errors=errors,
            most=LONGEST,
            platform=NEWEST,
            places=records.places(kind),
            differs=queries.differences(platform_text(kind, NEWEST), text.text if text else sent["text"]),
            changes=[(_WORDS.get(line.action, line.action), line) for line in queries.changes_of(text)] if text else [],
            may_write=open_ and _may("can_edit" if text else "can_create", actor),
            may_sign_off=text is not None
            and open_
            and _may("can_sign_off", actor)
            and actor.user_id not in text.author_ids,
            may_discard=text is not None and open_ and _may("can_delete", actor),
            today=clock.today().isoformat(),
        )


def _reader(permission: str) -> Actor:
    actor = current_actor()
    if not actor.may(permission, queries.VIEW) or not actor.reads("employment"):
        raise Forbidden()
    return actor


def _may(permission: str, actor: Actor) -> bool:
    return actor.may(permission, queries.VIEW) and actor.writes("employment")


def _kind(province: Any) -> str:
    return province.agreement_type or THREE_PARTY


def _told(error: AppError) -> dict[str, Any]:
    return error.errors if isinstance(error, Invalid) else {"text": [error.message]}
