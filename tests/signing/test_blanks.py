"""解约函 and 情况说明 of an own agreement (R9.2); nobody else gets them."""

from __future__ import annotations

from flask import Flask

from tests.documents.pdf import bare_text
from tests.notices.browser import logged_in
from tests.signing.stage import Stage


def test_blanks_are_filled_in_from_the_agreement(app_context: Flask, stage: Stage) -> None:
    case = stage.bring("signed")
    mine = logged_in(app_context, "graduate1")
    for kind, words in (("termination_letter", "用人单位（公章）"), ("statement", "具体情况")):
        answer = mine.get(f"/graduate/papers/online_signing/{case.id}/{kind}.pdf")
        assert answer.status_code == 200
        assert answer.mimetype == "application/pdf"
        text = bare_text(answer.data)
        for known in (words, str(case.number), case.snapshot["employer"]["name"], case.graduate.name):
            assert "".join(known.split()) in text
    wrong = (f"online_signing/{case.id}/agreement", f"destination/{case.id}/statement", "online_signing/x/statement")
    assert [mine.get(f"/graduate/papers/{path}.pdf").status_code for path in wrong] == [404, 404, 404]
    address = f"/graduate/papers/online_signing/{case.id}/statement.pdf"
    assert logged_in(app_context, "graduate2").get(address).status_code == 404
    assert logged_in(app_context, "employer1").get(address).status_code == 403
    assert logged_in(app_context, "school10001").get(address).status_code == 403
