"""A short message service with records: what it has taken stands there under its OutId, whoever got an answer."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

from tests.notices.provider import Request


class Ledger:
    """Takes SendSms, SendBatchSms and QuerySendDetails; give it to `Provider.answer("/", …)`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []  # number and OutId
        self.words: dict[str, dict[str, str]] = {}  # the last ones, by number
        self.calls: Counter[str] = Counter()
        self.silent = threading.Event()  # it takes what comes and never answers
        self.batch_fails = self.query_fails = ""
        self.bad_numbers: set[str] = set()

    def __call__(self, request: Request) -> Any:
        action = request.headers["x-acs-action"]
        self.calls[action] += 1
        if action == "QuerySendDetails":
            return self._details(request.query)
        numbers = json.loads(request.body["PhoneNumberJson"]) if request.body else [request.query["PhoneNumbers"]]
        if failed := self._failure(action, numbers):
            return 400, {"Code": failed, "Message": "no"}
        words = json.loads(request.body["TemplateParamJson"]) if request.body else [request.query["TemplateParam"]]
        for number, own in zip(numbers, words, strict=True):
            self.taken.append((number, request.query["OutId"]))
            self.words[number] = own if isinstance(own, dict) else json.loads(own)
        if self.silent.is_set():
            threading.Event().wait(3600)
        return {"Code": "OK", "BizId": f"{action}-{self.calls[action]}"}

    def _failure(self, action: str, numbers: list[str]) -> str:
        if self.bad_numbers & set(numbers):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        return self.batch_fails if action == "SendBatchSms" else ""

    def _details(self, asked: dict[str, str]) -> Any:
        if self.query_fails:
            return 400, {"Code": self.query_fails, "Message": "no"}
        found = [{"OutId": own, "PhoneNum": number} for number, own in self.taken if number == asked["PhoneNumber"]]
        return {"Code": "OK", "TotalCount": str(len(found)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}
