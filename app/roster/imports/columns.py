"""The columns of the roster's sheet in their order, and how cells that are no text are taken."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from flask_babel import lazy_gettext as _

# Heading -> field of StudentForm; the headings and their order are fixed by the interface.
FIELD_OF: Final = {
    "考生号": "exam_number",
    "学号": "student_number",
    "姓名": "name",
    "性别": "sex",
    "身份证号": "id_number",
    "民族": "ethnicity",
    "政治面貌": "political_status",
    "院校代码": "school",
    "院系": "department",
    "专业": "major",
    "学历": "education",
    "学制": "duration",
    "培养方式": "training_mode",
    "届别": "cohort",
    "毕业时间": "graduated_on",
    "生源地代码": "origin_region",
    "困难生类别": "hardship",
    "师范生类别": "normal_student",
    "手机号": "mobile",
    "电子邮箱": "email",
    "家庭住址": "address",
}
HEADINGS: Final = tuple(FIELD_OF)
FIELDS: Final = tuple(FIELD_OF.values())
HEADING_OF: Final = {field: heading for heading, field in FIELD_OF.items()}
SHEET_NAME: Final = "学生名单"

# Field -> the code table its column takes.
TABLES: Final = {
    "sex": "sex",
    "ethnicity": "ethnicity",
    "political_status": "political_status",
    "education": "education_level",
    "training_mode": "training_mode",
    "hardship": "hardship_category",
    "normal_student": "normal_student",
}
OPTIONAL: Final = ("hardship", "normal_student", "mobile", "email", "address")
# A number in these cells is as good as the text: nothing can have been lost. Elsewhere Excel may have cut digits.
_NUMBERS_ARE_FINE: Final = frozenset((*TABLES, "school", "duration", "cohort", "origin_region", "mobile"))


class WrongCell(Exception):
    """A cell whose kind of content cannot be taken; `text` says why and what to do."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.text = text


def text_of(field: str, cell: Any) -> str:
    """The cell as text; raises WrongCell. Numbers that may have lost digits are refused, never repaired."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        raise WrongCell(_("This cell holds TRUE or FALSE. Please write a text."))
    if isinstance(cell, int | float):
        return _of_number(field, float(cell))
    if field == "graduated_on":
        return _of_day(cell)
    raise WrongCell(_("This cell holds a date or time. Please format it as text and write it again."))


def _of_number(field: str, number: float) -> str:
    if field not in _NUMBERS_ARE_FINE or not number.is_integer() or abs(number) >= 1e15:
        raise WrongCell(
            _(
                "This cell holds a number, which may have lost digits. "
                "Please format the column as text and write it again from the papers."
            )
        )
    return str(int(number))


def _of_day(cell: Any) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    raise WrongCell(_("Please give a date such as 2027-01-31."))
