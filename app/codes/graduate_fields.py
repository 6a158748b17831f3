"""The fields of a graduate, each declared once; a new one is an entry here and a migration that adds its column.

Sheet, template, comparison, form, API, pages, exports, messages to the employment system, what cases keep, agreement,
the employment system's stand-in and the generated country follow. Only words are imported: the stand-in, which loads
no other part of the platform, reads the same list.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values.days import month_of, years_of_study
from app.base.values.id_documents import kind_named
from app.codes.fields import (
    AGREEMENT,
    CASE,
    DETAIL,
    EXPORT,
    GRADUATE,
    LIST,
    NOBODY,
    OWN,
    PERSON,
    REVIEW,
    STUDIES,
    Ems,
    Field,
    Kind,
    Place,
    Shape,
    Sheet,
)

_SHOWN = LIST | DETAIL | OWN | EXPORT
_PAPER = CASE | AGREEMENT

# In the order in which people read them.
FIELDS: tuple[Field, ...] = (
    Field(
        *("name", _("Name"), Kind.PERSON_NAME, 64, PERSON, _SHOWN | _PAPER),
        sheet=Sheet("C", "姓名", _("As on the ID card.")),
        ems=Ems(required=True, compared=True),
    ),
    Field(
        *("sex", _("Sex"), Kind.CODE, 1, PERSON, DETAIL | OWN | EXPORT | _PAPER),
        sheet=Sheet("D", "性别"),
        ems=Ems(required=True, compared=True, refreshable=True),
        table="sex",
    ),
    Field(
        *("id_number", _("ID number"), Kind.ID_NUMBER, 32, PERSON, _SHOWN | _PAPER),
        sheet=Sheet(
            "E", "身份证号", _("Of ID card, permit or passport, as text: a cell that holds a number is refused.")
        ),
        ems=Ems(required=True, compared=True),
        encrypted=True,
        indexed=True,
        masked=True,
    ),
    Field(
        *("id_type", _("Kind of document"), Kind.CODE, 1, PERSON, DETAIL | OWN | EXPORT | _PAPER),
        sheet=Sheet("V", "证件类型", _("By code or name. Left empty, the form of the number tells it."), later=True),
        ems=Ems(),
        table="id_type",
        spelling=kind_named,
        required=False,
        default="1",
    ),
    Field(
        *("ethnicity", _("Ethnicity"), Kind.CODE, 2, PERSON, DETAIL | OWN | _PAPER),
        sheet=Sheet("F", "民族"),
        ems=Ems(compared=True, refreshable=True),
        table="ethnicity",
    ),
    Field(
        *("political_status", _("Political status"), Kind.CODE, 2, PERSON, DETAIL | OWN | _PAPER),
        sheet=Sheet("G", "政治面貌"),
        ems=Ems(compared=True, refreshable=True),
        table="political_status",
    ),
    Field(
        *("origin_region", _("Home region"), Kind.REGION, 6, PERSON, DETAIL | OWN),
        sheet=Sheet("P", "生源地代码", _("Six-digit region code.")),
        ems=Ems(),
    ),
    Field(
        *("mobile", _("Mobile"), Kind.PHONE, 32, PERSON, DETAIL | OWN | REVIEW | EXPORT | _PAPER),
        sheet=Sheet("S", "手机号", _("Used to activate the account; later the graduate alone changes it.")),
        ems=Ems(),
        required=False,
        editor=GRADUATE,
        encrypted=True,
        masked=True,
    ),
    Field(
        *("email", _("E-mail"), Kind.EMAIL, 128, PERSON, DETAIL | OWN),
        sheet=Sheet("T", "电子邮箱", _("Later the graduate alone changes it.")),
        ems=Ems(),
        required=False,
        editor=GRADUATE,
        encrypted=True,
    ),
    Field(
        *("address", _("Home address"), Kind.TEXT, 128, PERSON, DETAIL | REVIEW | _PAPER),
        sheet=Sheet("U", "家庭住址"),
        ems=Ems(),
        required=False,
        encrypted=True,
    ),
    Field(
        *("school", _("Graduate's school"), Kind.TEXT, 5, STUDIES, _SHOWN | _PAPER),
        sheet=Sheet("H", "院校代码", _("The code of your school: %(code)s.")),
        ems=Ems(),
        related=True,
        editor=NOBODY,
    ),
    Field(
        *("department", _("Department of study"), Kind.TEXT, 64, STUDIES, _SHOWN | _PAPER),
        sheet=Sheet(
            "I",
            "院系",
            _("By name, former name or code; a name that nobody knows adds a department or waits to be assigned."),
        ),
        ems=Ems(required=True, compared=True, refreshable=True),
        related=True,
    ),
    Field(
        *("major", _("Major"), Kind.TEXT, 64, STUDIES, _SHOWN | _PAPER),
        sheet=Sheet("J", "专业", _("By name.")),
        ems=Ems(required=True, compared=True),
    ),
    Field(
        *("education", _("Education"), Kind.CODE, 2, STUDIES, _SHOWN | _PAPER),
        sheet=Sheet("K", "学历"),
        ems=Ems(required=True, compared=True),
        table="education_level",
    ),
    Field(
        *("duration", _("Length of study"), Kind.TEXT, 4, STUDIES, DETAIL | OWN | EXPORT | _PAPER),
        sheet=Sheet("L", "学制", _("Years, such as 4 or 2.5.")),
        ems=Ems(compared=True, refreshable=True),
        shape=Shape(r"[1-9](\.5)?", _("Please give the years of study, such as 4 or 2.5."), years_of_study),
    ),
    Field(
        *("training_mode", _("Training mode"), Kind.CODE, 2, STUDIES, _SHOWN | REVIEW | CASE),
        sheet=Sheet("M", "培养方式", _("By code; instead of 2 write 21 or 22, instead of 4 write 41 or 42.")),
        ems=Ems(required=True),
        table="training_mode",
        split={"2": "21/22", "4": "41/42"},  # whether such a student may sign (R4.4)
    ),
    Field(
        *("study_form", _("Form of study"), Kind.CODE, 1, STUDIES, DETAIL | OWN | REVIEW | EXPORT | CASE),
        sheet=Sheet("W", "学习形式", _("Full-time or part-time; may be left empty."), later=True),
        ems=Ems(compared=True, refreshable=True),
        table="study_form",
        required=False,
    ),
    Field(
        *("exam_number", _("Exam number"), Kind.EXAM_NUMBER, 20, STUDIES, _SHOWN | REVIEW | CASE),
        sheet=Sheet(
            "A", "考生号", _("10 to 20 letters and digits, as text. The student's key within school and cohort.")
        ),
        ems=Ems(),
        editor=NOBODY,
    ),
    Field(
        *("student_number", _("Student number"), Kind.TEXT, 20, STUDIES, DETAIL | OWN | EXPORT | _PAPER),
        sheet=Sheet("B", "学号", _("At most 20 characters, as text.")),
        ems=Ems(compared=True, refreshable=True),
    ),
    Field(
        *("cohort", _("Cohort"), Kind.YEAR, 4, STUDIES, LIST | DETAIL | EXPORT),
        sheet=Sheet("N", "届别", _("The year of graduation, such as %(year)s.")),
        ems=Ems(),
        editor=NOBODY,
    ),
    Field(
        *("graduated_on", _("Graduation date"), Kind.DAY, 10, STUDIES, DETAIL | OWN | EXPORT | _PAPER),
        sheet=Sheet("O", "毕业时间", _("As 2027-06-30.")),
        ems=Ems(compared=True, refreshable=True),
    ),
    Field(
        *("hardship", _("Hardship category"), Kind.CODE, 1, STUDIES, DETAIL),
        sheet=Sheet("Q", "困难生类别"),
        ems=Ems(),
        table="hardship_category",
        required=False,
        default="0",
    ),
    Field(
        *("normal_student", _("Teacher training"), Kind.CODE, 2, STUDIES, DETAIL),
        sheet=Sheet("R", "师范生类别"),
        ems=Ems(),
        table="normal_student",
        required=False,
        default="2",
    ),
    # What the file of the whole country (就业方案) asks for besides.
    Field(
        *("origin_kind", _("Town or country"), Kind.CODE, 1, STUDIES, DETAIL | EXPORT),
        sheet=Sheet("X", "城乡生源", _("Home in a town or in the country; may be left empty."), later=True),
        ems=Ems(),
        table="origin_kind",
        required=False,
    ),
    Field(
        *("direction", _("Direction within the major"), Kind.TEXT, 64, STUDIES, DETAIL | OWN | EXPORT),
        sheet=Sheet("Y", "专业方向", _("May be left empty."), later=True),
        ems=Ems(),
        required=False,
    ),
    Field(
        *("major_code", _("Code of the major"), Kind.TEXT, 16, STUDIES, DETAIL | EXPORT),
        sheet=Sheet("Z", "专业代码", _("Of the national catalogue, as text, such as 080901 or 120203K."), later=True),
        ems=Ems(),
        shape=Shape(
            r"[0-9]{4,8}[A-Z]{0,2}",
            _("Please give the code of the national catalogue, such as 080901 or 120203K."),
            lambda typed: compacted(typed).upper(),
        ),
        required=False,
    ),
    Field(
        *("enrolled_in", _("Month of enrolment"), Kind.TEXT, 7, STUDIES, DETAIL | OWN | EXPORT),
        sheet=Sheet("AA", "入学年月", _("As 2023-09; may be left empty."), later=True),
        ems=Ems(),
        shape=Shape(r"(19|20)\d{2}-(0[1-9]|1[0-2])", _("Please give year and month, such as 2023-09."), month_of),
        required=False,
    ),
    Field(
        *("commissioned_by", _("Commissioning unit"), Kind.TEXT, 128, STUDIES, DETAIL | OWN | EXPORT),
        sheet=Sheet("AB", "委培单位", _("For whom a commissioned student studies, by full name."), later=True),
        ems=Ems(),
        required=False,
    ),
)


def fields_in(place: Place) -> tuple[Field, ...]:
    """Those that stand there, in the order of the list."""
    return tuple(one for one in FIELDS if place in one.places)


def in_sheet() -> tuple[Field, ...]:
    """The columns of a school's sheet in their order."""
    placed = [(one.sheet.column, one) for one in FIELDS if one.sheet]
    return tuple(one for column, one in sorted(placed, key=lambda pair: (len(pair[0]), pair[0])))


def in_ems() -> tuple[Field, ...]:
    """Those that the employment system has."""
    return tuple(one for one in FIELDS if one.ems is not None)


def columns() -> tuple[Field, ...]:
    """Those that are a column of the roster."""
    return tuple(one for one in FIELDS if not one.related)


def field_named(name: str) -> Field | None:
    """The field of that name."""
    return next((one for one in FIELDS if one.name == name), None)
