"""The data files of the types: what an entry can name, and that a slip of the pen stops the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from app.codes.seeds import shipped_rows
from app.destination import catalogue, finder  # noqa: F401 - the catalogue declares what is shipped
from app.destination.types.declared import DestinationType, declared_types, withdraw_declaration
from app.destination.types.shipped import FOLDER, declare_shipped

ENTRY = """
[groups]
studio = [{ use = "employer", label = "工作室名称" }, "region"]

[proofs]
photo = { label = "工作室照片" }

[[type]]
code = "799"
label = "乡村创客"
parent = "75"
hint = "在乡村创办工作室"
fields = ["@studio", { name = "members", kind = "number", label = "团队人数", most = 50 }, "@pay"]
proofs = ["photo", { kind = "lease", label = "租赁合同", required = false }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of types with the shared fields, and nothing of it afterwards."""
    copy(FOLDER / "shared.toml", tmp_path)
    yield tmp_path
    withdraw_declaration("799")


def test_an_entry_names_what_it_shares(folder: Path) -> None:
    (folder / "studios.toml").write_text(ENTRY, encoding="utf-8")
    declare_shipped(folder)
    kind = declared_types()["799"]
    assert [field.name for field in kind.fields] == ["employer", "region", "members", "pay", "pay_unit"]
    assert (kind.fields[0].label, kind.fields[0].most) == ("工作室名称", 128)
    assert [(proof.kind, proof.required) for proof in kind.proofs] == [("photo", True), ("lease", False)]


def test_the_questions_lead_to_an_entry_that_names_none(folder: Path) -> None:
    (folder / "studios.toml").write_text(ENTRY, encoding="utf-8")
    declare_shipped(folder)
    question = finder.question_at("own", list(declared_types().values()))
    assert question is not None
    assert (question.answers[-1].label, question.answers[-1].type) == ("乡村创客", "799")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("hint =", "hnit ="), ('"@studio"', '"@studoi"'), ('"region"]', '"regoin"]'), ("most = 50", "msot = 50")],
)
def test_a_slip_of_the_pen_names_its_place(folder: Path, right: str, wrong: str) -> None:
    (folder / "studios.toml").write_text(ENTRY.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ValueError, match=r"studios\.toml: type 799"):
        declare_shipped(folder)


def test_types_and_their_codes_are_called_the_same() -> None:
    """Where the national table has the code already, the entry does not call it otherwise."""
    table = {row["code"]: (row["label"], row["parent"]) for row in shipped_rows("destination")}

    def told(kind: DestinationType) -> tuple[str, str]:
        return kind.label, kind.parent

    assert not {
        kind.code: (told(kind), table[kind.code])
        for kind in declared_types().values()
        if kind.code in table and told(kind) != table[kind.code]
    }
