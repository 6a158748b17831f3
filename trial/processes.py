"""Child processes that never outlive their parent."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from app.base.processes import LIBC, die_with_parent
from trial.places import TrialError

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make this process the parent of grandchildren that lose theirs, so that it can end them."""
    if LIBC is not None:
        LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(own: Collection[int]) -> None:
    """Take note of adopted processes that have ended; those of `own` are waited for by who has started them."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and found.si_pid not in own:
            os.waitpid(found.si_pid, 0)


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return the account for programs that refuse to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres", "daemon"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            if account.pw_uid != 0:
                return account
    raise TrialError("PostgreSQL does not run as root and this system has no account named nobody.")


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of subprocess that make a child this user and drop every privilege of root."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def start(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    log: Path | None = None,
    user: pwd.struct_passwd | None = None,
    dies_by: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (Ctrl-C reaches only us); it gets `dies_by` when we die.

    `folder` is entered before the privileges are dropped, so it may lie below one that `user` cannot pass.
    """
    with open(log or os.devnull, "ab") as output:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            # Runs after the change of user, which would clear the request.
            preexec_fn=lambda: die_with_parent(dies_by),  # noqa: PLW1509
            **identity(user),
        )


def stop(processes: Sequence[subprocess.Popen[bytes]], how: int = signal.SIGTERM, seconds: float = 10) -> None:
    """End the processes together: `how` first, after `seconds` SIGKILL for their whole groups."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()


def stop_descendants() -> None:
    """Kill whatever still descends from this process (jobs in flight have their own groups)."""
    rest = psutil.Process().children(recursive=True)
    for process in rest:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(rest, timeout=5)


def wait_for_predecessor(pid_file: Path, folder: Path, how: int, seconds: float = 30) -> None:
    """Wait until the server that an earlier, killed copy left in `folder` has gone.

    A process number that belongs to something else by now is a stale file, which is removed: otherwise
    the server would refuse to start after a crash of the whole machine or container.
    """
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="ascii").split()[0]))
        if Path(process.cwd()).resolve() == folder.resolve():
            process.send_signal(how)
            process.wait(seconds)
    except psutil.TimeoutExpired as error:
        raise TrialError(f"An earlier copy still runs on {folder} (process {error.pid}).") from error
    except (OSError, ValueError, IndexError, psutil.Error):
        pass
    pid_file.unlink(missing_ok=True)


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log file, for a message that says why something died."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
