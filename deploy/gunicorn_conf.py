"""gunicorn's settings: processes forked from one loaded program, each with a few threads behind a waiting room."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from typing import Any

from app.base import logs
from app.base.processes import die_with_parent

# Where each process counts its answers for /metrics: asked for when the program is loaded, gone with the server. Only
# gunicorn itself, which calls this file so, has processes that count.
_counted = tempfile.mkdtemp(prefix="agreements-figures-") if __name__ == "__config__" else ""
if _counted:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counted

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
# A request gets a thread when all of it has come, and nothing in a request waits for another process.
worker_class = "deploy.patience.PatientWorker"
workers = int(os.environ.get("WEB_WORKERS", "4"))
threads = 8  # each may need two connections of the pool in config.py
worker_connections = 1000  # of a process, most of them idle
keepalive = 15
sendfile = False  # it knows no limit of time
preload_app = True
timeout = 90
graceful_timeout = 30
logconfig_dict = logs.configuration(os.environ)  # a line for each request is written by app.web.requestids
errorlog = None  # it goes where all the rest goes
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108


def on_starting(server: Any) -> None:
    """What every process needs is made before the first fork; as it stays, nobody looks through it for what can go."""
    from app.web.templates import compile_all

    compile_all(server.app.wsgi())
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """No connection crosses a fork, and no process outlives the server."""
    from app.base.database import db

    die_with_parent()
    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)


def worker_exit(server: Any, worker: Any) -> None:
    """Leave at once: taking a large program apart object by object takes longer than the rest of the stop."""
    os._exit(0)


def on_exit(server: Any) -> None:
    """The figures end with who has counted them."""
    shutil.rmtree(_counted, ignore_errors=True)
