"""Pieces of pages that are drawn once for all readers who are told the same.

A piece shows what it is told, in the language of the page, and nothing else: it is drawn where nobody asks, without a
request, a session and a reader, from a copy of what it is told. What is one reader's own, or new at each call, such as
a token, a name or a count, is put in at its marks each time; a piece can write a mark and ask nothing of it.
"""

from __future__ import annotations

import contextvars
import marshal
import re
import secrets
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NoReturn

from flask import current_app, get_template_attribute
from flask.ctx import AppContext
from flask.globals import _cv_app, _cv_request, request_ctx
from flask_babel import force_locale, get_locale
from markupsafe import Markup

from app.web.drawing import written
from app.web.headers import asset
from app.web.texts import catalogue

_MOST = 2_000  # pieces; those that nobody asks for any more go first
_PLAIN = 0  # of marshal's formats the one in which equal values are equal bytes
_SIGN = secrets.token_hex(12)  # what stands for a mark until it is filled in: nobody else can write it
_MARKS = re.compile(f"{_SIGN}([A-Za-z0-9_]+);")


class Mark:
    """The place of something that is put in later."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __html__(self) -> str:
        return f"{_SIGN}{self._name};"

    def _unknown(self, *_args: Any) -> NoReturn:
        raise TypeError(f"“{self._name}” is put in later: a piece can write it, not ask what it is.")

    __bool__ = __str__ = __format__ = __eq__ = __ne__ = __hash__ = _unknown


class _Unread:
    """In the place of a request: addresses can be made, nothing can be read."""

    blueprint = None


class _Nobody:
    """In the place of the running call."""

    def __init__(self, url_adapter: Any) -> None:
        self.url_adapter, self.request = url_adapter, _Unread()


def drawn_once(template: str, macro: str, /, *told: Any, **put: Any) -> Markup:
    """What a macro draws: kept for what it is told, plain values and lists of such; `put` goes in at its places."""
    return made_once(_macro(template, macro), *told, **put)


def made_once(draw: Callable[..., Markup], /, *told: Any, **put: Any) -> Markup:
    """The same of a function of a module."""
    try:
        key = marshal.dumps(told, _PLAIN)
    except ValueError:
        raise TypeError(f"A piece is told plain values only: {told!r}") from None
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    piece = _drawn(draw, app, catalogue(), asset("icons/sprite.svg"), key, tuple(put))
    if not put:
        return piece
    return Markup(str(piece) % {name: written(value) for name, value in put.items()})  # noqa: S704  (each is escaped)


@lru_cache(maxsize=256)
def _macro(template: str, macro: str) -> Callable[..., Markup]:
    def draw(*told: Any, **marks: Mark) -> Markup:
        drawn: Markup = get_template_attribute(template, macro)(*told, **marks)
        return drawn

    return draw


@lru_cache(maxsize=_MOST)
def _drawn(
    draw: Callable[..., Markup], app: Any, catalogue: Any, sprite: str, told: bytes, marks: tuple[str, ...]
) -> Markup:
    del catalogue, sprite  # what it is drawn with besides
    drawing = partial(_alone, draw, told, marks, app, request_ctx.url_adapter)
    drawn = contextvars.Context().run(drawing, get_locale())
    return Markup(_MARKS.sub(r"%(\1)s", drawn.replace("%", "%%"))) if marks else drawn  # noqa: S704


def _alone(
    draw: Callable[..., Markup], told: bytes, marks: tuple[str, ...], app: Any, url_adapter: Any, language: Any
) -> Markup:
    """Draw where nothing of the call that wants the piece can be reached."""
    _cv_app.set(AppContext(app))
    _cv_request.set(_Nobody(url_adapter))  # type: ignore[arg-type]
    with force_locale(language):
        drawn = draw(*marshal.loads(told), **{name: Mark(name) for name in marks})  # noqa: S302  (own bytes)
    if type(drawn) is not Markup:
        raise TypeError(f"A piece is Markup, not {type(drawn).__name__}.")
    return drawn
