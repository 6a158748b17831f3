"""Runs a program with invented fields of a graduate: `python -m tests.house.invented trial.ems`.

They are declared before anything else is loaded, as if their entries stood in the list; nothing else is told of them.
"""

from __future__ import annotations

import runpy
import sys

from app.codes import graduate_fields
from app.codes.fields import (
    AGREEMENT,
    CASE,
    DETAIL,
    EXPORT,
    LIST,
    OWN,
    PERSON,
    REVIEW,
    STUDIES,
    Ems,
    Field,
    Kind,
    Shape,
    Sheet,
)

FIELDS = (
    # Of a code table, everywhere, with a name of its own in the employment system.
    Field(
        *("form_of_study", "学习方式", Kind.CODE, 1, STUDIES, ~REVIEW),
        sheet=Sheet("AC", "学习方式", "按代码。", later=True),
        ems=Ems(key="xxfs", compared=True, refreshable=True),
        table="study_form",
        required=False,
    ),
    # Personal: encrypted, searched, masked; the employment system does not have it.
    Field(
        *("card_number", "一卡通号", Kind.TEXT, 20, PERSON, DETAIL | OWN | EXPORT | REVIEW),
        sheet=Sheet("AD", "一卡通号", aliases=("校园卡号",), later=True),
        shape=Shape(r"[A-Z]\d{6}", "一卡通号是一个字母和六位数字。"),
        required=False,
        encrypted=True,
        indexed=True,
        masked=True,
    ),
    # A day, kept by cases, that the employment system may correct.
    Field(
        *("entered_on", "入学日期", Kind.DAY, 10, STUDIES, LIST | DETAIL | CASE | AGREEMENT),
        sheet=Sheet("AE", "入学日期", later=True),
        ems=Ems(compared=True, refreshable=True),
        required=False,
    ),
    # What fills the sheet beyond the letters of the alphabet.
    *(
        Field(
            *(f"remark_{column.lower()}", f"备注{column}", Kind.TEXT, 30, STUDIES, DETAIL),
            sheet=Sheet(column, f"备注{column}", later=True),
            required=False,
        )
        for column in ("AF", "AG", "AH")
    ),
)

if __name__ == "__main__":
    graduate_fields.FIELDS = (*graduate_fields.FIELDS, *FIELDS)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__")
