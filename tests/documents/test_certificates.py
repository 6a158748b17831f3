"""By which certificates papers are sealed: for everybody to compare, and for operators which sealed what."""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import session
from app.base.sealkeys import seal_key
from app.documents.queries import document_of
from tests.fixtures.statements import counted
from tests.notices.browser import logged_in
from tests.signing.stage import Stage


def test_certificate_in_use_is_shown_to_everybody(app: Flask, client: FlaskClient, database: str) -> None:
    with app.app_context():
        key = seal_key()
    assert key is not None
    assert 'href="/verify/certificates"' in client.get("/verify").text
    page = client.get("/verify/certificates").text
    for words in (key.fingerprint, f"{key.certificate.serial_number:x}", "正在使用"):
        assert words in page
    answer = client.get(f"/verify/certificates/{key.fingerprint}.pem")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert x509.load_pem_x509_certificate(answer.data).fingerprint(SHA256()).hex() == key.fingerprint
    assert "PRIVATE" not in answer.text
    assert client.get(f"/verify/certificates/{'0' * 64}.pem").status_code == 404


def test_operators_see_which_certificate_sealed_which_paper(
    fresh_database: str, app: Flask, drain: Callable[..., int]
) -> None:
    with app.app_context():
        case_id = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed").id
        session.remove()
    drain()
    with app.app_context():
        file, key = document_of("online_signing", case_id), seal_key()
        assert file is not None
        assert key is not None
        assert file.sealed_by == key.fingerprint
        name = file.name
        session.remove()
    operator = logged_in(app, "operator")
    page = operator.get("/staff/sealed/list/").text
    assert name in page
    assert key.certificate.subject.rfc4514_string() in page
    assert name in operator.get(f"/staff/sealed/list/?_flt_0_sealed_by={key.fingerprint}").text
    with counted(app) as seen:
        operator.get("/staff/sealed/list/")
    assert len(seen) <= 4 + 6, seen  # four of them are the authentication
    for who in ("province11", "school10001"):
        assert logged_in(app, who).get("/staff/sealed/list/").status_code in (302, 403)
