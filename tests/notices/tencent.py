"""Tencent Cloud's short message service on this machine: it checks the signature and keeps records."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.notices.provider import Request


class Tencent:
    """Takes SendSms and PullSmsSendStatusByPhoneNumber; give it to `Provider.answer("/", …)`."""

    def __init__(self, key: str = "KEY") -> None:
        self.key = key
        self.calls: Counter[str] = Counter()
        self.taken: list[dict[str, Any]] = []
        self.of_numbers: dict[str, str] = {}  # number -> the code of its refusal
        self.error = ""  # of whole calls
        self.silent = threading.Event()  # it takes what comes and never answers

    def __call__(self, request: Request) -> Any:
        action = request.headers["x-tc-action"]
        self.calls[action] += 1
        if not self.accepts(request):
            return {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}}}
        if self.error:
            return {"Response": {"Error": {"Code": self.error, "Message": "no"}, "RequestId": "R"}}
        return {"Response": {**getattr(self, action)(json.loads(request.raw)), "RequestId": "R"}}

    def accepts(self, request: Request) -> bool:
        """What the provider does with the signature: it makes its own from what arrived."""
        algorithm, _space, parts = request.headers["authorization"].partition(" ")
        told = dict(part.strip().split("=", 1) for part in parts.split(","))
        _id, day, service, end = told["Credential"].split("/")
        stamp = request.headers["x-tc-timestamp"]
        assert datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d") == day
        assert abs(datetime.now(UTC).timestamp() - int(stamp)) < 300
        assert request.headers["x-tc-version"] == "2021-01-11"
        headers = {**request.headers, "x-tc-action": request.headers["x-tc-action"].lower()}
        lines = "".join(f"{name}:{headers[name]}\n" for name in told["SignedHeaders"].split(";"))
        body = hashlib.sha256(request.raw).hexdigest()
        canonical = f"POST\n/\n\n{lines}\n{told['SignedHeaders']}\n{body}"
        to_sign = f"{algorithm}\n{stamp}\n{day}/{service}/{end}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        own = b"TC3" + self.key.encode()
        for part in (day, service, end, to_sign):
            own = hmac.new(own, part.encode(), hashlib.sha256).digest()
        return own.hex() == told["Signature"]

    def SendSms(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What becomes of each number."""
        assert len(asked["PhoneNumberSet"]) <= 200
        told = []
        for number in asked["PhoneNumberSet"]:
            code = self.of_numbers.get(number, "Ok")
            serial = f"2027:{len(self.taken)}" if code == "Ok" else ""
            told.append({"SerialNo": serial, "PhoneNumber": number, "Code": code, "Message": code, "IsoCode": "CN"})
            if code == "Ok":
                self.taken.append({**asked, "PhoneNumber": number, "SerialNo": serial})
        if self.silent.is_set():
            threading.Event().wait(3600)
        return {"SendStatusSet": told}

    def PullSmsSendStatusByPhoneNumber(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The records of a number."""
        assert set(asked) >= {"BeginTime", "Offset", "Limit", "PhoneNumber", "SmsSdkAppId"}
        own = [one for one in self.taken if one["PhoneNumber"] == asked["PhoneNumber"]]
        return {"PullSmsSendStatusSet": [self.record(one) for one in own]}

    def record(self, one: dict[str, Any]) -> dict[str, Any]:
        """What became of a message on its way to the phone."""
        failed = one["PhoneNumber"].endswith("9")
        return {
            "SerialNo": one["SerialNo"],
            "PhoneNumber": one["PhoneNumber"],
            "SessionContext": one["SessionContext"],
            "ReportStatus": "FAIL" if failed else "SUCCESS",
            "Description": "MI:0013" if failed else "DELIVRD",
            "UserReceiveTime": 1796088600,
        }
