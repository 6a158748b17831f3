"""Folders, secrets, ports and socket paths of one trial; everything lies in VAR_DIR."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

# sockaddr_un.sun_path holds 108 bytes, the last one is a NUL.
SOCKET_PATH_LIMIT = 107
# In VAR_DIR while records of the last weeks are still to be added: they come while the site is up already.
LIFE_PENDING = "life-pending"


class TrialError(RuntimeError):
    """The trial cannot start or go on; the message is one line for the person at the console."""


def private_folder(path: Path) -> Path:
    """Make `path` a folder that only its owner can enter, and return it absolute; raises TrialError where it cannot be."""
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise TrialError(
            f"{path} cannot be a folder ({error.strerror}); set VAR_DIR to one that may be written."
        ) from None
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise TrialError(f"{path} may not be written; set VAR_DIR to a folder that may.")
    return path


def is_short(folder: Path, socket_name: str) -> bool:
    """Say whether a unix socket of this name in `folder` has a path the system accepts."""
    return len(os.fsencode(folder / socket_name)) <= SOCKET_PATH_LIMIT


def short_folder(folder: Path, socket_name: str) -> Path:
    """Return a path to `folder` that is short enough for a unix socket in it.

    A folder that lies too deep gets a symbolic link in a private folder of the system's temporary
    folder. The link is remembered beside the folder, so the next start uses it again.
    """
    if is_short(folder, socket_name):
        return folder
    memory = folder.with_name(folder.name + ".short")
    if memory.exists():
        known = Path(memory.read_text(encoding="utf-8"))
        if _is_own_link(known, folder):
            return known
    link = Path(tempfile.mkdtemp(prefix="trial-", dir=_short_temporary_folder(socket_name))) / "s"
    link.symlink_to(folder)
    memory.write_text(str(link), encoding="utf-8")
    return link


def forget_short_folder(folder: Path) -> None:
    """Remove the short link to `folder`, if one was made."""
    memory = folder.with_name(folder.name + ".short")
    if not memory.exists():
        return
    link = Path(memory.read_text(encoding="utf-8"))
    if _is_own_link(link, folder):
        link.unlink()
        with contextlib.suppress(OSError):
            link.parent.rmdir()
    memory.unlink()


def _is_own_link(link: Path, folder: Path) -> bool:
    """A link that someone else could have put there is not followed."""
    try:
        mine = link.parent.lstat().st_uid == os.geteuid() and link.is_symlink()
        return mine and Path(os.readlink(link)) == folder
    except OSError:
        return False


def _short_temporary_folder(socket_name: str) -> str:
    """The system's temporary folder, or /tmp when that one is itself too deep."""
    usual = tempfile.gettempdir()
    return usual if is_short(Path(usual) / "trial-12345678" / "s", socket_name) else "/tmp"  # noqa: S108


def free_port(preferred: int | None = None) -> int:
    """Return a TCP port nobody listens on at 127.0.0.1; `preferred` if it is free."""
    for port in [preferred, 0] if preferred else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port or 0))
                return int(probe.getsockname()[1])
    raise TrialError("No free TCP port on 127.0.0.1.")


def kept(folder: Path, name: str, make: str = "token") -> str:
    """Return the secret `name`, made once and kept readable by its owner alone.

    `make` is "token" (48 random bytes, url-safe text) or "key" (32 random bytes, base64).
    """
    path = private_folder(folder) / name
    if not path.exists():
        value = secrets.token_urlsafe(48) if make == "token" else base64.b64encode(os.urandom(32)).decode()
        # Written under another name first: an interrupted start must not leave half a secret.
        draft = path.with_name(f".{name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write(value)
        draft.replace(path)
    return path.read_text(encoding="ascii").strip()


@contextlib.contextmanager
def only_copy(var_dir: Path) -> Iterator[None]:
    """Hold the folder for this process; a second copy on the same folder is refused."""
    with (var_dir / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TrialError(f"Another copy is already running on {var_dir}; set VAR_DIR.") from error
        yield
