"""Known weaknesses of the pinned libraries, asked of the OSV database in one call; without it, says so and goes on.

usage: scripts/audit.py REQUIREMENTS… (OSV_URL names another copy of the database)
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

URL = "https://api.osv.dev/v1/querybatch"
SECONDS = 10
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)", re.MULTILINE)


def pinned(files: list[str]) -> list[tuple[str, str]]:
    """Names and versions in the files, each once."""
    texts = (Path(file).read_text(encoding="utf-8") for file in files)
    return sorted({(name.lower(), version) for text in texts for name, version in _PINNED.findall(text)})


def weaknesses(libraries: list[tuple[str, str]], url: str) -> dict[str, list[str]]:
    """The numbers of what is known of each library; raises OSError or ValueError where nobody can be asked."""
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in libraries]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        results = json.load(answer)["results"]
    if len(results) != len(libraries):
        raise ValueError("the database answered for other libraries")
    found = {f"{name} {version}": one.get("vulns", []) for (name, version), one in zip(libraries, results, strict=True)}
    return {library: [one["id"] for one in known] for library, known in found.items() if known}


def main(files: list[str]) -> int:
    """Print what is known; 1 where there is something."""
    libraries = pinned(files)
    try:
        found = weaknesses(libraries, os.environ.get("OSV_URL", URL))
    except (OSError, ValueError, KeyError) as error:
        print(f"{len(libraries)} libraries not looked up: the list of known weaknesses cannot be reached ({error})")
        return 0
    for library, numbers in found.items():
        print(f"{library}: {', '.join(numbers)}")
    print(f"{len(libraries)} libraries looked up, {len(found)} with known weaknesses")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
