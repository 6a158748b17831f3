"""The Flask application of the stand-in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask_babel import Babel
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from trial.ems import faults
from trial.ems.api import api
from trial.ems.pages import pages, prepare_templates
from trial.ems.refusals import Refusal
from trial.ems.settings import StandinSettings

_TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_standin(settings: StandinSettings, engine: Engine) -> Flask:
    """The application; `engine` must have been prepared."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        EMS_TOKEN=settings.token,
        PAGE_PASSWORD=settings.page_password,
        PLATFORM_URL=settings.platform_url,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(_TRANSLATIONS),
        # A name of its own: ports do not separate cookies, the platform's would be overwritten.
        SESSION_COOKIE_NAME="ems_standin",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.behind_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["engine"] = engine
    Babel(app)
    csrf = CSRFProtect(app)
    csrf.exempt(api)
    if settings.faults:
        csrf.exempt(faults.blueprint)
        faults.suffer(app, api)
    prepare_templates(app)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.add_url_rule("/health", view_func=health)
    _answer_errors(app)
    app.after_request(_protect)
    return app


def health() -> tuple[Response, int]:
    """Whether the stand-in and its database answer."""
    from trial.ems.api import engine

    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return jsonify(status="database unreachable"), 503
    return jsonify(status="ok"), 200


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[Response | str, int]:
        return _told(refusal)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[Response | str, int]:
        return _told(
            Refusal(400, "csrf", _("The page was open for too long. Please go back, reload it and try again."))
        )

    @app.errorhandler(OperationalError)
    def unreachable(error: OperationalError) -> tuple[Response | str, int]:
        app.logger.error("database: %s", error.orig)
        return _told(Refusal(503, "unavailable", _("The system is busy. Please try again shortly.")))

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> tuple[Response | str, int] | WerkzeugResponse:
        if error.code is not None and 300 <= error.code < 400:
            return redirect(getattr(error, "new_url", "/"), error.code)
        texts = {
            404: _("There is no such page."),
            405: _("This address does not take this kind of request."),
            413: _("Too much was sent at once."),
        }
        status = error.code or 500
        code = (error.name or "error").lower().replace(" ", "_")
        return _told(Refusal(status, code, texts.get(status, _("The request could not be carried out."))))


def _told(refusal: Refusal) -> tuple[Response | str, int]:
    if request.path.startswith(("/api/", "/_faults")):
        body = {"message": refusal.message, "code": refusal.code, "errors": refusal.errors}
        return jsonify(body), refusal.status
    return render_template("standin/refused.html", refusal=refusal), refusal.status


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
