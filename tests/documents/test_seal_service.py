"""A service that keeps the key of the seal: a hash goes out, the signature comes in, an outage lets papers wait."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from app.base import contract
from app.base.sealkeys import seal_key
from app.base.sealservice import HASHES
from app.documents.sealing import SealUnavailable, seal, sign
from app.documents.sealing.contract import CONTRACT
from app.documents.sealing.queries import seal_found
from config import SettingsError, settings_from
from tests.documents.authority import PEM, chained
from tests.documents.samples import render_agreement, snapshot

TOKEN = "password-of-the-service"
Answering = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class Service:
    """The stand-in, over HTTP."""

    def __init__(self, key: Any, folder: Path, certificates: list[Any]) -> None:
        self.key, self.asked, self.answers = key, list[dict[str, Any]](), self.signed
        self.fingerprint = certificates[0].fingerprint(SHA256()).hex()
        self.file = folder / "certificate.pem"
        self.file.write_bytes(b"".join(one.public_bytes(PEM) for one in certificates))
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                known = self.path in service.paths() and self.headers["Authorization"] == f"Bearer {TOKEN}"
                status, told = service.answers(body) if known else (401, {})
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_given: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def paths(self) -> set[str]:
        """Where it answers."""
        return {"/signatures"}

    def signed(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As the contract says."""
        if asked["certificate"] != self.fingerprint:
            return 404, {}
        self.asked.append(asked)
        return 200, self.made_of(bytes.fromhex(asked["digest"]), asked["digest_algorithm"])

    def made_of(self, hashed: bytes, digest: str) -> dict[str, Any]:
        """What it answers of a hash."""
        algorithm = Prehashed(HASHES[digest])
        if isinstance(self.key, rsa.RSAPrivateKey):
            value = self.key.sign(hashed, padding.PKCS1v15(), algorithm)
        else:
            value = self.key.sign(hashed, ec.ECDSA(algorithm))
        return {"signature": base64.b64encode(value).decode()}


@pytest.fixture(params=["rsa", "ecdsa"])
def service(request: Any, tmp_path: Path, change_settings: Callable[..., None]) -> Iterator[Service]:
    """The platform seals by a service."""
    made = {"key": ec.generate_private_key(ec.SECP256R1())} if request.param == "ecdsa" else {}
    certificates, key = chained(**made)
    found = Service(key, tmp_path, certificates)
    change_settings(seal=(found.file, found.file), seal_service=(found.url, TOKEN))
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_what_it_signs_bears_our_seal_and_nothing_but_a_hash_leaves(service: Service) -> None:
    sealed = seal(render_agreement(snapshot()))
    found = seal_found(sealed)
    assert found is not None
    assert found.whole
    (asked,) = service.asked
    assert set(asked) == {"certificate", "digest_algorithm", "digest"}
    key = seal_key()
    assert key is not None
    assert asked["certificate"] == key.fingerprint
    assert sign(b"heads") is not None
    middle = len(sealed) // 2
    assert seal_found(sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]) is None


def test_papers_wait_while_it_does_not_sign(service: Service) -> None:
    paper = render_agreement(snapshot())
    foreign: Answering = lambda asked: (200, {"signature": base64.b64encode(b"x" * 256).decode()})  # noqa: E731
    for answers in (lambda asked: (503, {}), lambda asked: (403, {}), lambda asked: (200, {}), foreign):
        service.answers = answers
        with pytest.raises(SealUnavailable):
            seal(paper)
        with pytest.raises(SealUnavailable):
            sign(b"heads")


def test_the_contract_is_asked_from_outside(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [service.url, "--token", TOKEN, "--certificate", str(service.file)]
    assert contract.main(CONTRACT, arguments) == 0, capsys.readouterr().out
    service.answers = lambda asked: (200, {"signature": base64.b64encode(b"x").decode()})
    assert contract.main(CONTRACT, arguments) == 1
    assert "does not fit" in capsys.readouterr().out
    assert contract.main(CONTRACT, ["http://127.0.0.1:1", *arguments[1:]]) == 2


@pytest.mark.parametrize(
    "env",
    [
        {"SEAL_SERVICE_URL": "ftp://x", "SEAL_SERVICE_TOKEN": "x"},
        {"SEAL_SERVICE_URL": "http://x"},
        {"SEAL_SERVICE_URL": "http://x", "SEAL_SERVICE_TOKEN": "x", "SEAL_KEY": "README.md"},
        {"SEAL_SERVICE_URL": "http://x", "SEAL_SERVICE_TOKEN": "x", "SEAL_CERTIFICATE": ""},
    ],
)
def test_half_a_service_is_refused_at_the_start(env: dict[str, str], environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SEAL_SERVICE"):
        settings_from({**environment, "SEAL_CERTIFICATE": "pyproject.toml", "SEAL_KEY": "", **env})
