"""The lists of signings and of graduates, as somebody would write them who knows Django well."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from tests.benchmarks.peer import PAGE, scopes
from tests.benchmarks.peer.models import Graduate, OnlineSigning


class Scoped(admin.ModelAdmin):  # type: ignore[type-arg]
    list_per_page = PAGE

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(**scopes[request.user.username])

    def has_add_permission(self, request: Any) -> bool:
        return False


@admin.register(OnlineSigning)
class Signings(Scoped):
    list_display = (
        *("graduate_name", "state", "department_name", "level", "major", "id_type"),
        *("number", "unit_name"),
    )
    list_select_related = ("graduate", "department", "employer")
    list_filter = ("state", "cohort")
    search_fields = ("graduate__name",)
    ordering = ("-id",)
    raw_id_fields = ("graduate", "department", "employer", "school")

    def graduate_name(self, case: Any) -> str:
        return str(case.graduate.name)

    def department_name(self, case: Any) -> str:
        return str(case.department.name)

    def major(self, case: Any) -> str:
        return str(case.graduate.major)

    def id_type(self, case: Any) -> str:
        return str(case.graduate.id_type)

    def unit_name(self, case: Any) -> str:
        return str(case.employer.name)


@admin.register(Graduate)
class Graduates(Scoped):
    list_display = (
        *("name", "exam_number", "department_name", "level", "major", "education", "training_mode"),
        *("cohort", "confirmed_at"),
    )
    list_select_related = ("department",)
    list_filter = ("level", "training_mode", "cohort")
    search_fields = ("name",)
    ordering = ("-id",)
    raw_id_fields = ("department", "school")

    def department_name(self, graduate: Any) -> str:
        return str(graduate.department.name)
