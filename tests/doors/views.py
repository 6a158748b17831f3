"""Views that exist for the tests of the base classes only."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect
from flask_appbuilder.actions import action

from app.access.actors import STAFF
from app.cases.admin.lists import WorkflowModelView
from app.fab.datamodel import ScopedInterface
from app.fab.search import SealedEqual
from app.fab.views import ScopedModelView
from app.roster.models import Graduate


class PlainGraduateView(ScopedModelView):
    """Graduates with an action that only notes what it was given."""

    datamodel = ScopedInterface(Graduate)
    route_base = "/staff/test_graduates"
    open_to = STAFF
    module = "employment"
    search_columns = ["name", "cohort", "created_at", "id_number"]
    search_kinds = {"id_number": (SealedEqual,)}
    list_columns = ["name", "school", "department", "cohort"]
    touched: list[Any] = []

    @action("touch", "Touch")
    def touch(self, rows: Any) -> Any:
        """Note the rows."""
        self.touched.append(rows)
        return redirect("/staff/test_graduates/list/")


class PlainSigningView(WorkflowModelView):
    """Online signings as the base class shows them."""

    workflow = "online_signing"
    route_base = "/staff/test_signings"


def add_views(app: Flask) -> None:
    """Register them."""
    builder = app.appbuilder  # type: ignore[attr-defined]
    builder.add_view(PlainGraduateView, "Test graduates", category="Test")
    builder.add_view(PlainSigningView, "Test signings", category="Test")
