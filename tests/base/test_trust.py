"""Partner systems and the platform recognise each other by certificates, over real TLS; wrong files are told at the start."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.base.outward import Answer, Outward, OutwardError
from app.base.settings import settings
from app.base.trust import trusts
from config import SettingsError
from tests.documents.authority import issued, kept

Set = Callable[..., None]


@dataclass(frozen=True)
class Partner:
    """A running system that lets in whom its authority has vouched for, and the files of both sides."""

    url: str
    authority: Path
    certificate: Path
    key: Path


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Say something in JSON."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        """Nothing is said of it."""


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    """HTTPS on this machine."""
    root = issued("CA partners")
    folders = [tmp_path_factory.mktemp(name) for name in ("root", "server", "client")]
    authority, _key = kept(folders[0], [root[0]], root[1])
    server_pair, client_pair = (issued(name, root, address="127.0.0.1", for_signatures=True) for name in ("s", "c"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*kept(folders[1], [server_pair[0]], server_pair[1]))
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}/"
    yield Partner(url, authority, *kept(folders[2], [client_pair[0]], client_pair[1]))
    server.shutdown()
    server.server_close()


@pytest.fixture
def chosen(application: object, change_settings: Set) -> Set:
    """Settings by their names in the environment."""
    return lambda **more: change_settings(
        environ={**settings().environ, **{name: str(it) for name, it in more.items()}}
    )


def _status(partner: Partner) -> int:
    outward = Outward(partner.url, seconds=5, longest=100, partner="EMS")
    try:
        return outward.call("GET", "", lambda answer: answer.status if isinstance(answer, Answer) else 0)
    finally:
        outward.close()


def test_both_sides_know_each_other(partner: Partner, chosen: Set) -> None:
    known = {"EMS_TLS_CERTIFICATE": partner.certificate, "EMS_TLS_KEY": partner.key}
    chosen(EMS_TLS_CA=partner.authority, **known)
    assert _status(partner) == 200


@pytest.mark.parametrize("missing", ["CA", "CERTIFICATE"])
def test_neither_side_believes_a_stranger(partner: Partner, chosen: Set, missing: str) -> None:
    all_of_it = {"CA": partner.authority, "CERTIFICATE": partner.certificate, "KEY": partner.key}
    left_out = {"CA": ("CA",), "CERTIFICATE": ("CERTIFICATE", "KEY")}[missing]
    chosen(**{f"EMS_TLS_{name}": path for name, path in all_of_it.items() if name not in left_out})
    with pytest.raises(OutwardError):
        _status(partner)


@pytest.mark.parametrize("wrong", ["no such file", "no certificate", "another key", "key alone"])
def test_wrong_files_are_told_at_the_start(partner: Partner, tmp_path: Path, chosen: Set, wrong: str) -> None:
    values = {"EMS_TLS_CA": partner.authority, "EMS_TLS_CERTIFICATE": partner.certificate, "EMS_TLS_KEY": partner.key}
    if wrong == "no such file":
        values["EMS_TLS_CA"] = tmp_path / "missing.pem"
    elif wrong == "no certificate":
        (tmp_path / "x.pem").write_text("x")
        values["EMS_TLS_CERTIFICATE"] = tmp_path / "x.pem"
    elif wrong == "another key":
        values["EMS_TLS_KEY"] = kept(tmp_path, *_one_of("stranger"))[1]
    else:
        del values["EMS_TLS_CERTIFICATE"]
    chosen(**values)
    with pytest.raises(SettingsError, match="EMS_TLS"):
        trusts()


def _one_of(name: str) -> tuple[list, object]:  # type: ignore[type-arg]
    certificate, key = issued(name)
    return [certificate], key
