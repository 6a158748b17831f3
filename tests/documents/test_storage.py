"""Bytes are kept whole or not at all, under their own digest."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.documents.orphans import naming_columns
from app.documents.storage import LocalStorage


def test_content_comes_back_under_its_digest(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "files")
    key = storage.put(b"agreement")
    assert key == hashlib.sha256(b"agreement").hexdigest()
    with storage.open(key) as file:
        assert file.read() == b"agreement"


def test_repetition_keeps_one_file(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    assert storage.put(b"same") == storage.put(b"same")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError("disk full")

    storage = LocalStorage(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        storage.put(b"half")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "0" * 63, "/" + "0" * 63])
def test_only_digests_are_keys(tmp_path: Path, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        LocalStorage(tmp_path).open(key)


def test_files_are_not_readable_for_others(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    path = next(
        path for path in (storage.put(b"private"), *tmp_path.rglob("*")) if isinstance(path, Path) and path.is_file()
    )
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_put_again_is_not_let_go_of(tmp_path: Path) -> None:
    storage, later = LocalStorage(tmp_path), datetime.now(UTC) + timedelta(seconds=5)
    key = storage.put(b"wanted")
    path = tmp_path / key[:2] / key
    os.utime(path, (1, 1))
    storage.put(b"wanted")
    assert not storage.discard(key, datetime.now(UTC) - timedelta(hours=1))
    assert storage.discard(key, later)
    assert not storage.discard(key, later)
    with pytest.raises(FileNotFoundError):
        storage.open(key)
    storage.put(b"wanted")
    assert storage.open(key).read() == b"wanted"


def test_every_row_that_needs_a_file_says_so_by_the_type_of_its_column(app: object) -> None:
    """What no such column names goes after a week, so whoever keeps a digest of the store keeps it in one."""
    assert {f"{column.table.name}.{column.name}" for column in naming_columns()} == {
        "stored_files.sha256",
        "scan_sheets.shown",
    }
