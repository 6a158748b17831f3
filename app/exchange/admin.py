"""文件报送 on the screens of provinces and operators: files out, answers back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actors import OPERATOR, PROVINCE, Actor, require
from app.base import clock
from app.base.errors import AppError, Conflict, Forbidden, NotFound
from app.exchange import services
from app.exchange.api import file_answer, uploaded_answers
from app.exchange.queries import closed_files_for, open_files_for, places_for, waiting_in
from app.exchange.services import MODULE, READERS, VIEW, answers, files
from app.exchange.sheets import FORMATS
from app.exchange.words import KINDS, next_step, numbers, state_of, turn_of
from app.fab.menu import Entry
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import page_access, refusal_text
from app.workflow import background
from app.workflow.models import Job

_RECENT = timedelta(days=1)


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
        """What waits, and the files; `part` is how far a worker is, asked for again and again."""
        if "part" not in request.args:
            return self._index()
        running = self._running(current_actor())
        if not running:
            return Response(status=200, headers={"HX-Redirect": url_for("ExchangeView.index")})
        return self.render_template("exchange/_running.html", running=running)

    @expose("/", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def write(self) -> Any:
        """Write a file; its download stands in the list."""
        sent = request.form
        try:
            file = files.write_file(
                sent.get("kind", ""), sent.get("format", ""), actor=current_actor(), province=sent.get("province", "")
            )
        except (Forbidden, NotFound):
            raise
        except AppError as refused:
            return self._index(refusal_text(refused)), refused.status
        if isinstance(file, Job):
            flash(
                _("It is much: it is written into %(count)s files, one after the other.", count=file.total), "success"
            )
        else:
            flash(
                _("%(name)s is ready: download it and upload it in the employment system.", name=file.name), "success"
            )
        return redirect(url_for("ExchangeView.index"))

    @expose("/<pk>/file")
    @page_access(OPERATOR, PROVINCE)
    def file(self, pk: Any) -> Any:
        """The bytes to carry there, until they are answered."""
        return file_answer(*files.read_file(row_id(pk), actor=current_actor()))

    @expose("/<pk>/answers", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def answers(self, pk: Any) -> Any:
        """Take the answers of a file."""
        actor = current_actor()
        require(actor, "can_answer", VIEW, module=MODULE)  # who may not is not asked for a file
        try:
            told = answers.take_answers(row_id(pk), uploaded_answers(), actor=actor)
        except (Forbidden, NotFound):
            raise
        except AppError as refused:
            return self._index(refusal_text(refused)), refused.status
        if isinstance(told, Job):
            flash(_("The answers have come. They are many: how far they are read stands below."), "success")
        else:
            flash(_("%(taken)s taken, %(refused)s refused, %(waiting)s without an answer.", **vars(told)), "success")
        return redirect(url_for("ExchangeView.index"))

    @expose("/<pk>/give-up", methods=["POST"])
    @page_access(OPERATOR, PROVINCE)
    def give_up(self, pk: Any) -> Any:
        """Wait no longer for the rest."""
        try:
            answers.give_up_file(row_id(pk), actor=current_actor())
        except Conflict as refused:
            return self._index(refused.message), refused.status
        flash(_("What had no answer goes with the next file."), "success")
        return redirect(url_for("ExchangeView.index"))

    def _running(self, actor: Actor) -> list[tuple[Job, int, int]]:
        """What workers write and read for the reader, and how far they are."""
        last = [job for kind in (services.WRITE, services.READ) if (job := background.latest(kind, actor))]
        return [(job, *background.progress_of(job)) for job in last if job.state in background.OPEN]

    def _refused(self, actor: Actor) -> list[str]:
        """What the reader's last jobs could not do, for a day."""
        last = [job for kind in (services.WRITE, services.READ) if (job := background.latest(kind, actor))]
        recent = [job.outcome for job in last if job.finished_at and clock.now() - job.finished_at < _RECENT]
        return [text for one in recent for text in (*one.get("problems", ()), one.get("message")) if text]

    def _index(self, error: str = "") -> str:
        actor = current_actor()
        if not (actor.may("can_list", VIEW) and actor.reads(MODULE)):
            raise Forbidden()
        return self.render_template(
            "exchange/index.html",
            title=_("Exchange of files"),
            places=[(place, waiting_in(place.id)) for place in places_for(actor)],
            open_files=[(file, turn_of(file), next_step(file)) for file in open_files_for(actor)],
            closed_files=[(file, numbers(file), state_of(file)) for file in closed_files_for(actor)],
            running=self._running(actor),
            kinds=KINDS,
            formats=FORMATS,
            errors=[error] if error else self._refused(actor),
        )
