"""A graduate's data as they stand at one moment, for cases that must not change with the roster."""

from __future__ import annotations

from typing import Any

from app.roster.models import Graduate

# What 获取最新学生信息 may take over at approval, and what only a new case can change (R4.5).
REFRESHABLE = (
    "sex",
    "ethnicity",
    "political_status",
    "department",
    "duration",
    "student_number",
    "graduated_on",
)
FIXED = ("name", "education", "id_number", "school", "major")


def student_facts(graduate: Graduate) -> dict[str, Any]:
    """The codes and texts of a roster row as plain JSON. It holds ID number and mobile: keep it encrypted."""
    return {
        "name": graduate.name,
        "id_number": graduate.id_number,
        "mobile": graduate.mobile,
        "sex": graduate.sex,
        "ethnicity": graduate.ethnicity,
        "political_status": graduate.political_status,
        "department": graduate.department.name,
        "school": graduate.school.name,
        "school_code": graduate.school.code,
        "major": graduate.major,
        "education": graduate.education,
        "duration": graduate.duration,
        "student_number": graduate.student_number,
        "exam_number": graduate.exam_number,
        "graduated_on": graduate.graduated_on.isoformat(),
        "training_mode": graduate.training_mode,
        "address": graduate.address,
    }


def facts_of(case: Any) -> dict[str, Any]:
    """The student's data as the case keeps them from its submission; before that, as the roster has them now (R4.6)."""
    return {**student_facts(case.graduate), **(case.student or {})}
