"""The seal of agreements: made once complete, and any changed byte is found (R9.4)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader, PdfWriter

from app.base.settings import settings
from app.documents import handlers
from app.documents.queries import document_of
from app.documents.sealing import seal
from app.documents.services import read_file
from app.signing.online.models import OnlineSigning
from config import SettingsError, settings_from
from tests.documents.pdf import is_sealed_by
from tests.documents.samples import render_agreement, snapshot
from tests.documents.test_documents import order_of, signed, stage  # noqa: F401 - fixtures
from trial.seal import own_certificate


def is_sealed_by_us(pdf: bytes) -> bool:
    pair = settings().seal
    return pair is not None and is_sealed_by(pair[0], pdf)


@pytest.fixture
def certified(tmp_path: Path, change_settings: Callable[..., None]) -> Path:
    """A seal of its own for one test."""
    change_settings(seal=own_certificate(tmp_path / "seal"))
    return tmp_path / "seal"


def test_agreement_of_the_worker_is_sealed(signed: OnlineSigning, application: Flask) -> None:  # noqa: F811
    handlers.make_document(order_of(signed))
    file = document_of("online_signing", signed.id)
    assert file is not None
    content = read_file(file)
    assert is_sealed_by_us(content)
    assert signed.number in PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_changed_byte_and_added_page_are_found(certified: Path) -> None:
    sealed = seal(render_agreement(snapshot()))
    assert is_sealed_by_us(sealed)
    middle = len(sealed) // 2
    assert not is_sealed_by_us(sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :])
    writer = PdfWriter(io.BytesIO(sealed), incremental=True)
    writer.add_blank_page(200, 200)
    grown = io.BytesIO()
    writer.write(grown)
    assert not is_sealed_by_us(grown.getvalue())


def test_seal_of_another_house_is_not_ours(
    certified: Path, tmp_path: Path, change_settings: Callable[..., None]
) -> None:
    sealed = seal(render_agreement(snapshot()))
    change_settings(seal=own_certificate(tmp_path / "other"))
    assert not is_sealed_by_us(sealed)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"not a paper"])
def test_what_is_no_sealed_paper_is_no_error(certified: Path, content: bytes) -> None:
    assert not is_sealed_by_us(content)
    assert not is_sealed_by_us(render_agreement(snapshot()))


def test_without_certificate_the_paper_stays_as_it_is(change_settings: Callable[..., None]) -> None:
    change_settings(seal=None)
    pdf = render_agreement(snapshot())
    assert seal(pdf) == pdf


def test_half_a_seal_is_refused_at_the_start(tmp_path: Path, environment: dict[str, str]) -> None:
    certificate, _key = own_certificate(tmp_path / "seal")
    with pytest.raises(SettingsError, match="SEAL_KEY"):
        settings_from({**environment, "SEAL_CERTIFICATE": str(certificate)})
