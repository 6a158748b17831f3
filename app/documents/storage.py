"""Where the bytes of files lie: outside the web root, under their own digest, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, Protocol

from app.base.settings import once
from config import Settings

_IN_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


class Storage(Protocol):
    """A place for bytes; `key` is the hexadecimal SHA-256 of the content, so equal content lies there once."""

    def put(self, content: bytes) -> str:
        """Keep the content for good and return its key; harmless when repeated."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The content for reading; raises FileNotFoundError."""
        ...

    def put_named(self, name: str, content: bytes) -> bool:
        """Keep the content under a name, once: False, and nothing changes, where there is something already."""
        ...

    def open_named(self, name: str) -> BinaryIO:
        """What is kept under the name; raises FileNotFoundError."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names of what was kept by name in this folder, in order."""
        ...


class LocalStorage:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Write to a temporary file beside the target, force it to the disk, then give it its name."""
        key = hashlib.sha256(content).hexdigest()
        self._write(self._path(key), content)
        return key

    def open(self, key: str) -> BinaryIO:
        """The file, read only."""
        return self._path(key).open("rb")

    def put_named(self, name: str, content: bytes) -> bool:
        """Beside the folders of the digests; files of one name are never written over."""
        return self._write(self.folder / checked_name(name), content)

    def open_named(self, name: str) -> BinaryIO:
        """The file, read only."""
        return (self.folder / checked_name(name)).open("rb")

    def names(self, folder: str) -> list[str]:
        """What lies in the folder, in order; what is still being written is no file yet."""
        place = self.folder / checked_name(folder)
        found = place.iterdir() if place.is_dir() else ()
        return sorted(f"{folder}/{one.name}" for one in found if not one.name.startswith("."))

    def _write(self, target: Path, content: bytes) -> bool:
        if target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
            _sync_folder(target.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        return True

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)[:2] / key


def checked_name(name: str) -> str:
    """The name, if it stays inside the store and is no digest; raises FileNotFoundError."""
    if not all(part and part.strip(".") and set(part) <= _IN_A_NAME for part in name.split("/")) or len(name) < 4:
        raise FileNotFoundError(name)
    return name


def checked_key(key: str) -> str:
    """The key, if it is one; raises FileNotFoundError: nothing else can be there."""
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise FileNotFoundError(key)
    return key


@once
def storage(settings: Settings) -> Storage:
    """Where this installation keeps files: a bucket if one is configured, else VAR_DIR/files."""
    if settings.s3:
        from app.documents.s3 import S3Storage  # builds on this module

        return S3Storage(**settings.s3)
    return LocalStorage(settings.var_dir / "files")


def _sync_folder(folder: Path) -> None:
    # The name of the file must survive a power cut as well as its content.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
