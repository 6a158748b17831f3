"""The settings of `deploy`, with the hooks that another program than ours needs."""

from __future__ import annotations

import gc
from typing import Any

from app.base.processes import die_with_parent
from deploy.gunicorn_conf import *  # noqa: F403


def on_starting(server: Any) -> None:
    """As ours does it."""
    server.app.wsgi()
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """No process outlives the server; Django has opened no connection yet."""
    die_with_parent()
