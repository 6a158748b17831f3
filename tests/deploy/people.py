"""People for a copy on servers of one's own, as the storm has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.faults.storm.place import Person
from tests.fixtures.trial import ROOT
from trial.places import LIFE_PENDING


def prepared(settings: dict[str, str], people: int) -> list[Person]:
    """Tables, demonstration and people, without the records of the last weeks."""
    env = {**os.environ, **settings}
    for command in ("trial.prepare", "tests.faults.storm.place"):
        words = [sys.executable, "-m", command, *([str(people)] if "storm" in command else [])]
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (Path(settings["VAR_DIR"]) / LIFE_PENDING).unlink(missing_ok=True)
    return [Person(**{**one, "reviewers": tuple(one["reviewers"])}) for one in json.loads(done.stdout.splitlines()[-1])]
