"""Headers of every answer: what a browser may load, embed and keep."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.base.settings import settings

_STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


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
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", _policy())
        if not _is_static():
            response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response


def _believe_proxies(app: Flask, number: int) -> None:
    """Behind `number` proxies of our own the caller's address is what they say; without, nobody is believed.

    Otherwise all callers would share one address, and fifty failures of one would lock everybody out.
    """
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]


def _policy() -> str:
    # Inline styles stay allowed: FAB's own templates use them.
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self' 'unsafe-inline'",
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
