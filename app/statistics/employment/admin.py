"""就业统计 on the staff's screens: figures with their definitions, records, day by day, the people behind each number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Response, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app.access import looks
from app.access.actors import STAFF, Actor
from app.base import clock
from app.base.database import session
from app.base.masks import mask_id_number
from app.base.replicas import shown
from app.codes import queries as codes
from app.fab.menu import Entry
from app.roster.models import Graduate
from app.schools.models import Department, Province, School
from app.statistics.employment import sheets
from app.statistics.employment.forms import asked_figure, asked_formula, asked_of
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.hints import hints
from app.statistics.employment.queries.people import people_behind
from app.statistics.employment.queries.snapshots import changes_since, digest_of, snapshot_for, snapshots_visible_to
from app.statistics.employment.queries.table import Line, Table, employment_table
from app.statistics.employment.queries.tiles import tiles_of
from app.statistics.employment.queries.trend import trend
from app.statistics.employment.services import may_export, refuse_export, take_snapshot
from app.statistics.employment.words import COUNTS, FORMULAS, SIGNING, Metric, metrics, name_of, parts_of, rate
from app.statistics.groups import GROUPINGS, groupings_for
from app.statistics.guards import VIEW, refuse_reading
from app.statistics.plan.sheets import plan_answer
from app.web.current import current_actor
from app.web.modules import LABELS
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import chosen_cohort

MODULE = "employment"
_PEOPLE = 50
_CHARTED = 40  # lines that a chart holds; the table beside it has them all
_FORMULA_WORDS = {"2024": lazy_gettext("Formula of 2024"), "2021": lazy_gettext("Formula of 2021")}
_KEPT = ("school", "department", "by", "then", "formula", "include")


@dataclass(frozen=True)
class Reading:
    """What one address asks, and the words and numbers that its page shows."""

    actor: Actor
    asked: Asked
    formula: str

    @cached_property
    def table(self) -> Table:
        """The figures."""
        return employment_table(self.asked, actor=self.actor)

    @cached_property
    def head(self) -> Metric:
        """The rate that stands for the whole."""
        return metrics()[FORMULAS[self.formula]]

    @cached_property
    def parts(self) -> list[Metric]:
        """What the whole is the sum of."""
        known = metrics()
        return [known[code] for code in parts_of(self.formula, known) if code != self.head.code]

    @cached_property
    def others(self) -> list[Metric]:
        """Rates that belong to no formula."""
        return [one for code, one in metrics().items() if code.startswith("M_") and one.is_counted]

    def share(self, line: Line, metric: Metric) -> str | None:
        """A rate of a line in percent."""
        return rate(metric.of(line.codes), line.base)

    def address_of(self, line: Line) -> dict[str, Any]:
        """The parameters that name a line."""
        if line.whole:
            return {}
        named = list(zip(self.asked.by, line.key, line.groups, strict=True))
        without = ",".join(name for name, key, _group in named if key is None)
        keys = [code for _name, key, (code, _label) in named if key is not None]
        return {"by": ",".join(self.asked.by), "then": None, "key": keys, "without": without}

    @property
    def chart(self) -> dict[str, Any]:
        """The parts of the rate for each line, one bar a line."""
        lines = self.table.lines[:_CHARTED]
        names = [line.label or _("Not filled in") for line in lines]
        series = [
            {"name": part.label, "values": [float(self.share(line, part) or 0) for line in lines]}
            for part in self.parts
        ]
        return {"kind": "bars", "names": names, "series": series}


class EmploymentStatistics(BaseView):
    """就业统计."""

    module = MODULE
    default_view = "show"
    open_to = STAFF
    route_base = "/staff/statistics/employment"
    menu = Entry("employment_statistics", "chart-column", "statistics", lazy_gettext("Employment statistics"))

    @expose("/")
    @page_access(*STAFF)
    def show(self) -> Any:
        """Graduates and rates by group."""
        reading = self._read()
        return self._page("figures", reading, tiles=tiles_of(reading.table.lines, reading.asked.by))

    @expose("/records")
    @page_access(*STAFF)
    def records(self) -> Any:
        """Signings by their latest state, by group."""
        return self._page("records", self._read(), columns=SIGNING)

    @expose("/days")
    @page_access(*STAFF)
    def days(self) -> Any:
        """Day by day, last cohort's same day beside it."""
        reading = self._read()
        days = trend(reading.asked, reading.head, actor=reading.actor)
        chart = {
            "kind": "days",
            "names": [one.day.isoformat() for one in days],
            "series": [
                {"name": _("Cohort %(year)s", year=reading.asked.cohort), "values": [_number(one) for one in days]},
                {
                    "name": _("Cohort %(year)s", year=reading.asked.cohort - 1),
                    "values": [_number(one.last) if one.last else None for one in days],
                },
            ],
        }
        return self._page("days", reading, days=days[::-1], drawn=chart)

    @expose("/hints")
    @page_access(*STAFF)
    def hints(self) -> Any:
        """What may be asked back about."""
        reading = self._read()
        days = trend(reading.asked, reading.head, actor=reading.actor)
        lines = [reading.table.total, *reading.table.lines]
        return self._page("hints", reading, found=hints(lines, reading.asked, days, actor=reading.actor))

    @expose("/people")
    @page_access(*STAFF)
    def people(self) -> Any:
        """The graduates behind one figure, as many as it says."""
        reading, figure = self._read(), asked_figure(request.args)
        query = people_behind(figure, reading.asked, actor=reading.actor)
        looks.note_list(looks.READ_LIST, Graduate)
        return self.render_template(
            "statistics/employment/people.html",
            title=name_of(figure),
            reading=reading,
            page=page_of(query, _PEOPLE, whole=True),
            masked=mask_id_number,
            label=codes.label,
            export_url=self._url("export_people", figure=figure, **_line_of(request.args)),
            back_url=self._url("show"),
            may_export=may_export(reading.actor),
        )

    @expose("/export")
    @page_access(*STAFF)
    def export(self) -> Response:
        """The figures as a sheet whose totals and rates are formulas."""
        reading = self._exported()
        return sheets.figures_answer(
            _title(), reading.table, reading.asked.groupings, reading.parts, reading.head, subject=_subject()
        )

    @expose("/people/export")
    @page_access(*STAFF)
    def export_people(self) -> Response:
        """The graduates behind one figure as a file."""
        reading, figure = self._exported(), asked_figure(request.args)
        rows = shown.execute(people_behind(figure, reading.asked, actor=reading.actor).limit(sheets.MOST_PEOPLE))
        return sheets.people_answer(f"{_title()}-{name_of(figure)}", rows, figure, subject=_subject())

    @expose("/snapshots")
    @page_access(*STAFF)
    def snapshots(self) -> Any:
        """The figures of other days."""
        reading = self._read()
        return self._page("snapshots", reading, page=page_of(snapshots_visible_to(reading.actor, reading.asked.cohort)))

    @expose("/snapshots/take", methods=["POST"])
    @page_access(*STAFF)
    def take(self) -> Any:
        """Keep the figures of now."""
        reading = self._read()
        args, place = asked_again(reading.asked, reading.actor), place_of(reading.asked, reading.actor)
        row = take_snapshot(reading.asked, reading.formula, place, args, actor=reading.actor)
        return redirect(self._url("snapshot", pk=row.id))

    @expose("/snapshots/<pk>")
    @page_access(*STAFF)
    def snapshot(self, pk: str) -> Any:
        """One of them beside today's."""
        reading = self._read()
        row = snapshot_for(row_id(pk), actor=reading.actor)
        asked = asked_of(MultiDict(row.content["args"]), row.cohort, actor=reading.actor)
        head = metrics()[FORMULAS[row.formula]]
        return self.render_template(
            "statistics/employment/snapshot.html",
            title=_("Snapshot"),
            row=row,
            genuine=digest_of(row.content) == row.digest,
            changes=list(changes_since(row, asked, actor=reading.actor)),
            counts=COUNTS,
            head=head,
            share=lambda line: f"{rate(head.of(line.codes), line.base) or '–'}%" if line else "–",
            back_url=self._url("snapshots"),
        )

    @expose("/report")
    @page_access(*STAFF)
    def report(self) -> Response:
        """The figures as a dated paper."""
        reading = self._exported()
        place = place_of(reading.asked, reading.actor)
        return sheets.report_answer(reading, place, subject=_subject())

    @expose("/plan")
    @page_access(*STAFF)
    def plan(self) -> Response:
        """就业方案 of the cohort."""
        reading = self._read()
        return plan_answer(reading.asked.cohort, request.args.get("format", ""), actor=reading.actor)

    def _page(self, section: str, reading: Reading, **more: Any) -> Any:
        return self.render_template(
            f"statistics/employment/{section}.html",
            title=_title(),
            section=section,
            reading=reading,
            counts=COUNTS,
            url=self._url,
            people=lambda line, figure: self._url("people", figure=figure, **reading.address_of(line)),
            line_url=self._line_url(reading.asked),
            sections=self._sections(),
            groupings=self._tabs(section, reading),
            crossings=[(name, GROUPINGS[name].label) for name in GROUPINGS if name != reading.asked.by[0]],
            modules=LABELS,
            now=clock.now(),
            formulas=self._formulas(section),
            may_export=may_export(reading.actor),
            **more,
        )

    def _read(self) -> Reading:
        """Who asks what; every address of the view passes here."""
        actor = current_actor()
        refuse_reading(MODULE, actor)
        asked = asked_of(request.args, chosen_cohort(), actor=actor)
        return Reading(actor, asked, asked_formula(request.args, asked.cohort))

    def _exported(self) -> Reading:
        reading = self._read()
        refuse_export(reading.actor)
        return reading

    def _url(self, method: str, **changes: Any) -> str:
        kept = {name: request.args[name] for name in _KEPT if request.args.get(name)}
        wanted = {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}
        return url_for(f"{self.endpoint}.{method}", **wanted)

    def _line_url(self, asked: Asked) -> Callable[[Line], str | None]:
        """Where the name of a line leads: a school to its departments, a department to its majors, others nowhere."""
        leads = asked.groupings[0].leads if len(asked.by) == 1 else None

        def address(line: Line) -> str | None:
            return self._url("show", **{leads[0]: line.code, "by": leads[1], "then": None}) if leads else None

        return address

    def _formulas(self, section: str) -> list[tuple[Any, ...]]:
        view = _view_of(section)
        return [(one, _FORMULA_WORDS[one], self._url(view, formula=one), None) for one in FORMULAS]

    def _sections(self) -> list[tuple[Any, ...]]:
        return [
            ("figures", _("Rates"), self._url("show"), None),
            ("records", _("Signings by state"), self._url("records"), None),
            ("days", _("Day by day"), self._url("days"), None),
            ("hints", _("Hints"), self._url("hints"), None),
            ("snapshots", _("Snapshots"), self._url("snapshots"), None),
        ]

    def _tabs(self, section: str, reading: Reading) -> list[tuple[Any, ...]]:
        view = _view_of(section)
        names = groupings_for(reading.actor, GROUPINGS)
        return [(name, GROUPINGS[name].label, self._url(view, by=name, then=None), None) for name in names]


def place_of(asked: Asked, actor: Actor) -> str:
    """Whose figures they are, by name."""
    found: Any = asked.place.department or asked.place.school
    for model, key in ((Department, actor.department_id), (School, actor.school_id), (Province, actor.province_id)):
        if found is None and key is not None:
            found = session.get(model, key)
    return str(found) if found is not None else _("The whole country")


def asked_again(asked: Asked, actor: Actor) -> dict[str, str]:
    """The parameters by which whoever sees more asks for the same figures."""
    school = asked.place.school or (session.get(School, actor.school_id) if actor.school_id else None)
    department = asked.place.department.id if asked.place.department else actor.department_id
    told = {"by": ",".join(asked.by), "include": "completion" if asked.completion else ""}
    return {**told, "school": school.code if school else "", "department": str(department or "")}


def _view_of(section: str) -> str:
    return {"figures": "show"}.get(section, section)


def _title() -> str:
    return _("Employment statistics")


def _subject() -> str:
    return f"{VIEW} {MODULE}"


def _number(one: Any) -> float | None:
    return float(one.rate) if one.rate is not None else None


def _line_of(args: MultiDict[str, str]) -> dict[str, Any]:
    return {"key": args.getlist("key"), "without": args.get("without")}
