"""What people upload and does not fit into memory lies enciphered in a file without a name until it was looked into."""

from __future__ import annotations

import io
import os
import tempfile
from typing import IO, Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Flask

from app.web.platform import PageRequest

_IN_MEMORY: Final = 512 * 1024  # bytes of one file
_BLOCK: Final = 16


class Veiled(io.RawIOBase):
    """A temporary file whose key is only in memory: written once from the beginning to the end, read anywhere."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close()
        self._key, self._place = os.urandom(32), 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        taken = self._file.write(self._turned(bytes(content))) or 0
        self._place += taken
        return taken

    def readinto(self, buffer: Any) -> int:
        content = self._turned(self._file.read(len(buffer)) or b"")
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = self._file.seek(offset, whence)
        return self._place

    def tell(self) -> int:
        return self._place

    def close(self) -> None:
        self._file.close()
        super().close()

    def _turned(self, content: bytes) -> bytes:
        counter = (self._place // _BLOCK).to_bytes(_BLOCK, "big")
        stream = Cipher(algorithms.AES256(self._key), modes.CTR(counter)).encryptor()
        stream.update(bytes(self._place % _BLOCK))
        return stream.update(content)


class VeilingRequest(PageRequest):
    """A request whose larger files are veiled while it lasts."""

    def _get_file_stream(self, total_content_length: int | None, *_kind: Any, **_names: Any) -> IO[bytes]:
        if total_content_length is not None and total_content_length <= _IN_MEMORY:
            return io.BytesIO()
        return io.BufferedRandom(Veiled())


def register(app: Flask) -> None:
    """Every request from now on."""
    app.request_class = VeilingRequest
