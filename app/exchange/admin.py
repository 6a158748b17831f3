"""文件报送 on the screens of provinces and operators: files out, answers back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actors import OPERATOR, PROVINCE, require
from app.base.errors import AppError, Forbidden, NotFound
from app.exchange import services
from app.exchange.api import file_answer, uploaded_answers
from app.exchange.queries import counts, files_for, places_for
from app.exchange.services import MODULE, READERS, VIEW
from app.exchange.sheets import FORMATS
from app.exchange.words import KINDS, numbers, state_of
from app.fab.menu import Entry
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import page_access, refusal_text


def _in_menu() -> bool:
    """The entry is shown where files are exchanged."""
    actor = actor_or_none()
    return actor is not None and actor.may("can_list", VIEW) and actor.reads(MODULE) and bool(places_for(actor))


class ExchangeView(BaseView):
    """What waits, a file of it, and the way back for its answers."""

    route_base = "/staff/exchange"
    menu = Entry(VIEW, "download", "operations", _l("Exchange of files"), _in_menu)
    class_permission_name = VIEW
    permission_label = _l("Exchange of files")
    permission_labels = {"can_write": _l("write files"), "can_answer": _l("take answers")}
    default_view = "index"
    open_to = READERS

    @expose("/")
    @page_access(OPERATOR, PROVINCE)
    def index(self) -> Any:
        """What waits, and the last files."""
        return self._index()

    @expose("/", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def write(self) -> Any:
        """Write a file; its download stands in the list."""
        sent = request.form
        try:
            file = services.write_file(
                sent.get("kind", ""), sent.get("format", ""), actor=current_actor(), province=sent.get("province", "")
            )
        except (Forbidden, NotFound):
            raise
        except AppError as refused:
            return self._index(refusal_text(refused)), refused.status
        flash(_("%(name)s is ready below.", name=file.name), "success")
        return redirect(url_for("ExchangeView.index"))

    @expose("/<pk>/file")
    @page_access(OPERATOR, PROVINCE)
    def file(self, pk: Any) -> Any:
        """The bytes to carry there, until they are answered."""
        return file_answer(*services.read_file(row_id(pk), actor=current_actor()))

    @expose("/<pk>/answers", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def answers(self, pk: Any) -> Any:
        """Take the answers of a file."""
        actor = current_actor()
        require(actor, "can_answer", VIEW, module=MODULE)  # who may not is not asked for a file
        try:
            told = services.take_answers(row_id(pk), uploaded_answers(), actor=actor)
        except (Forbidden, NotFound):
            raise
        except AppError as refused:
            return self._index(refusal_text(refused)), refused.status
        text = _(
            "%(taken)s taken, %(refused)s refused, %(waiting)s without an answer.",
            taken=told.taken,
            refused=told.refused,
            waiting=told.waiting,
        )
        flash(text, "success")
        return redirect(url_for("ExchangeView.index"))

    @expose("/<pk>/give-up", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def give_up(self, pk: Any) -> Any:
        """Wait no longer for the rest."""
        services.give_up_file(row_id(pk), actor=current_actor())
        flash(_("What had no answer goes with the next file."), "success")
        return redirect(url_for("ExchangeView.index"))

    def _index(self, error: str = "") -> str:
        actor = current_actor()
        if not (actor.may("can_list", VIEW) and actor.reads(MODULE)):
            raise Forbidden()
        return self.render_template(
            "exchange/index.html",
            title=_("Exchange of files"),
            places=[(place, counts(place.code)) for place in places_for(actor)],
            files=[(file, numbers(file), state_of(file)) for file in files_for(actor)],
            kinds=KINDS,
            formats=FORMATS,
            error=error,
        )
