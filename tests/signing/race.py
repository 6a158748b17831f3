"""Lets people press at the same moment: each in a thread with an application context of its own, as in a server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.base.database import session
from app.base.errors import AppError

Press = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    """What one press came to: what it returned, or the refusal."""

    value: Any = None
    refusal: AppError | None = None


def at_once(app: Flask, presses: Sequence[Press]) -> list[Result]:
    """Start all presses together; returns their results in order. Whatever is no refusal fails the test."""
    start = threading.Barrier(len(presses))
    results: list[Result | None] = [None] * len(presses)
    mistakes: list[BaseException] = []

    def press(place: int) -> None:
        with app.app_context():
            try:
                session.connection()  # everybody stands ready with an open connection
                session.rollback()
                start.wait(timeout=20)
                results[place] = Result(value=presses[place]())
            except AppError as refusal:
                results[place] = Result(refusal=refusal)
            except BaseException as mistake:
                mistakes.append(mistake)
            finally:
                session.remove()

    threads = [threading.Thread(target=press, args=(place,)) for place in range(len(presses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits: a deadlock"
    if mistakes:
        raise mistakes[0]
    return [result for result in results if result is not None]
