"""Where the bytes of files lie: outside the web root, under their own digest, sealed, written whole or not at all.

What is kept by name (the sealed heads of the histories) lies in clear: it names nobody and is there to be carried away.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from app.base import datakeys
from app.base.settings import once
from app.base.wholefiles import written_whole
from app.documents import sealedfiles
from config import Settings

_IN_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


class Storage(Protocol):
    """A place for bytes; `key` is the hexadecimal SHA-256 of the content, so equal content lies there once."""

    def put(self, content: bytes) -> str:
        """Keep the content for good and return its key; harmless when repeated, and says that it is still wanted."""
        ...

    def discard(self, key: str, before: datetime) -> bool:
        """Let go of it for ever, unless somebody put it since then; False, and nothing changes, otherwise."""
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

    def digests(self, first: str = "") -> Iterator[str]:
        """The keys of all that is kept under its digest, or of what begins with these two digits."""
        ...

    def sealed_by(self, key: str) -> bytes | None:
        """The id of the data key that sealed it; None: it lies in clear. Raises FileNotFoundError."""
        ...

    def seal_anew(self, key: str) -> bool:
        """Seal it by the newest data key, in one step that is done or not; False where it is already.

        Raises FileNotFoundError, FileTampered, UnknownKey; then nothing is changed.
        """
        ...


class LocalStorage:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Write to a temporary file beside the target, force it to the disk, then give it its name."""
        key = hashlib.sha256(content).hexdigest()
        try:
            os.utime(self._path(key))
        except FileNotFoundError:
            self._write(self._path(key), sealedfiles.sealed(io.BytesIO(content), key))
        return key

    def discard(self, key: str, before: datetime) -> bool:
        """Its name goes first: who puts it at this moment writes it anew, or is seen by its time and gets it back."""
        path, gone = self._path(key), self._path(key).with_name(f".gone-{key}")
        try:
            if path.stat().st_mtime >= before.timestamp():
                return False
            path.rename(gone)
        except FileNotFoundError:
            return False
        if gone.stat().st_mtime >= before.timestamp():
            gone.rename(path)
            return False
        gone.unlink()
        return True

    def open(self, key: str) -> BinaryIO:
        """The file, read only."""
        return sealedfiles.opened(self._path(key).open("rb"), key)

    def digests(self, first: str = "") -> Iterator[str]:
        """Folder by folder."""
        for folder in sorted(self.folder.glob(first or "[0-9a-f][0-9a-f]")):
            yield from sorted(one.name for one in folder.iterdir() if is_key(one.name))

    def sealed_by(self, key: str) -> bytes | None:
        """What its head says."""
        with self._path(key).open("rb") as file:
            return sealedfiles.key_of(file.read(sealedfiles.HEAD_LENGTH))

    def seal_anew(self, key: str) -> bool:
        """The new file takes the name of the old one."""
        if self.sealed_by(key) == datakeys.newest().id:
            return False
        with self.open(key) as content:
            self._write(self._path(key), sealedfiles.sealed(sealedfiles.Genuine(content, key), key))
        return True

    def put_named(self, name: str, content: bytes) -> bool:
        """Beside the folders of the digests; files of one name are never written over."""
        target = self.folder / checked_name(name)
        if target.exists():
            return False
        self._write(target, [content])
        return True

    def open_named(self, name: str) -> BinaryIO:
        """The file, read only."""
        return (self.folder / checked_name(name)).open("rb")

    def names(self, folder: str) -> list[str]:
        """What lies in the folder, in order; what is still being written is no file yet."""
        place = self.folder / checked_name(folder)
        found = place.iterdir() if place.is_dir() else ()
        return sorted(f"{folder}/{one.name}" for one in found if not one.name.startswith("."))

    def _write(self, target: Path, pieces: Iterable[bytes]) -> None:
        with written_whole(target) as file:
            file.writelines(pieces)

    def _path(self, key: str) -> Path:
        return self.folder / checked_key(key)[:2] / key


def checked_name(name: str) -> str:
    """The name, if it stays inside the store and is no digest; raises FileNotFoundError."""
    if not all(part and part.strip(".") and set(part) <= _IN_A_NAME for part in name.split("/")) or len(name) < 4:
        raise FileNotFoundError(name)
    return name


def checked_key(key: str) -> str:
    """The key, if it is one; raises FileNotFoundError: nothing else can be there."""
    if not is_key(key):
        raise FileNotFoundError(key)
    return key


def is_key(name: str) -> bool:
    """Whether something can be kept under this digest."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


@once
def storage(settings: Settings) -> Storage:
    """Where this installation keeps files: a bucket if one is configured, else VAR_DIR/files."""
    if settings.s3:
        from app.documents.s3 import S3Storage  # builds on this module

        return S3Storage(**settings.s3)
    return LocalStorage(settings.var_dir / "files")
