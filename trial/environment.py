"""The environment of a running trial, for a command beside it: python -m trial.environment flask demo accounts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from trial.places import TrialError, only_copy
from trial.settings import ROOT, var_dir_from

_NAME = "environment.json"


def keep_environment(var_dir: Path, settings: Mapping[str, str]) -> None:
    """Write down what the parts are told, where their keys lie anyway: for the owner's eyes alone."""
    kept = var_dir / f"{_NAME}.new"
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(dict(settings)), encoding="utf-8")
    kept.replace(var_dir / _NAME)


def environment_of(var_dir: Path) -> dict[str, str]:
    """What the parts of the trial on this folder were told; raises TrialError where none runs there."""
    try:
        told = json.loads((var_dir / _NAME).read_text(encoding="utf-8"))
        with only_copy(var_dir):
            told = None  # nobody holds the folder
    except OSError:
        told = None
    except TrialError:
        return {**told, "FLASK_APP": "app:create_app"}
    raise TrialError(f"No trial runs on {var_dir}; start it with `make run` (the same VAR_DIR), then call again.")


def main(command: list[str]) -> NoReturn:
    """Run the command in place of this process; ends with 1 where it cannot be."""
    try:
        told = environment_of(var_dir_from(os.environ))
    except TrialError as error:
        sys.exit(f"无法执行 Cannot run: {error}")
    os.chdir(ROOT)
    here = f"{Path(sys.executable).parent}{os.pathsep}{told.get('PATH', os.defpath)}"
    os.execvpe(command[0], command, {**told, "PATH": here})  # noqa: S606 - the caller's own words


if __name__ == "__main__":
    main(sys.argv[1:] or ["flask", "--help"])
