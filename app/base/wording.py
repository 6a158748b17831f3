"""How words are put together in the reader's language: with its marks, which are not those of every other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from app.base.settings import settings


def present() -> str:
    """The language in which texts are made now: the reader's in a request, else the platform's."""
    return offered(str(get_locale() or ""))


def offered(language: str | None) -> str:
    """The language itself where it is offered, else the first of the platform."""
    known = settings().languages
    return language if language is not None and language in known else known[0]


def language_name(language: str) -> str:
    """What a language is called in the present one."""
    return Locale.parse(language).get_display_name(present()) or language


def listed(items: Iterable[Any]) -> str:
    """Things of one kind in a row: 甲、乙、丙."""
    return _chained(items, lambda before, after: _("%(before)s, %(after)s", before=before, after=after))


def joined(sentences: Iterable[Any]) -> str:
    """Statements that each stand for themselves: 甲；乙；丙."""
    return _chained(sentences, lambda before, after: _("%(before)s; %(after)s", before=before, after=after))


def continued(parts: Iterable[Any]) -> str:
    """Parts of one statement: 甲，乙，丙."""
    return _chained(parts, lambda part, rest: _("%(part)s, %(rest)s", part=part, rest=rest))


def explained(parts: Iterable[Any]) -> str:
    """Each part is what the one before it means: 甲：乙：丙."""
    return _chained(parts, labelled)


def labelled(label: Any, text: Any) -> str:
    """What is spoken of, and what is said of it: 甲：乙."""
    return _("%(label)s: %(text)s", label=label, text=text)


def _chained(texts: Iterable[Any], put: Callable[[str, str], str]) -> str:
    return reduce(put, [str(one) for one in texts] or [""])
