"""Files in an S3-compatible store: the same promises as a folder, against a real server on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
import time_machine
from moto.server import ThreadedMotoServer

from app.documents.errors import StorageUnavailable
from app.documents.s3 import S3Storage
from app.documents.storage import LocalStorage, storage
from config import SettingsError, settings_from
from trial.places import free_port

BUCKET = "agreements"
TRIAL = {"APP_ENV": "test", "DATABASE_URL": "postgresql://nobody@localhost/none"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A running S3 server with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    options = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **options).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


@pytest.fixture
def store(endpoint: str) -> S3Storage:
    """The store of the program in that bucket."""
    return S3Storage(endpoint, BUCKET, "k", "s")


def test_content_comes_back_under_its_digest(store: S3Storage) -> None:
    content = bytes(range(256)) * 5000
    key = store.put(content)
    assert key == hashlib.sha256(content).hexdigest()
    assert store.open(key).read() == content


def test_repetition_keeps_one_object(store: S3Storage, endpoint: str) -> None:
    assert store.put(b"same") == store.put(b"same")
    client = store._client()
    names = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert names.count(f"{store.put(b'same')[:2]}/{store.put(b'same')}") == 1


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "0" * 64])
def test_what_is_not_there_is_a_missing_file(store: S3Storage, key: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(key)


def test_a_missing_bucket_or_server_is_told_as_unavailable(endpoint: str) -> None:
    with pytest.raises(StorageUnavailable):
        S3Storage(endpoint, "nowhere", "k", "s").put(b"x")
    away = S3Storage(f"http://127.0.0.1:{free_port()}", BUCKET, "k", "s")
    with pytest.raises(StorageUnavailable):
        away.put(b"x")


def test_an_object_of_a_version_before_is_read_and_sealed_once(store: S3Storage) -> None:
    content = b"%PDF in clear" * 10_000
    key = hashlib.sha256(content).hexdigest()
    store._client().put_object(Bucket=BUCKET, Key=f"{key[:2]}/{key}", Body=content)
    assert store.open(key).read() == content
    assert key in list(store.digests())
    assert store.sealed_by(key) is None
    assert store.seal_anew(key)
    assert store.open(key).read() == content
    kept = store._client().get_object(Bucket=BUCKET, Key=f"{key[:2]}/{key}")["Body"].read()
    assert b"%PDF" not in kept
    assert not store.seal_anew(key)


def test_the_settings_choose_the_store(endpoint: str, change_settings: Callable[..., None]) -> None:
    s3 = {"S3_ENDPOINT": endpoint, "S3_BUCKET": BUCKET, "S3_KEY": "k", "S3_SECRET": "s"}
    change_settings(s3=settings_from({**TRIAL, **s3}).s3)
    chosen = storage()
    assert isinstance(chosen, S3Storage)
    assert chosen.open(chosen.put(b"chosen")).read() == b"chosen"
    change_settings(s3=settings_from(TRIAL).s3)
    assert isinstance(storage(), LocalStorage)
    for name in s3:
        with pytest.raises(SettingsError, match=name):
            settings_from({**TRIAL, **s3, name: ""})


def test_what_is_put_again_is_not_let_go_of(store: S3Storage) -> None:
    """After a day it is written again, which is the only sign of use that an object has."""
    key = store.put(b"wanted")
    soon, late = datetime.now(UTC) + timedelta(seconds=5), datetime.now(UTC) - timedelta(hours=1)
    assert not store.discard(key, late)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        store.put(b"wanted")
        assert not store.discard(key, soon)
        assert store.discard(key, datetime.now(UTC) + timedelta(days=1))
    assert not store.discard(key, soon)
    assert key not in set(store.digests(key[:2]))
