"""Texts in the language of the page, found in few steps: one page asks for hundreds of them."""

from __future__ import annotations

from typing import Any

import flask_babel
from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g
from flask.globals import _cv_app
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.base.official import official

app_of_call = _cv_app.get

# So many finished texts of a catalogue are kept; templates name fewer.
_MOST = 10_000


class Texts(Domain):
    """Flask-Babel's catalogues, looked up once for each language of a request."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the present language."""
        here = app_of_call(None)
        if here is not None:
            try:  # where Flask-Babel keeps the language of a request; asking it costs more than the words
                known: tuple[Locale, NullTranslations] = here.g.__dict__["catalogue"]
                if known[0] is here.g.__dict__["_flask_babel"].__dict__["babel_locale"]:
                    return known[1]
            except KeyError:
                pass
        present = get_locale()
        found: NullTranslations = super().get_translations()
        if present is not None:
            g.catalogue = present, found
        return found

    def gettext(self, string: str, **variables: Any) -> str:
        """A text in the present language; one without variables is looked up once."""
        catalogue = self.get_translations()
        if variables or type(string) is not str:
            found: str = catalogue.ugettext(string)
            return found % variables if variables else found
        said: dict[str, str] = catalogue.__dict__.setdefault("said", {})
        text = said.get(string)
        if text is None:
            if len(said) >= _MOST:
                said.clear()
            text = said[string] = catalogue.ugettext(string)
        return text


def catalogue() -> NullTranslations:
    """The catalogue of the present language."""
    found: NullTranslations = flask_babel.get_domain().get_translations()
    return found


def use_texts(app: Flask) -> None:
    """Let texts of the program and of its templates be found so; called when Flask-Babel has been set up."""
    texts = Texts()
    app.extensions["babel"].instance.domain_instance = texts
    # Flask-Babel asks three times for each text whose catalogues are meant; there are no others.
    flask_babel.get_domain = lambda: texts

    @pass_eval_context
    def text(context: EvalContext, message: str, /, **variables: Any) -> str:
        """What Jinja's own `_` gives; a text without variables is put together once."""
        catalogue = texts.get_translations()
        if variables or not context.autoescape:
            found = catalogue.ugettext(message)
            return (Markup(found) if context.autoescape else found) % variables  # noqa: S704  (as Jinja's own)
        ready: dict[str, Markup] = catalogue.__dict__.setdefault("ready", {})
        told = ready.get(message)
        if told is None:
            if len(ready) >= _MOST:
                ready.clear()
            told = ready[message] = Markup(catalogue.ugettext(message)) % {}  # noqa: S704
        return told

    app.jinja_env.globals.update({"_": text, "gettext": text})
    app.jinja_env.filters["official"] = official
