"""Flask as this house needs it: pages drawn in few steps, addresses put together once and filled in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Request
from flask.globals import _cv_request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import BuildError, IntegerConverter, PathConverter, UnicodeConverter

from app.web.drawing import PageEnvironment

_request_of_call = _cv_request.get
_MOST = 4_000  # patterns: which arguments are named may come from an address
_PLAIN = re.compile(r"[A-Za-z0-9_.~/-]+")  # what a path writes as it is
_KEPT = "!$'()*,/:;?@"  # what werkzeug writes behind the question mark as it is
_OPTIONS = frozenset(("_anchor", "_method", "_scheme", "_external"))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What stands in a pattern until a value is filled in: nobody else can write it.
_NUMBER, _WORD = 10**17 + secrets.randbelow(10**17), secrets.token_hex(12)


@dataclass(frozen=True)
class _Pattern:
    """The address of an endpoint with these arguments; `path` are those that stand in it before the question mark."""

    text: str
    path: Mapping[str, type]

    def filled(self, values: Mapping[str, Any]) -> str | None:
        """The address with these values; None where one of them is of another kind than it is meant for."""
        told = {}
        for name, value in values.items():
            kind = type(value)
            if kind is not int and kind is not str:
                return None
            if kind is str and name in self.path and (self.path[name] is int or not _PLAIN.fullmatch(value)):
                return None
            told[name] = value if kind is int or name in self.path else quote_plus(value, _KEPT)
        return self.text % told


class Arguments(ImmutableMultiDict[str, str]):
    """What an address or a form says."""

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]
        """werkzeug's own makes an error of each name that was not sent, forty a page, and throws it away."""
        return super().get(key, default, type) if key in self else default


class PageRequest(Request):
    """Flask's with these."""

    parameter_storage_class = Arguments


class Platform(Flask):
    """A page asks for a hundred addresses, most of them of a few endpoints."""

    jinja_environment = PageEnvironment
    request_class = PageRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patterns: dict[tuple[str, ...], _Pattern | None] = {}

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Flask's hook; what a pattern does not fit goes Flask's way."""
        request = _request_of_call(None)
        if request is not None and endpoint[:1] != ".":
            asked = {name: value for name, value in values.items() if value is not None}
            pattern = self._pattern(request.url_adapter, endpoint, tuple(asked))
            address = pattern.filled(asked) if pattern else None
            if address is not None:
                return address
        return super().url_for(endpoint, **values)

    def _pattern(self, ways: Any, endpoint: str, names: tuple[str, ...]) -> _Pattern | None:
        key = (ways.script_name, endpoint, *names)
        try:
            return self._patterns[key]
        except KeyError:
            if len(self._patterns) >= _MOST:
                self._patterns.clear()
            found = self._patterns[key] = self._new_pattern(endpoint, names)
            return found

    def _new_pattern(self, endpoint: str, names: tuple[str, ...]) -> _Pattern | None:
        """None where more than the names decides what the address looks like."""
        rules = [rule for rule in self.url_map.iter_rules() if rule.endpoint == endpoint]
        path = {name: _kind_of(one) for rule in rules for name, one in rule._converters.items()}
        odd = not all(_NAME.fullmatch(name) for name in names) or _OPTIONS & set(names)
        if odd or self.url_default_functions or None in path.values() or any(rule.defaults for rule in rules):
            return None
        marks: dict[str, Any] = {
            name: _NUMBER + at if path.get(name) is int else f"{_WORD}{at}z" for at, name in enumerate(names)
        }
        try:
            text = super().url_for(endpoint, **marks).replace("%", "%%")
        except BuildError:
            return None
        for name, mark in marks.items():
            if text.count(str(mark)) != 1:
                return None
            text = text.replace(str(mark), f"%({name})s")
        return _Pattern(text, {name: kind for name, kind in path.items() if kind})


def _kind_of(converter: Any) -> type | None:
    """What a part of a path takes; None for what is written in a way of its own."""
    if type(converter) is IntegerConverter:
        return None if converter.fixed_digits else int
    return str if type(converter) in (UnicodeConverter, PathConverter) else None
