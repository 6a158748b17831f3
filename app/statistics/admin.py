"""档案/户口信息登记统计 on the staff's screens: figures, drill-down to school, department and people, downloads (R2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, func, select

from app.access.actors import STAFF, Actor
from app.base.errors import Forbidden, Malformed
from app.base.masks import mask_id_number
from app.base.replicas import shown
from app.codes import queries as codes
from app.fab.menu import Entry
from app.roster.models import Graduate
from app.statistics.counting import IN_REVIEW, PROGRESS, REGISTERED, UNREGISTERED, Figures, people_with
from app.statistics.groups import GROUPINGS, first_grouping, groupings_for, roster_groupings
from app.statistics.guards import VIEW, refuse_reading
from app.statistics.queries import MEASURES, Place, Table, place_visible_to, progress_table
from app.statistics.sheets import people_columns
from app.web.current import current_actor
from app.web.modules import LABELS
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.sheets import Column, Counted, download_sheet, export_answer
from app.web.shell import chosen_cohort

WORDS = {
    REGISTERED: lazy_gettext("Have registered"),
    UNREGISTERED: lazy_gettext("Not registered"),
    IN_REVIEW: lazy_gettext("In review"),
}
MOST_PEOPLE = 50_000


class StatisticsView(BaseView):
    """The figures of one module; a subclass for each, so that menu and module switch know them apart."""

    module = ""
    default_view = "show"
    open_to = STAFF

    @expose("/")
    @page_access(*STAFF)
    def show(self) -> Any:
        """The table: by school for a province, by department for a school, or as asked."""
        actor, place, grouping = self._asked()
        table = progress_table(self.module, chosen_cohort(), grouping, place, actor=actor)
        return self.render_template(
            "statistics/progress.html",
            title=_title(self.module),
            module=self.module,
            cohort=chosen_cohort(),
            place=place,
            grouping=grouping,
            groupings=self._tabs(actor),
            table=table,
            words=WORDS,
            line_url=self._line_url(grouping),
            people_url=self._people_url,
            export_url=url_for(f"{self.endpoint}.export", **_kept(by=grouping)),
            other_ways=download_sheet(url_for(f"{self.endpoint}.export"), masks=False),
            up_url=url_for(f"{self.endpoint}.show") if place.school or place.department else None,
            list_url=url_for(f"{self.module.capitalize()}Admin.list"),
            may_export=_may_export(actor, self.module),
        )

    @expose("/export")
    @page_access(*STAFF)
    def export(self) -> Response:
        """The table as it is shown, as a file."""
        actor, place, grouping = self._asked()
        self._refuse_export(actor)
        table = progress_table(self.module, chosen_cohort(), grouping, place, actor=actor)
        columns, lines = _sheet_columns(table, grouping), [*table.lines, table.total]
        return export_answer(_title(self.module), columns, lines, subject=self._subject, detail={"by": grouping})

    @expose("/people")
    @page_access(*STAFF)
    def people(self) -> Any:
        """The graduates behind one figure."""
        actor, place, grouping = self._asked()
        progress, query = self._people(actor, _narrowed(place, grouping))
        return self.render_template(
            "statistics/people.html",
            title=f"{_title(self.module)} · {WORDS[progress]}",
            cohort=chosen_cohort(),
            page=page_of(query, 50),
            place=place,
            masked=mask_id_number,
            education=lambda graduate: codes.label("education_level", graduate.education),
            export_url=f"{url_for(f'{self.endpoint}.export_people')}?{request.query_string.decode('ascii', 'replace')}",
            other_ways=download_sheet(url_for(f"{self.endpoint}.export_people"), masks=True),
            back_url=url_for(f"{self.endpoint}.show", **_kept(by=grouping)),
            may_export=_may_export(actor, self.module),
        )

    @expose("/people/export")
    @page_access(*STAFF)
    def export_people(self) -> Response:
        """The same graduates as a file."""
        actor, place, grouping = self._asked()
        self._refuse_export(actor)
        progress, query = self._people(actor, _narrowed(place, grouping))
        number = shown.scalar(select(func.count()).select_from(query.limit(MOST_PEOPLE).subquery())) or 0
        rows = Counted(number, shown.scalars(query.limit(MOST_PEOPLE)).unique())
        name = f"{_title(self.module)}-{WORDS[progress]}"
        origin = Column(_("Place of origin"), lambda one: codes.region_label(one.origin_region), 24)
        columns = people_columns(before=[origin])
        return export_answer(name, columns, rows, subject=self._subject, detail={"people": progress})

    @property
    def _subject(self) -> str:
        return f"{VIEW} {self.module}"

    def _asked(self) -> tuple[Actor, Place, str]:
        """Who asks, for which place, grouped how; every address of the view passes here."""
        actor = current_actor()
        refuse_reading(self.module, actor)
        place = place_visible_to(actor, request.args.get("school", ""), request.args.get("department", ""))
        fallback = "department" if place.school else first_grouping(actor)
        grouping = request.args.get("by") or fallback
        if grouping not in roster_groupings():
            raise Malformed(_("The figures can be grouped by: %(names)s.", names=", ".join(roster_groupings())))
        return actor, place, grouping

    def _refuse_export(self, actor: Actor) -> None:
        if not _may_export(actor, self.module):
            raise Forbidden()

    def _people(self, actor: Actor, narrowed: list[ColumnElement[bool]]) -> tuple[str, Select[tuple[Graduate]]]:
        progress = request.args.get("progress", UNREGISTERED)
        if progress not in PROGRESS:
            raise Malformed(_("There is no such figure."))
        return progress, people_with(progress, MEASURES[self.module], chosen_cohort(), actor=actor, narrowed=narrowed)

    def _tabs(self, actor: Actor) -> list[tuple[Any, ...]]:
        return [
            (name, GROUPINGS[name].label, url_for(f"{self.endpoint}.show", **_kept(by=name)), None)
            for name in groupings_for(actor, roster_groupings())
        ]

    def _line_url(self, grouping: str) -> Any:
        """Where the name of a line leads: a school to its departments, a department to its majors, others nowhere."""
        leads = GROUPINGS[grouping].leads

        def address(line: Figures) -> str | None:
            return url_for(f"{self.endpoint}.show", **_kept(**{leads[0]: line.code, "by": leads[1]})) if leads else None

        return address

    def _people_url(self, line: Figures, progress: str, grouping: str) -> str:
        chosen = {} if line.whole else {"without": 1} if line.key is None else {"key": line.code}
        return url_for(f"{self.endpoint}.people", **_kept(by=grouping, progress=progress, **chosen))


class ArchiveStatistics(StatisticsView):
    """档案信息登记统计."""

    module = "archive"
    route_base = "/staff/statistics/archive"
    menu = Entry("archive_statistics", "chart-column", "statistics", lazy_gettext("Archive registration statistics"))


class HukouStatistics(StatisticsView):
    """户口信息登记统计."""

    module = "hukou"
    route_base = "/staff/statistics/hukou"
    menu = Entry("hukou_statistics", "chart-column", "statistics", lazy_gettext("Hukou registration statistics"))


def _title(module: str) -> str:
    return _("Statistics: %(module)s", module=LABELS[module])


def _may_export(actor: Actor, module: str) -> bool:
    return actor.may("can_export", module)


def _kept(**changes: Any) -> dict[str, Any]:
    """The place that the address names, with changes."""
    kept = {name: request.args[name] for name in ("school", "department") if request.args.get(name)}
    return {**kept, **changes}


def _narrowed(place: Place, grouping: str) -> list[ColumnElement[bool]]:
    """The conditions of the address over the roster: the place, and the value of one line."""
    key = request.args.get("key")
    if key is None and "without" not in request.args:
        return place.conditions
    return [*place.conditions, GROUPINGS[grouping].is_value(key)]


def _sheet_columns(table: Table, grouping: str) -> Sequence[Column]:
    opened = [Column(_("Opened"), lambda line: table.opened.get(line.key), 10)] if table.opened else []
    return [
        Column(GROUPINGS[grouping].label, _name_of, 32),
        *opened,
        Column(_("Graduates in all"), lambda line: line.total, 12),
        Column(WORDS[REGISTERED], lambda line: line.registered, 12),
        Column(WORDS[UNREGISTERED], lambda line: line.unregistered, 12),
        Column(WORDS[IN_REVIEW], lambda line: line.in_review, 12),
    ]


def _name_of(line: Figures) -> str:
    return _("Total") if line.whole else line.label or _("Not filled in")
