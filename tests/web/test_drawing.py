"""Pages drawn in few steps say what Jinja, Flask and the macros before would have said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from flask.templating import Environment
from flask_babel import force_locale, lazy_gettext
from jinja2 import Undefined
from markupsafe import Markup, escape

from app.fab.menu import side_menu
from app.web import parts
from app.web.cells import Row, table_rows
from app.web.drawing import written
from app.web.once import drawn_once
from app.web.platform import Platform

SHARP = """<b>'"&"""


class Worded(str):
    """A text of a kind of its own."""


class Drawn:
    """Something that draws itself."""

    def __html__(self) -> str:
        return "<i>drawn</i>"


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[Flask]:
    """A request."""
    with app.test_request_context("/staff/"):
        yield app


@pytest.mark.parametrize(
    "value",
    [SHARP, Markup(SHARP), Worded(SHARP), Drawn(), lazy_gettext(SHARP), 7, 1.5, None, True, Undefined(), [SHARP]],
    ids=lambda value: type(value).__name__,
)
def test_what_is_written_is_escaped_as_by_jinja(value: Any) -> None:
    assert written(value) == escape(value)


TEMPLATE = """
{% macro said(a, b="<", class="") %}<p class="{{ class }}">{{ a }}{{ b }}{{ caller() if caller else "" }}</p>{% endmacro %}
{% for one in values %}{{ loop.index }}{{ one }}{{ said(one) }}{{ said(one, class=one) }}{{ one ~ "<" }}{% endfor %}
{% call said("&") %}{{ values[0] }}{% endcall %}{% set kept %}{{ values[0] }}<br>{% endset %}{{ kept }}
{{ values | join("<") }}{{ nothing }}{{ _("Choose") }}{{ values[0] | upper }}{% filter lower %}{{ values[0] }}{% endfilter %}
{% autoescape false %}{{ values[0] }}{% endautoescape %}{{ {"a": values[0]} | tojson }}{{ namespace(a=values[0]).a }}
"""


def test_a_template_writes_what_jinja_alone_writes(app: Flask) -> None:
    usual = Environment(app, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    usual.globals, usual.filters = app.jinja_env.globals, app.jinja_env.filters
    ours = app.jinja_env.overlay(autoescape=True)
    values = [SHARP, Markup("<u>"), 5, None, lazy_gettext("Choose")]
    assert ours.from_string(TEMPLATE).render(values=values) == usual.from_string(TEMPLATE).render(values=values)


SAMPLES: list[Any] = [
    7,
    0,
    -3,
    "abc",
    "a-b.c_d~e",
    "中文",
    "a b/c?d=e&f",
    "a/b.c",
    "100%",
    "",
    None,
    True,
    ["x", "y"],
    2.5,
]


@pytest.mark.parametrize("value", SAMPLES, ids=repr)
def test_every_address_is_the_one_that_flask_makes(app: Flask, value: Any) -> None:
    def made(make: Any, endpoint: str, names: set[str], more: dict[str, Any]) -> str:
        try:
            return str(make(endpoint, **dict.fromkeys(sorted(names), value), **more))
        except Exception as error:
            return type(error).__name__

    assert isinstance(app, Platform)
    for rule in app.url_map.iter_rules():
        names = set(rule.arguments)
        for more in ({}, {"tab": value, "_flt_0_name": "<中>"}, {"cohort": 2027, "odd name": "x"}, {"_anchor": "a"}):
            for _twice in range(2):
                ours = made(url_for, rule.endpoint, names, more)
                flasks = made(lambda endpoint, **said: Flask.url_for(app, endpoint, **said), rule.endpoint, names, more)
                assert ours == flasks, (rule.endpoint, more)


def test_an_address_below_a_prefix_has_it(app: Flask) -> None:
    plain = url_for("choose_language", language="zh")
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/below"}):
        assert url_for("choose_language", language="zh") == f"/below{plain}"
    assert url_for("choose_language", language="zh") == plain


def test_the_parts_of_a_page_escape_what_they_are_given() -> None:
    drawn = [
        parts.icon(SHARP, SHARP, SHARP),
        parts.badge(3, SHARP, SHARP),
        parts.attributes({SHARP: SHARP}),
        parts.button(SHARP, SHARP, href=SHARP, attrs={"a": SHARP}, **{"class": SHARP}),
        parts.button(SHARP, name=SHARP, value=SHARP),
        parts.opens(SHARP, SHARP, SHARP),
    ]
    for one in drawn:
        assert "<b>" not in one
        assert "&lt;b&gt;" in one
    assert parts.badge(0) == ""
    assert "99+" in parts.badge(120, "alert")
    assert "1,200" in parts.badge(1200, "mine")


def test_the_rows_of_a_list_escape_what_they_are_given() -> None:
    rows = [Row(path=SHARP, pick="1", tools=SHARP)]
    drawn = table_rows([{"a": SHARP, "b": SHARP}], ["a", "b"], rows, labels={"a": SHARP, "b": SHARP}, formatters={})
    assert "<b>" not in drawn
    assert drawn.count("&lt;b&gt;") == 7  # the address twice, two labels, two cells, tools
    kept = table_rows([{"a": Markup("<i>x</i>")}], ["a"], [Row()], labels={}, formatters={})
    assert "<i>x</i>" in kept


def test_what_is_drawn_once_is_drawn_for_each_language_and_for_what_it_is_told(page: Flask) -> None:
    def sheet(address: str) -> str:
        return drawn_once("cases/_returned.html", "tools", address, f"{address}?still=1")

    first = sheet("/first")
    assert sheet("/first") is first
    assert "/other?still=1" in sheet("/other")
    assert "/first" not in sheet("/other")
    with page.test_request_context("/staff/"), force_locale("en"):
        english = sheet("/first")
        assert english != first
        assert "Only those who have not handed it in again" in english
    assert sheet("/first") == first


def test_without_an_account_the_menu_is_empty() -> None:
    assert side_menu({}) == ""
