"""Files in an S3-compatible store instead of a folder: chosen by the settings S3_ENDPOINT, S3_BUCKET, S3_KEY, S3_SECRET."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

from app.base import datakeys
from app.base.breaker import Breaker
from app.documents import sealedfiles
from app.documents.errors import StorageUnavailable
from app.documents.storage import checked_key, checked_name, is_key

_CONNECT, _READ, _TRIES = 3, 20, 3  # seconds, seconds, times
# An object has no time of its last use: what is put again after so long is written again, which says that it is wanted.
_WANTED_FOR = timedelta(days=1)


class S3Storage:
    """A bucket; the object's name is the digest of its content, as in a folder."""

    def __init__(self, endpoint: str, bucket: str, key: str, secret: str, region: str = "us-east-1") -> None:
        self.bucket = bucket
        self._options = {
            "endpoint_url": endpoint,
            "aws_access_key_id": key,
            "aws_secret_access_key": secret,
            "region_name": region,
        }
        self._clients: dict[int, Any] = {}
        self._breaker = Breaker()

    def put(self, content: bytes) -> str:
        """Keep the content unless it is there already; S3 shows an object whole or not at all."""
        key = hashlib.sha256(content).hexdigest()
        self._keep(_name(key), lambda: b"".join(sealedfiles.sealed(io.BytesIO(content), key)), again=_WANTED_FOR)
        return key

    def discard(self, key: str, before: datetime) -> bool:
        """What was put again in the meantime was written anew, and is younger than `before`."""
        with self._watched():
            written = self._written(_name(checked_key(key)))
            if written is None or written >= before:
                return False
            self._client().delete_object(Bucket=self.bucket, Key=_name(key))
            return True

    def open(self, key: str) -> BinaryIO:
        """The content; raises FileNotFoundError, StorageUnavailable."""
        return sealedfiles.opened(self._read(_name(checked_key(key))), key)

    def digests(self, first: str = "") -> Iterator[str]:
        """Page by page."""
        for page in self._pages(f"{first}/" if first else ""):
            yield from (key for one in page if is_key(key := one.rpartition("/")[2]) and one == _name(key))

    def sealed_by(self, key: str) -> bytes | None:
        """Only its head is asked for."""
        head = self._read(_name(checked_key(key)), Range=f"bytes=0-{sealedfiles.HEAD_LENGTH - 1}")
        return sealedfiles.key_of(head.read())

    def seal_anew(self, key: str) -> bool:
        """The store shows the old object or the new one, never a half."""
        if self.sealed_by(key) == datakeys.newest().id:
            return False
        with self.open(key) as content:
            anew = b"".join(sealedfiles.sealed(sealedfiles.Genuine(content, key), key))
        with self._watched():
            self._write(_name(key), anew)
        return True

    def put_named(self, name: str, content: bytes) -> bool:
        """Beside the digests; objects of one name are never written over."""
        return self._keep(checked_name(name), lambda: content)

    def open_named(self, name: str) -> BinaryIO:
        """The content; raises FileNotFoundError, StorageUnavailable."""
        return self._read(checked_name(name))

    def names(self, folder: str) -> list[str]:
        """All objects below the folder's name, in order."""
        return sorted(name for page in self._pages(f"{checked_name(folder)}/") for name in page)

    def _pages(self, prefix: str) -> Iterator[list[str]]:
        with self._watched():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                yield [one["Key"] for one in page.get("Contents", ())]

    def _keep(self, name: str, content: Callable[[], bytes], again: timedelta = timedelta.max) -> bool:
        with self._watched():
            written = self._written(name)
            if written is not None and datetime.now(UTC) - written < again:
                return False
            self._write(name, content())
            return True

    def _write(self, name: str, content: bytes) -> None:
        kind = "application/octet-stream"
        self._client().put_object(Bucket=self.bucket, Key=name, Body=content, ContentType=kind)

    def _read(self, name: str, **options: str) -> BinaryIO:
        with self._watched():
            answer = self._client().get_object(Bucket=self.bucket, Key=name, **options)
            return io.BytesIO(answer["Body"].read())

    def _written(self, name: str) -> datetime | None:
        try:
            with _errors_told():
                head = self._client().head_object(Bucket=self.bucket, Key=name)
        except FileNotFoundError:
            return None
        return cast(datetime, head["LastModified"])

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """After some failures in a row nobody waits for the store for a while."""
        if not self._breaker.lets_pass():
            raise StorageUnavailable("not tried: the store did not answer a moment ago")
        try:
            with _errors_told():
                yield
        except StorageUnavailable:
            self._breaker.failed()
            raise
        except FileNotFoundError:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()

    def _client(self) -> Any:
        # One for each process: a worker's fork must not share its parent's connections.
        if os.getpid() not in self._clients:
            import boto3  # only where it is used: loading it takes longer than anything else of the room
            from botocore.config import Config

            config = Config(
                connect_timeout=_CONNECT,
                read_timeout=_READ,
                retries={"max_attempts": _TRIES, "mode": "standard"},
                # Stores other than Amazon's do not know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            )
            session = boto3.session.Session()
            self._clients = {os.getpid(): session.client("s3", config=config, **self._options)}
        return self._clients[os.getpid()]


@contextmanager
def _errors_told() -> Iterator[None]:
    """The library's errors as FileNotFoundError and StorageUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404", "NotFound"):
            raise FileNotFoundError(str(error)) from error
        raise StorageUnavailable(str(error)) from error
    except BotoCoreError as error:
        raise StorageUnavailable(str(error)) from error


def _name(key: str) -> str:
    return f"{key[:2]}/{key}"
