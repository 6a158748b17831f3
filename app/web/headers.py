"""Headers of every answer: what a browser may load, embed and keep; and how it travels: packed, static files once.

Packing tells the length of what was packed. Whoever can make a browser fetch a page of its user again and again, with
guesses in the address, would read the page's secrets off the lengths (BREACH). So an answer to somebody whom a cookie
names is packed only where the browser itself says that no other site asked for it (Sec-Fetch-Site); programs name
themselves in a header that no foreign page can send. Static files are the same for everybody and hold no secret.
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import secrets
import stat
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import brotli
from flask import Flask, Response, current_app, g, request, session, url_for
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
_FOREVER = "public, max-age=31536000, immutable"
_FILE = "no-cache"  # what send_file says by itself: a browser may keep it on its disk
_NAMED = re.compile(r"(?P<stem>.+)\.(?P<digest>[0-9a-f]{10})(?P<ending>\.\w+)")
_PACKED = frozenset(
    {"text/html", "text/css", "text/javascript", "text/plain", "application/javascript", "application/json"}
    | {"image/svg+xml", "application/problem+json", "application/vnd.oai.openapi+json"}
)
_LEAST = 600  # bytes; below, the packing costs more than it saves
_OWN = frozenset({"same-origin", "none"})
_NO_STEM = re.compile(r"(\bfilename=\"?)(?=[^0-9A-Za-z\"])")  # what is left of a Chinese name for who reads ASCII alone


def csp_nonce() -> str:
    """The nonce of this answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def allow_forms_to(address: str) -> None:
    """Let the forms of this answer lead on to another site: browsers follow no redirect of a form that is not allowed."""
    parts = urlsplit(address)
    if parts.netloc:
        g.setdefault("form_targets", []).append(f"{parts.scheme}://{parts.netloc}")


def register(app: Flask) -> None:
    """Add the headers to every answer; production is only reached by TLS and says so."""
    https = settings().is_production
    _believe_proxies(app, settings().trusted_proxies)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, asset=asset)
    app.view_functions["static"] = _static
    app.after_request(_pack)  # the first to be named is the last to be asked: it packs what all others have made

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _STRICT.items():
            response.headers.setdefault(name, value)
        page = response.mimetype == "text/html"
        response.headers.setdefault("Content-Security-Policy", _policy() if page else _NOTHING)
        if not _is_static() and response.headers.get("Cache-Control", _FILE) == _FILE:
            response.headers["Cache-Control"] = "no-store"
        disposition = response.headers.get("Content-Disposition")
        if disposition:
            response.headers["Content-Disposition"] = _NO_STEM.sub(r"\1download", disposition, count=1)
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


@lru_cache(maxsize=256)
def _digest(path: str, changed: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()[:10]


def _digest_of(name: str) -> str:
    """The digest of a static file as it is now; "" where there is none."""
    file = f"{current_app.static_folder}/{name}"
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ""
    return _digest(file, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else ""


def asset(name: str) -> str:
    """The address of a static file with its digest in the name, so that browsers keep it for ever."""
    known: dict[str, str] = g.setdefault("assets", {})  # each icon of a page asks for the same one
    if name not in known:
        digest, (stem, dot, ending) = _digest_of(name), name.rpartition(".")
        known[name] = url_for("static", filename=f"{stem}.{digest}{dot}{ending}" if digest else name)
    return known[name]


def _static(filename: str) -> Response:
    """A static file; a page that was open when the file changed gets the new one, and does not keep it as the old."""
    named = _NAMED.fullmatch(filename)
    name = named["stem"] + named["ending"] if named else ""
    if named is None or not _digest_of(name):
        return current_app.send_static_file(filename)
    response = current_app.send_static_file(name)
    if named["digest"] == _digest_of(name):
        response.headers["Cache-Control"] = _FOREVER
    return response


def _pack(response: Response) -> Response:
    static = _is_static()
    if static:
        session.accessed = False  # else it would vary with the cookie, and be fetched anew after each log-in
    if (
        response.mimetype not in _PACKED
        or response.status_code in (204, 206, 304)
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    how = request.accept_encodings.best_match(("br", "gzip"))
    if how is None or request.method == "HEAD" or not (static or _asked_by_us()):
        return response
    if static:
        response.direct_passthrough = False
    if response.is_streamed and not static:
        return response
    body = response.get_data()
    if len(body) < _LEAST:
        return response
    response.set_data(_once(how, body) if static else _packed(how, body, 5))
    response.headers["Content-Encoding"] = how
    tag, weak = response.get_etag()
    if tag and not weak:  # the same content, though no longer the same bytes
        response.set_etag(tag, weak=True)
    return response


def _asked_by_us() -> bool:
    return not request.cookies or request.headers.get("Sec-Fetch-Site") in _OWN


def _packed(how: str, body: bytes, effort: int) -> bytes:
    return brotli.compress(body, quality=effort) if how == "br" else gzip.compress(body, effort, mtime=0)


@lru_cache(maxsize=128)
def _once(how: str, body: bytes) -> bytes:
    """A static file as small as it gets: packed at its first call and kept."""
    return _packed(how, body, 9)
