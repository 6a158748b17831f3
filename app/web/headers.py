"""Headers of every answer: what a browser may load, embed and keep."""

from __future__ import annotations

import logging
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.base.settings import settings

log = logging.getLogger(__name__)
_STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), serial=(), bluetooth=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_NOTHING = "default-src 'none'; frame-ancestors 'none'"  # of what is no page: data, papers, pictures, scripts


def csp_nonce() -> str:
    """The nonce of this answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def allow_forms_to(address: str) -> None:
    """Let the forms of this answer lead on to another site: browsers follow no redirect of a form that is not allowed."""
    parts = urlsplit(address)
    g.setdefault("form_targets", []).append(f"{parts.scheme}://{parts.netloc}")


def register(app: Flask) -> None:
    """Add the headers to every answer; production is only reached by TLS and says so."""
    https = settings().is_production
    _believe_proxies(app, settings().trusted_proxies)
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _STRICT.items():
            response.headers.setdefault(name, value)
        page = response.mimetype == "text/html"
        response.headers.setdefault("Content-Security-Policy", _policy() if page else _NOTHING)
        if not _is_static():
            response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response


def _believe_proxies(app: Flask, number: int) -> None:
    """Behind `number` proxies of our own the caller's address is what they say; without, nobody is believed.

    Otherwise all callers would share one address. Of the host and the path nothing is believed but what the request
    itself says: the proxy passes Host on, and addresses in messages come from PUBLIC_URL.
    """
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=0)  # type: ignore[method-assign]
    elif settings().is_production:
        log.warning("TRUSTED_PROXIES is 0: every caller behind a reverse proxy would have the proxy's address.")
    told: list[str] = []

    @app.before_request
    def look_at_the_chain() -> None:
        wrong = "" if told else _oddity(number)
        if wrong:
            told.append(wrong)
            log.warning("%s Callers may be mistaken for one another; see README on the reverse proxy.", wrong)


def _oddity(number: int) -> str:
    """What is wrong with the way the request came, in words for the log; "" where nothing is."""
    # As it came in, before ProxyFix changed it.
    before = request.environ.get("werkzeug.proxy_fix.orig", {})
    sender = before.get("REMOTE_ADDR") or request.remote_addr or ""
    chain = [one for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if number and len(chain) < number:
        return f"TRUSTED_PROXIES is {number}, but a request came through {len(chain)}."
    if not number and chain and _is_near(sender):
        return "TRUSTED_PROXIES is 0, but requests come through a proxy."
    return ""


def _is_near(address: str) -> bool:
    try:
        return not ip_address(address).is_global
    except ValueError:
        return False


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            " ".join(("form-action 'self'", *g.get("form_targets", ()))),
            "frame-ancestors 'self'",
        )
    )


def _is_static() -> bool:
    return (request.endpoint or "").endswith("static")
