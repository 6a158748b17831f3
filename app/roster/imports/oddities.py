"""What is odd about a sheet but may be right: told before the commit, refused never."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.values.exam_numbers import exam_number_warning
from app.base.values.id_numbers import LENGTH, birth_date, sex_of
from app.base.values.phones import is_mobile
from app.base.workbook import Sheet
from app.codes import queries as codes
from app.documents.typefaces import unprintable
from app.roster.imports.checking import Checked, Problem
from app.roster.imports.columns import HEADING_OF
from app.schools.departments.queries import Known, alike

_SEX = {digit: sex_of(f"{digit:>17} ") for digit in "0123456789"}  # by the 17th place of an ID number
_RARE = re.compile(r"[^\u4e00-\u9fa5·]")  # the rest is in every face of ours
_FEW = 20  # hidden rows that are named one by one; a filter hides hundreds
_YOUNGEST, _OLDEST = 15, 70  # years between birth and graduation
# Figures, marks and brackets, a single sign, or one of the words that stand where a name is not known.
_NO_NAME = re.compile(
    r"[0-9０-９_@#*?？!！,，;；:：/\\|+=<>《》【】\[\]{}()（）]|^.$|^(?:测试|试用|姓名|示例|样例|例子|合计|总计|小计|未知|不详|暂无|无名|空白|某某|学生|同学|test|null|none|nan|n/a)",
    re.IGNORECASE,
)


def odd_things(checked: Checked, known: Known, sheet: Sheet) -> list[Problem]:
    """All warnings about checked rows, by row."""
    found = [
        *_hidden(checked, sheet),
        *checked.odd,
        *_graduation_against_cohort(checked),
        *_kinds_read_from_numbers(checked),
        *_age(checked),
        *_names_that_are_none(checked),
        *_numbers_without_messages(checked),
        *_new_departments_like_others(checked, known),
        *_odd_exam_numbers(checked),
        *_sex_against_id_number(checked),
        *_same_person_twice(checked),
        *_unprintable_names(checked),
    ]
    return sorted(found, key=lambda problem: problem.row)


def _hidden(checked: Checked, sheet: Sheet) -> Iterable[Problem]:
    for heading in sheet.hidden_columns:
        yield Problem(0, heading, _("This column is hidden in the sheet; what stands in it is taken."))
    rows = [number for number in checked.numbers if number in sheet.hidden_rows]
    for row in rows[:_FEW]:
        yield Problem(row, "", _("This row is hidden in the sheet, but is taken. Delete it if it shall not be."))
    if rows[_FEW:]:
        text = _(
            "This row and %(count)s more below are hidden in the sheet, but are taken.", count=len(rows) - _FEW - 1
        )
        yield Problem(rows[_FEW], "", text)


def _graduation_against_cohort(checked: Checked) -> Iterable[Problem]:
    days, cohorts = checked.columns["graduated_on"], checked.columns["cohort"]
    odd = {
        pair
        for pair in set(zip(days, cohorts, strict=True))
        if not f"{pair[1] - 1}-09" <= pair[0] <= f"{pair[1]}-12-31"
    }
    for number, day, cohort in zip(checked.numbers, days, cohorts, strict=True) if odd else ():
        if (day, cohort) in odd:
            text = _("Graduation on %(day)s does not go with cohort %(year)s. Please check both.", day=day, year=cohort)
            yield Problem(number, HEADING_OF["graduated_on"], text)


def _kinds_read_from_numbers(checked: Checked) -> Iterable[Problem]:
    kinds = dict(zip(checked.numbers, checked.columns["id_type"], strict=True))
    for row in checked.read_from_form:
        text = _(
            "By its form this is the number of a document of the kind “%(kind)s”. If it is another, give it in "
            "the column %(column)s.",
            column=HEADING_OF["id_type"],
            kind=codes.label("id_type", kinds[row]),
        )
        yield Problem(row, HEADING_OF["id_number"], text)


def _age(checked: Checked) -> Iterable[Problem]:
    born = {value: birth_date(value) for value in set(checked.columns["id_number"])}
    for number, value, cohort in zip(
        checked.numbers, checked.columns["id_number"], checked.columns["cohort"], strict=True
    ):
        day = born[value]
        if day is not None and not _YOUNGEST <= cohort - day.year <= _OLDEST:
            text = _(
                "By the ID number this student would be %(age)s years old in %(year)s. Please check both.",
                age=cohort - day.year,
                year=cohort,
            )
            yield Problem(number, HEADING_OF["id_number"], text)


def _names_that_are_none(checked: Checked) -> Iterable[Problem]:
    names = checked.columns["name"]
    odd = {name for name in set(names) if _NO_NAME.search(name)}
    for number, name in zip(checked.numbers, names, strict=True) if odd else ():
        if name in odd:
            yield Problem(
                number, HEADING_OF["name"], _("“%(name)s” does not look like a name. Please check it.", name=name)
            )


def _numbers_without_messages(checked: Checked) -> Iterable[Problem]:
    numbers = checked.columns["mobile"]
    silent = {number for number in set(numbers) if number and not is_mobile(number)}
    for row, number in zip(checked.numbers, numbers, strict=True) if silent else ():
        if number in silent:
            text = _("This number takes no text messages: the student cannot activate the account with it.")
            yield Problem(row, HEADING_OF["mobile"], text)


def _new_departments_like_others(checked: Checked, known: Known) -> Iterable[Problem]:
    places = _first_rows(checked, "department")
    new = [name for name in places if known.find(name) is None]
    seen = list(known.words)
    for name in new:
        other = alike(name, seen)
        seen.append(name)
        if other is not None:
            text = _(
                "The department “%(name)s” is new and looks like “%(other)s”. Please check that both exist.",
                name=name,
                other=other,
            )
            yield Problem(places[name], HEADING_OF["department"], text)


def _odd_exam_numbers(checked: Checked) -> Iterable[Problem]:
    values = checked.columns["exam_number"]
    if set(map(len, values)) <= {14, 15} and "".join(values).isdigit():
        return
    odd = [number for number, value in zip(checked.numbers, values, strict=True) if exam_number_warning(value)]
    if odd:  # one line for all: a school writes all of them in its own way
        text = _(
            "%(count)s exam numbers do not have 14 digits, or 15 of postgraduates. Please check them.", count=len(odd)
        )
        yield Problem(odd[0], HEADING_OF["exam_number"], text)


def _sex_against_id_number(checked: Checked) -> Iterable[Problem]:
    sexes = [_SEX[value[16]] if len(value) == LENGTH else None for value in checked.columns["id_number"]]
    if sexes == checked.columns["sex"]:
        return
    text = _("The sex does not go with the ID number. Please check both.")
    for number, read, written in zip(checked.numbers, sexes, checked.columns["sex"], strict=True):
        if read and read != written:
            yield Problem(number, HEADING_OF["sex"], text)


def _same_person_twice(checked: Checked) -> Iterable[Problem]:
    values = checked.columns["id_number"]
    if len(set(values)) == len(values):
        return
    rows: dict[Any, int] = {}
    for number, value in zip(checked.numbers, values, strict=True):
        earlier = rows.setdefault(value, number)
        if earlier != number:
            text = _("This ID number stands in row %(row)s as well. Please check that both are right.", row=earlier)
            yield Problem(number, HEADING_OF["id_number"], text)


def _unprintable_names(checked: Checked) -> Iterable[Problem]:
    names = checked.columns["name"]
    rare = set(_RARE.findall("".join(set(names))))
    missing = set(unprintable("".join(rare))) if rare else set()
    if not missing:
        return
    for number, name in zip(checked.numbers, names, strict=True):
        signs = [sign for sign in name if sign in missing]
        if signs:
            text = _(
                "Agreements cannot be printed with: %(signs)s. Please tell customer service.", signs=" ".join(signs)
            )
            yield Problem(number, HEADING_OF["name"], text)


def _first_rows(checked: Checked, name: str) -> dict[str, int]:
    first: dict[str, int] = defaultdict(int)
    for number, value in zip(reversed(checked.numbers), reversed(checked.columns[name]), strict=True):
        first[value] = number
    return dict(reversed(first.items()))
