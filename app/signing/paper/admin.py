"""在线签约管理 tab 学生发起, and 补登管理, for staff: lists and review pages (R8.3, R8.5, R8.6, R8.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.cases import asks
from app.cases.admin.review import ReviewView
from app.cases.admin.review_facts import contact_rows, earlier_lines
from app.cases.admin.tabs import TabbedView
from app.codes import queries as codes
from app.fab.menu import Entry
from app.fab.search import Contains, ContainsUnit, Equal
from app.signing.paper.attachments import STAMPED
from app.signing.paper.forms import EditCategoryForm
from app.signing.paper.models import PaperMixin
from app.signing.paper.pages import application
from app.web.sheets import Column
from app.workflow.stages import Stage

_OTHERS = ("archive", "hukou")


class PaperAdmin(ReviewView):
    """What both lists of signings on paper share; not registered itself."""

    review_template = "signing/paper_review.html"
    facts_template = "signing/_paper_review.html"
    search_kinds = {**ReviewView.search_kinds, "unit_name": (ContainsUnit, Contains), "unit_uscc": (Equal,)}
    label_columns = {
        "state_word": _("Signing state"),
        "state": _("Signing state"),
        "initiator": _("Initiator"),
        "unit_name": _("Signing unit"),
        "unit_uscc": _("Credit code"),
        "signed_on": _("Signed on"),
    }
    computed = {
        "initiator": lambda case: gettext("Student"),
        "signed_on": lambda case: case.data.get("signed_on"),
    }

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On narrow desks the tabs tell who started it, and the unit goes before number and last change."""
        return {**super().row_extras(rows), "wide_columns": ["initiator", "number", "updated_at"]}

    def columns(self) -> Sequence[Column]:
        """The download has the unit as it was typed and what may be changed after the approval."""
        return [
            *super().columns(),
            Column(_("Nature of the unit"), lambda case: _word("employer_nature", case, "employer", "nature"), 20),
            Column(_("Industry"), lambda case: _word("employer_industry", case, "employer", "industry"), 24),
            Column(_("Job category"), lambda case: _word("job_category", case, "position", "category"), 20),
            Column(_("Position"), lambda case: (case.data.get("position") or {}).get("title"), 20),
            Column(_("Signed on"), lambda case: case.data.get("signed_on"), 14),
        ]

    def uscc_of(self, case: Any) -> str | None:
        """The code that the graduate typed."""
        return str(case.unit_uscc) if case.unit_uscc else None

    def review_context(self, case: Any, actor: Actor) -> Mapping[str, Any]:
        """The application, the school's contact, and what was voided or terminated before."""
        return {
            "application": application,
            "contact": contact_rows(case),
            "earlier": earlier_lines(case, actor),
            "second_round": case.workflow_name == "offline_signing"
            and case.number is not None
            and case.stage == Stage.REVIEW,
        }

    def opinion_fields(self, case: Any) -> Sequence[tuple[str, Any]]:
        """The fields of the form; once the agreement is printed, only its copy can be better."""
        labels = application.labels()
        if case.workflow_name == "offline_signing" and case.number is not None:
            return [(STAMPED, gettext("Agreement with the unit's stamp"))]
        unused = [part for part in _OTHERS if not (case.data.get(part) or {}).get("accept")]
        shown = [path for path in labels if path.partition(".")[0] not in unused]
        only_there = () if case.workflow_name == "supplementary" else ("signed_on", "paper_agreement")
        return [(path, labels[path]) for path in shown if path not in only_there]

    def dialog_words(self, case: Any, event: str) -> Mapping[str, Any]:
        """What a rejection, a change and a void mean for signings on paper."""
        name, unit = case.graduate.name, case.employer.name if case.employer else ""
        if event == "reject":
            what = gettext(
                "This record of %(name)s with %(unit)s becomes void. %(name)s is told of the reason.",
                name=name,
                unit=unit,
            )
            return {"what": [what], "cannot": gettext("This cannot be taken back: the graduate has to start afresh.")}
        if event == "edit_category":
            what = gettext(
                "The graduate is told, and the employment management system gets the new values. "
                "The agreement stays as it was signed."
            )
            return {"what": [what], "verb": gettext("Save the changes"), "fields": self._present(case)}
        what = gettext(
            "The agreement between %(name)s and %(unit)s loses its force. The graduate is told, the unit too where it "
            "can be reached.",
            name=name,
            unit=unit,
        )
        return {
            "what": [what],
            "cannot": gettext("A voided agreement cannot be revived."),
            "typed": _last_figures(case),
        }

    def _present(self, case: PaperMixin) -> Sequence[asks.Ask]:
        """The fields of the change, filled with the present values."""
        data = case.data
        now = {
            "category": data["position"]["category"],
            "nature": data["employer"].get("nature") or "",
            "industry": data["employer"].get("industry") or "",
        }
        return asks.fields_of(EditCategoryForm, now)


class OfflineSigningAdmin(PaperAdmin, TabbedView):
    """在线签约管理, started by students: both rounds of the review."""

    workflow = "offline_signing"
    route_base = "/staff/online-signings/by-students"
    list_title = _("Online signing management")
    menu_name = "online_signing"
    tab_label = _("Started by students")
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "initiator", "department", "level_word", "major", "id_number"),
        *("number", "unit_name"),
    )
    search_columns: Sequence[str] = (
        *("state", "cohort", "level", "graduate_name", "id_number", "number", "unit_name", "unit_uscc"),
    )
    order_columns: Sequence[str] = ("number", "updated_at")


class SupplementaryAdmin(PaperAdmin):
    """补登管理."""

    workflow = "supplementary"
    route_base = "/staff/supplementaries"
    menu = Entry("supplementary", "file-plus", "students")
    list_title = _("Supplementary registration management")
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "department", "level_word", "major", "id_number", "unit_name", "signed_on"),
        "updated_at",
    )
    search_columns: Sequence[str] = ("state", "cohort", "level", "graduate_name", "id_number", "unit_name", "unit_uscc")
    order_columns: Sequence[str] = ("updated_at",)


def _word(table: str, case: PaperMixin, part: str, name: str) -> str:
    return codes.label(table, (case.data.get(part) or {}).get(name))


def _last_figures(case: PaperMixin) -> str:
    """What has to be typed: the end of the number, or where there is none the end of the record's."""
    return (case.number or f"{case.id:04d}")[-4:]
