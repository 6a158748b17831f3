"""Serves the trial: web, workers, clock, embedded PostgreSQL and Valkey, and the stand-ins of outside systems."""

from __future__ import annotations

import os
import sys

from app.base.processes import die_with_parent
from trial.places import TrialError
from trial.supervisor import Trial


def main() -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    if "MAKELEVEL" in os.environ:
        die_with_parent()  # a `make run` that is killed must not leave us behind
    try:
        Trial(os.environ).serve()
    except TrialError as error:
        print(f"无法启动 Cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
