"""In which language a page answers: the one place where it is chosen.

The setting LANGUAGES names the catalogues that are offered, the first one for whoever asks for none of them. With one
language nothing is asked and nothing is kept; another is switched on by naming it once its catalogue is complete.
"""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask_babel import get_locale

from app.base.settings import settings

# The script in which a language is written matters to browsers (fonts) and screen readers (voice).
_TAGS = {"zh": "zh-CN"}


def chosen_language() -> str:
    """The language of this request as its browser asks for it; that of the platform for jobs and commands."""
    offered = settings().languages
    if len(offered) == 1 or not has_request_context():
        return offered[0]
    return request.accept_languages.best_match(offered, offered[0])


def page_language() -> str:
    """The present language as a page names it in <html lang>."""
    present = str(get_locale() or settings().languages[0])
    return _TAGS.get(present, present.replace("_", "-"))


def use_languages(app: Flask) -> None:
    """Let texts follow the chosen language; called when Flask-AppBuilder has set up its own choice."""
    app.extensions["babel"].locale_selector = chosen_language
    app.jinja_env.globals["page_language"] = page_language
