"""Example Bank: a processor that lists its cases, keeps one draft of an answer, and takes it once.

Its API: GET /account, GET /cases?after=&since=, GET /cases/{id}, PUT /cases/{id}/draft, POST /cases/{id}/send.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.database import refuse_inside_writer
from disputes.facts import Payment, Refund
from disputes.gateway_kinds import (
    AnswerView,
    ConnectForm,
    FileLimits,
    FileSlots,
    GatewayKind,
    KeyField,
    TextFigures,
)
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import (
    AccountFacts,
    Answer,
    Approved,
    Capabilities,
    Changes,
    DisputeSnapshot,
    Gateway,
    GatewayError,
    GatewayFailure,
    Gathered,
    Page,
    Plan,
    ReadBack,
    StagedFile,
    Stopped,
    VerifiedEvent,
    WebhookRefused,
    Write,
    WriteClass,
)
from disputes.response import Response

LIVE = "https://api.bank.example"
STATUSES = {
    "open": GatewayStatus.NEEDS_RESPONSE,
    "reviewing": GatewayStatus.UNDER_REVIEW,
    "won": GatewayStatus.WON,
    "lost": GatewayStatus.LOST,
}
_NUMBER = re.compile(r"C[0-9]{1,12}")


class ExampleBank:
    name = "example_bank"
    title = "Example Bank"

    def __init__(self, key: str, addresses: Mapping[str, str], timeout: float) -> None:
        self._base = addresses.get("api", LIVE).rstrip("/")
        # No redirects: the key goes to this address and nowhere else.
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}"}, timeout=timeout, follow_redirects=False, trust_env=False
        )

    # ---- reading ---------------------------------------------------------------------------------------------------

    def account(self) -> AccountFacts:
        told = self._read("/account")
        return AccountFacts(
            account_id=str(told["id"]),
            name=told["name"],
            live=self._base == LIVE,
            currency=told["currency"],
            may_file="file" in told["rights"],
        )

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        told = self._read("/cases", {"after": cursor or "", "since": since.isoformat() if since else ""})
        return Page(tuple(self._snapshot(each) for each in told["cases"]), told["next"])

    def changes(self, cursor: str | None) -> Changes:
        """It keeps no events: everything is read again, and the cursor is only the day it was."""
        found, after = [], None
        while True:
            page = self.disputes(cursor=after)
            found += page.disputes
            after = page.cursor
            if after is None:
                return Changes((), "read", snapshots=tuple(found) if cursor else ())

    def dispute(self, external_id: str) -> DisputeSnapshot:
        return self._snapshot(self._case(external_id))

    def _case(self, external_id: str) -> Any:
        return self._read(f"/cases/{_checked(external_id)}")

    def _snapshot(self, raw: Any) -> DisputeSnapshot:
        try:
            status = STATUSES.get(raw["status"], GatewayStatus.UNKNOWN)
            open_ = status is GatewayStatus.NEEDS_RESPONSE
            return DisputeSnapshot(
                gateway=self.name,
                external_id=raw["id"],
                kind=Kind.CHARGEBACK,
                status=status,
                raw_status=raw["status"],
                raw_reason=raw["reason"],
                amount=Money.parse(raw["amount"], raw["currency"]),
                opened_at=datetime.fromisoformat(raw["opened"]),
                due_at=datetime.fromisoformat(raw["due"]) if raw["due"] else None,
                live=self._base == LIVE,
                capabilities=Capabilities(open_, False, "" if open_ else "The bank asks for no answer."),
                submission_count=int(not open_),
                round_facts=f"chargeback:{int(not open_)}",
                payment_id=raw["payment"],
                unknown=() if raw["status"] in STATUSES else (f"status {raw['status']}",),
                raw=raw,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayError(GatewayFailure.MALFORMED, f"A case of Example Bank garbles {error}.") from error

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        raw = self._case(snapshot.external_id)
        refunds = tuple(
            Refund(
                refund_id=each["id"],
                amount=Money.parse(each["amount"], raw["currency"]),
                created_at=datetime.fromisoformat(each["at"]),
                status="succeeded",
            )
            for each in raw["refunds"]
        )
        payment = Payment(
            payment_id=raw["payment"],
            amount=Money.parse(raw["amount"], raw["currency"]),
            paid_at=datetime.fromisoformat(raw["paid"]),
            refunds=refunds,
            metadata={"order_id": raw["order"]},
        )
        return payment, json.dumps(raw, sort_keys=True).encode()

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        return ()

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        raise WebhookRefused("Example Bank sends no webhooks.")

    def read_back(self, external_id: str) -> ReadBack:
        raw = self._case(external_id)
        draft = raw["draft"] or {"text": "", "file": None}
        file = draft["file"]
        return ReadBack(
            status=STATUSES.get(raw["status"], GatewayStatus.UNKNOWN),
            raw_status=raw["status"],
            submission_count=int(raw["status"] != "open"),
            fields={"text": draft["text"]} if draft["text"] else {},
            files={"file": StagedFile(file["name"], file["name"], file["size"])} if file else {},
        )

    # ---- writing: each call once, never repeated here ----------------------------------------------------------------

    def plan(self, approved: Approved) -> Plan:
        response = approved.response
        if approved.act is not GatewayAct.SUBMIT or response is None:
            raise Stopped(f"Example Bank has no such act: {approved.act}.")
        if not approved.sent:
            if not (offered := self.dispute(approved.external_id).capabilities).submit:
                raise Stopped(f"{offered.reason} Nothing was sent.")
            yield self._stage(approved, response)
            if wrong := differences(response, self.read_back(approved.external_id)):
                raise Stopped(f"What lies at the bank is not what was approved: {'; '.join(wrong)}.")
        yield self._submit(approved.external_id)

    def _stage(self, approved: Approved, response: Response) -> Write:
        """The draft is set as a whole: to set it twice is to set it once."""
        file = next(iter(response.files), None)
        draft = {
            "text": response.fields.get("text", ""),
            "file": {"name": file.name, "base64": base64.b64encode(approved.bytes_of(file)).decode()} if file else None,
        }

        def send(_key: str) -> Answer:
            self._write("PUT", f"/cases/{_checked(approved.external_id)}/draft", draft)
            return {"staged": True}

        def seen(_before: Answer) -> Answer | None:
            return None if differences(response, self.read_back(approved.external_id)) else {"staged": True}

        before = {"writes": dict(response.fields)}
        return Write("stage", WriteClass.STATE_GUARDS, lambda: before, send, seen)

    def _submit(self, external_id: str) -> Write:
        def before() -> dict[str, Any]:
            return {"status": self.read_back(external_id).raw_status}

        def send(_key: str) -> Answer:
            self._write("POST", f"/cases/{_checked(external_id)}/send", {})
            return {"sent": True}

        def seen(earlier: Answer) -> Answer | None:
            now = before()["status"]
            return {"sent": True, "read_back": True} if now != "open" and now != earlier.get("status") else None

        return Write("submit", WriteClass.STATE_GUARDS, before, send, seen)

    # ---- the wire ----------------------------------------------------------------------------------------------------

    def _read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """A read may be tried again; once is enough."""
        try:
            return self._call("GET", path, query=query, writing=False)
        except GatewayError as error:
            if not error.retryable:
                raise
            time.sleep(0.2)
            return self._call("GET", path, query=query, writing=False)

    def _write(self, method: str, path: str, content: Any) -> Any:
        return self._call(method, path, content=content, writing=True)

    def _call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, content: Any = None, writing: bool
    ) -> Any:
        refuse_inside_writer(self.title)
        try:
            answer = self._http.request(method, self._base + path, params=query, json=content)
        except httpx.HTTPError as error:
            words = "Example Bank could not be reached."
            raise GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing) from error
        try:
            body = json.loads(answer.content, parse_float=str)
        except ValueError:
            body = None
        if answer.is_success and isinstance(body, dict):
            return body
        raise _refused(answer.status_code, body, writing=writing)


def _refused(status: int, body: Any, *, writing: bool) -> GatewayError:
    said = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status == 429:
        return GatewayError(GatewayFailure.RATE_LIMITED, "Example Bank is busy.", retryable=True, retry_after=1.0)
    if status >= 500:
        words = "Example Bank answered with an error of its own."
        return GatewayError(GatewayFailure.UNAVAILABLE, words, retryable=True, effect_possible=writing, answered=True)
    if body is None or status < 400:
        words = "Example Bank's answer was not readable."
        return GatewayError(GatewayFailure.MALFORMED, words, retryable=True, effect_possible=writing)
    match status:
        case 401:
            return GatewayError(GatewayFailure.CREDENTIALS, "Example Bank does not accept this key.")
        case 403:
            return GatewayError(GatewayFailure.RIGHTS, f"The key lacks a right at Example Bank: {said}")
        case 404:
            return GatewayError(GatewayFailure.NOT_FOUND, "Example Bank does not know this case.")
    return GatewayError(GatewayFailure.REJECTED, f"Example Bank refused: {said}")


def _checked(external_id: str) -> str:
    """An id that may stand in a path; anything else is refused before anything is called."""
    if not _NUMBER.fullmatch(external_id):
        raise GatewayError(GatewayFailure.NOT_FOUND, "This is no number of a case at Example Bank.")
    return external_id


# ---- what the desk is told of it -----------------------------------------------------------------------------------


def opened(key: str, addresses: Mapping[str, str], timeout: float) -> Gateway:
    return ExampleBank(key, addresses, timeout)


def fields(view: AnswerView) -> dict[str, str]:
    return {"text": view.fitting(4_000)}


KIND = GatewayKind(
    name="example_bank",
    title="Example Bank",
    form=ConnectForm(
        keys=(KeyField("key", "API key", "From the bank's merchant portal, Settings, Keys."),),
        rights="Rights it needs: read cases. With the right to file, answers are sent from here.",
        environments={"live": "", "test": "https://test.bank.example"},
    ),
    open=opened,
    files=FileLimits(5_000_000, 5_000_000, 40, source="https://bank.example/docs/limits", checked="2026-11-22"),
    texts=TextFigures(4_000, 4_000, source="https://bank.example/docs/limits", checked="2026-11-22"),
    slots=FileSlots("file"),
    fields=fields,
    categories={"not_received": "not_received", "fraud": "fraudulent"},
    filing="Example Bank takes one answer to a case; nothing can be added to it.",
    place="The bank's merchant portal: Disputes, then the case, then “Reply”.",
    tells_answers=True,
)
