#!/usr/bin/env python3
"""Check an export of the histories without the platform: one file, Python's standard library only, no network.

    python verify_history.py EXPORT [--heads FILE]... [--certificate FILE] [--excerpt FILE]...

EXPORT is what `flask audit export` wrote. It holds no names: of each step it has what is public (which record, which
step, when, by which kind of account), a commitment to the rest, and the hash that links it to the step before.

Checked is: every link of every chain, with nothing between missing or added; every file of sealed heads that came with
the export, its signature and its link to the file before; that every chain still goes through each sealed end. What
you have kept yourself proves most: files of sealed heads that you downloaded earlier (--heads; they are published at
/api/v1/chain/heads), and the platform's certificate (--certificate; without it the certificate inside the files is
taken, and you compare its fingerprint with one that you trust). Steps after the last sealed end could still be cut
off without a trace in the export; their number is told. Steps from before there were commitments are held only by the
hashes that follow them; their number is told too.

The data beside an evidence report (an excerpt) can be checked alone: each of its steps is linked to the hash before it.
That nothing is missing between them shows when it is checked against an export (--excerpt).

Exit code 0: everything holds. 1: something does not, and it is told. 2: this is no export.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
RSA = bytes.fromhex("06092a864886f70d010101")  # the name of RSA keys in a certificate


def canonical(content):
    """The one way in which content is written before it is hashed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Checker:
    """What is known so far: where each chain stands, which ends were sealed, what is wrong."""

    def __init__(self, certificate):
        self.certificate = certificate
        self.problems = []
        self.ends = {}  # chain -> {number: [hash, day]}
        self.last = {}  # chain -> [number, hash]
        self.sealed = {}  # chain -> last number that is sealed
        self.chains = set()
        self.committed = {}  # chain -> from which step on all have commitments
        self.absent = set()  # chains of the sealed heads that were not exported
        self.steps = self.first = self.files = self.unsigned = 0
        self.before = None
        self.fingerprints = set()
        self.excerpts = {}  # chain and number -> hash and where it is told, until the export comes to it

    def problem(self, text):
        """Keep what is wrong; of thousands of the same kind the first hundred are told."""
        self.problems.append(text)

    # Sealed heads ---------------------------------------------------------------------------------------------------

    def heads(self, day, text, linked):
        """A file of sealed heads: its signature, its link to the one before, and the ends that it names."""
        outer = json.loads(text)
        statement = json.loads(outer["statement"])
        digest = hashlib.sha256(text.encode()).hexdigest()
        if linked:
            if self.before is not None and statement["previous"] != self.before:
                self.problem(f"heads of {day}: the file before it is missing or was changed")
            self.before = digest
        self.files += 1
        self._signature(day, outer)
        for chain, number, link in statement["heads"]:
            if number and (chain in self.chains or "audit" in self.chains):  # with the trail every chain was exported
                self._end(chain, number, link, statement["day"])
            elif number:
                self.absent.add(chain)
        for chain, number in statement.get("commitments", {}).items():
            self.committed[chain] = min(number, self.committed.get(chain, number))

    def _end(self, chain, number, link, day):
        known = self.ends.setdefault(chain, {})
        if known.get(number, [link])[0] != link:
            self.problem(f"{chain}: two files of heads name different ends at step {number} (heads of {day})")
        known[number] = [link, day]
        self.sealed[chain] = max(number, self.sealed.get(chain, 0))

    def _signature(self, day, outer):
        if "signature" not in outer:
            self.unsigned += 1
            return
        certificate = self.certificate or pem(outer["certificate"])
        self.fingerprints.add(hashlib.sha256(certificate).hexdigest())
        if not outer["algorithm"].startswith("RSA"):
            self.unsigned += 1
        elif not signed_by(certificate, base64.b64decode(outer["signature"]), outer["statement"].encode()):
            self.problem(f"heads of {day}: the signature does not hold")

    # Links ----------------------------------------------------------------------------------------------------------

    def step(self, line):
        """One step of a chain."""
        public = line["step"]
        chain = f"history/{public['chain']}"
        self.steps += 1
        if line.get("first"):
            self.first += 1
            if public["seq"] >= self.committed.get(chain, public["seq"] + 1):
                self.problem(f"{chain}, step {public['seq']}: has no commitment, though it should have one")
            self._follow(chain, public["seq"], line["hash"], None, str(public["workflow"]), public["case_id"])
            return
        self.committed.setdefault(chain, public["seq"])
        content = {**public, "hidden": line["hidden"]}
        self._follow(chain, public["seq"], line["hash"], content, str(public["workflow"]), public["case_id"])

    def loose(self, line, place):
        """A step of an excerpt, linked to the hash that it names as the one before."""
        public = line["step"]
        chain, number = f"history/{public['chain']}", public["seq"]
        where = f"{place}, {chain}, step {number} ({public['workflow']} {public['case_id']})"
        self.excerpts[chain, number] = [line["hash"], where]
        if line.get("first"):
            self.first += 1
        elif self.link(line["previous"], {**public, "hidden": line["hidden"]}) != line["hash"]:
            self.problem(f"{where}: was changed; the link does not hold")
        end = self.ends.get(chain, {}).get(number)
        if end is not None and end[0] != line["hash"]:
            self.problem(f"{where}: is not the step that was sealed on {end[1]}")

    @staticmethod
    def link(previous, content):
        """The hash of a step behind another one."""
        return hashlib.sha256(bytes.fromhex(previous) + canonical(content)).hexdigest()

    def block(self, line):
        """One block of the audit trail."""
        self._follow("audit", line["audit"]["block"], line["hash"], line["audit"], "audit", line["audit"]["block"])

    def _follow(self, chain, number, link, content, kind, record):
        where = f"{chain}, step {number} ({kind} {record})"
        if chain not in self.chains:
            self.problem(f"{where}: this chain is not named at the top of the export")
        before, previous = self.last.get(chain, [0, ""])
        if number != before + 1:
            self.problem(f"{where}: steps are missing, or stand twice, before this one")
        if content is not None and self.link(previous, content) != link:
            self.problem(f"{where}: was changed; the link does not hold")
        end = self.ends.get(chain, {}).pop(number, None)
        if end is not None and end[0] != link:
            self.problem(f"{where}: is not the step that was sealed on {end[1]}")
        told = self.excerpts.pop((chain, number), None)
        if told is not None and told[0] != link:
            self.problem(f"{told[1]}: stands otherwise in the export")
        self.last[chain] = [number, link]

    def finish(self):
        """What is left: sealed ends that no chain came to."""
        for _link, where in self.excerpts.values():
            self.problem(f"{where}: is not in the export")
        for chain, ends in sorted(self.ends.items()):
            for number, (_link, day) in sorted(ends.items())[:1]:
                self.problem(f"{chain}: step {number}, which was sealed on {day}, is missing; the chain was cut")
        return sum(number - self.sealed.get(chain, 0) for chain, (number, _link) in self.last.items())


# Certificates and signatures ------------------------------------------------------------------------------------------


def pem(text):
    """The bytes of the first certificate in a PEM text."""
    body = text.split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return base64.b64decode("".join(body.split()))


def parts(data):
    """The elements of a DER value: tag, content."""
    found, place = [], 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length & 0x80:
            size = length & 0x7F
            length, place = int.from_bytes(data[place : place + size], "big"), place + size
        found.append((tag, data[place : place + length]))
        place += length
    return found


def rsa_key(certificate):
    """Modulus and exponent of the key in a certificate."""
    body = parts(parts(parts(certificate)[0][1])[0][1])
    for tag, content in body:
        if tag == 0x30 and RSA in content[:16]:
            bits = parts(content)[1][1]
            numbers = parts(parts(bits[1:])[0][1])
            return int.from_bytes(numbers[0][1], "big"), int.from_bytes(numbers[1][1], "big")
    raise ValueError("the certificate holds no RSA key")


def signed_by(certificate, signature, content):
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    modulus, exponent = rsa_key(certificate)
    size = (modulus.bit_length() + 7) // 8
    told = SHA256_PREFIX + hashlib.sha256(content).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(told) - 3) + b"\x00" + told
    return pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big") == wanted


# The way through an export --------------------------------------------------------------------------------------------


def excerpt(checker, path):
    """Read the data beside an evidence report; returns its number of steps."""
    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    if lines[0].get("format") != "history-excerpt" or lines[0].get("version") != 1:
        raise ValueError("this is no data of an evidence report that this program knows")
    checker.chains |= set(lines[0]["chains"])
    for line in lines[1:]:
        if "heads" in line:
            checker.heads(line["day"], line["heads"], linked=False)
        else:
            checker.loose(line, path.name)
    return sum("step" in line for line in lines)


def check(export, kept, certificate, excerpts=()):
    """Read the export line by line; returns the checker and how many steps no head seals yet."""
    checker = Checker(certificate)
    for path in excerpts:
        excerpt(checker, path)
    with open(export, encoding="utf-8") as file:
        header = json.loads(file.readline())
        if header.get("format") != "history-export" or header.get("version") != 1:
            raise ValueError("this is no export of histories that this program knows")
        checker.chains = set(header["chains"])
        for path in kept:
            checker.heads(path.stem, path.read_text(encoding="utf-8"), linked=False)
        for text in file:
            line = json.loads(text)
            if "heads" in line:
                checker.heads(line["day"], line["heads"], linked=True)
            elif "step" in line:
                checker.step(line)
            else:
                checker.block(line)
    return checker, checker.finish()


def is_excerpt(path):
    """Whether a file is the data beside an evidence report, and no export."""
    with open(path, encoding="utf-8") as file:
        return json.loads(file.readline()).get("format") == "history-excerpt"


def alone(checker, path):
    """Check an excerpt by itself, and say what that does not prove."""
    steps = excerpt(checker, path)
    for text in checker.problems[:100]:
        print(text)
    print(
        f"{steps} steps by themselves, {checker.files} files of sealed heads. What stands between them is not in this file."
    )
    for fingerprint in sorted(checker.fingerprints):
        print(f"Certificate (SHA-256): {fingerprint}")
    print(f"{len(checker.problems)} problems." if checker.problems else "Everything holds.")
    return 1 if checker.problems else 0


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--heads", type=Path, action="append", default=[], help="sealed heads that you kept yourself")
    parser.add_argument("--certificate", type=Path, help="the platform's certificate (PEM) that you trust")
    parser.add_argument("--excerpt", type=Path, action="append", default=[], help="data beside an evidence report")
    given = parser.parse_args()
    try:
        certificate = pem(given.certificate.read_text()) if given.certificate else None
        if is_excerpt(given.export):
            return alone(Checker(certificate), given.export)
        checker, unsealed = check(given.export, given.heads, certificate, given.excerpt)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        print(f"cannot be read: {error!r}")
        return 2
    for text in checker.problems[:100]:
        print(text)
    print(f"{checker.steps} steps in {len(checker.last)} chains, {checker.files} files of sealed heads.")
    if checker.absent:
        print(f"{len(checker.absent)} chains that the sealed heads name are not in this export.")
    if checker.first:
        print(f"{checker.first} steps are from before there were commitments: only the hashes after them hold them.")
    if checker.unsigned:
        print(f"{checker.unsigned} files of heads bear no signature that can be checked here.")
    if unsealed > 0:
        print(f"{unsealed} steps came after the last sealed heads.")
    for fingerprint in sorted(checker.fingerprints):
        print(f"Certificate (SHA-256): {fingerprint}")
    print(f"{len(checker.problems)} problems." if checker.problems else "Everything holds.")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
