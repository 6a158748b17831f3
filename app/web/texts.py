"""Texts in the language of the page, found in few steps: one page asks for hundreds of them."""

from __future__ import annotations

from typing import Any, cast

import flask_babel
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from app.base.official import official

# So many finished texts of a catalogue are kept; templates name fewer.
_MOST = 10_000


class Texts(Domain):
    """Flask-Babel's catalogues, looked up once for each language of a request."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the present language."""
        try:
            here = vars(g._get_current_object())
        except RuntimeError:  # no application
            return super().get_translations()
        kept = here.get("catalogue")
        # Where Flask-Babel keeps the language of a request; asking it a hundred times costs more than the words.
        chosen = vars(here["_flask_babel"]).get("babel_locale") if "_flask_babel" in here else None
        if kept is not None and kept[0] is chosen:
            return cast(NullTranslations, kept[1])
        present = get_locale()
        found: NullTranslations = super().get_translations()
        if present is not None:
            g.catalogue = present, found
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
        ready: dict[str, Markup] = vars(catalogue).setdefault("ready", {})
        if message not in ready:
            if len(ready) >= _MOST:
                ready.clear()
            ready[message] = Markup(catalogue.ugettext(message)) % {}  # noqa: S704
        return ready[message]

    app.jinja_env.globals.update({"_": text, "gettext": text})
    app.jinja_env.filters["official"] = official
