"""What is odd about a sheet but may be right: told before the commit, refused never."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from rapidfuzz import fuzz, process

from app.codes.validators import exam_number_warning, sex_of
from app.documents.typefaces import unprintable
from app.roster.imports.checking import Checked, Problem
from app.roster.imports.columns import HEADING_OF

_SEX = {digit: sex_of(f"{digit:>17} ") for digit in "0123456789"}  # by the 17th place of an ID number
_RARE = re.compile(r"[^\u4e00-\u9fa5·]")  # the rest is in every face of ours
_ALIKE = 84  # of 100: one character more or less in a name of seven
_BRACKETS = str.maketrans("（）【】", "()[]")


def odd_things(checked: Checked, known_departments: Iterable[str]) -> list[Problem]:
    """All warnings about checked rows, by row."""
    found = [
        *_new_departments_like_others(checked, list(known_departments)),
        *_odd_exam_numbers(checked),
        *_sex_against_id_number(checked),
        *_same_person_twice(checked),
        *_unprintable_names(checked),
    ]
    return sorted(found, key=lambda problem: problem.row)


def alike(name: str, others: Iterable[str]) -> str | None:
    """Another department's name that may be the same one written otherwise."""
    plain = {_plain(other): other for other in others if other != name}
    match = process.extractOne(_plain(name), plain.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return plain[match[0]] if match else None


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())


def _new_departments_like_others(checked: Checked, known: list[str]) -> Iterable[Problem]:
    places = _first_rows(checked, "department")
    new = [name for name in places if name not in set(known)]
    seen = list(known)
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
    sexes = [_SEX[value[16]] for value in checked.columns["id_number"]]
    if sexes == checked.columns["sex"]:
        return
    text = _("The sex does not go with the ID number. Please check both.")
    for number, read, written in zip(checked.numbers, sexes, checked.columns["sex"], strict=True):
        if read != written:
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
