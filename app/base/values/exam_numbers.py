"""考生号: the number of the entrance examination."""

from __future__ import annotations

import re
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values import Unreadable

_FORM: Final = re.compile(r"[0-9A-Z]{10,20}")


def normalise_exam_number(typed: str) -> str:
    """Half-width, upper case, without spaces."""
    return compacted(typed).upper()


def is_exam_number(value: str) -> bool:
    """Whether `value` can be one: 10 to 20 letters and digits; places differ too much to ask more."""
    return bool(_FORM.fullmatch(value))


def read(typed: str) -> str:
    """The normal form; raises Unreadable."""
    number = normalise_exam_number(typed)
    if not is_exam_number(number):
        raise Unreadable(_("An exam number has 10 to 20 letters and digits. Please check it."))
    return number


def exam_number_warning(value: str) -> Any | None:
    """What is odd about an accepted exam number, as a lazy message; None when nothing is."""
    if len(value) in (14, 15) and value.isdigit():
        return None
    return _("An exam number normally has 14 digits, or 15 for postgraduates. Please check it.")
