"""Stripe through its own SDK. Reads are retried by the SDK, writes never; `submit` is always sent."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import stripe

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.database import refuse_inside_writer
from disputes.facts import Payment
from disputes.lifecycle import GatewayStatus
from disputes.phrases import joined, phrase
from disputes.ports import (
    AccountFacts,
    Answer,
    Approved,
    Changes,
    DisputeSnapshot,
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
from disputes.response import Response, ResponseFile
from gateways.stripe import mapping, structured
from gateways.stripe.contract import DISPUTE_EVENTS, FILE_FIELDS, STATUSES, TEXT_FIELDS
from gateways.stripe.errors import told
from gateways.stripe.rights import excess_rights, reading_rights

# Telemetry would write a file into the home folder and tell Stripe how long our calls take.
stripe.enable_telemetry = False

_EVENTS_KEPT = timedelta(days=29)
_OVERLAP_SECONDS = 300
CLOSED = ("lost", "warning_closed")
"""What closing leaves a dispute or an inquiry as."""
VISA_CE3 = "10.4"
"""The one reason code for which earlier payments are looked at one by one."""
_PRIOR_LOOKED_UP = 20
_PRIOR_READ = 500
_PRIOR_REACHES_BACK = 400 * 86_400
_HOSTS = {"api": "https://api.stripe.com", "files": "https://files.stripe.com"}


class StripeGateway:
    """One Stripe account behind one key. `addresses` replaces the live hosts ("api", "files")."""

    name = "stripe"
    title = "Stripe"

    def __init__(self, key: str, *, addresses: Mapping[str, str] | None = None, timeout: float = 30.0) -> None:
        self._key = key
        bases: Any = {**_HOSTS, **(addresses or {})}
        self._reader, self._writer = (
            stripe.StripeClient(
                key,
                base_addresses=bases,
                max_network_retries=retries,
                http_client=stripe.RequestsClient(timeout=timeout),
            )
            for retries in (2, 0)
        )

    # ---- who am I ------------------------------------------------------------------------------------------------

    def account(self) -> AccountFacts:
        refuse_inside_writer("Stripe")
        with told(writing=False):
            account = self._reader.v1.accounts.retrieve_current()
        raw = account.to_dict()
        found, missing = reading_rights(self._reader)
        return AccountFacts(
            account_id=raw["id"],
            name=(raw.get("business_profile") or {}).get("name") or raw.get("email"),
            live="_live_" in self._key[:9],
            currency=(raw.get("default_currency") or "").upper() or None,
            rights_found=found,
            rights_missing=missing,
            rights_too_many=tuple(excess_rights(self._reader, self._key)),
            clock_skew_seconds=_skew(account),
        )

    # ---- disputes ------------------------------------------------------------------------------------------------

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        """Disputes newest first, then early fraud warnings; `since` bounds both by the day they were opened."""
        refuse_inside_writer("Stripe")
        params: dict[str, Any] = {"limit": 100}
        if since:
            params["created"] = {"gte": int(since.timestamp())}
        kind, _, after = (cursor or "disputes:").partition(":")
        if after:
            params["starting_after"] = after
        return self._warnings(params) if kind == "warnings" else self._disputes(params)

    def _disputes(self, params: dict[str, Any]) -> Page:
        # The SDK's own request without its objects: making them and taking them apart again costs more than the rest.
        with told(writing=False):
            page: dict[str, Any] = self._reader.raw_request("get", "/v1/disputes", **params).data
            raws = page["data"]
            following = f"disputes:{raws[-1]['id']}" if page["has_more"] and raws else "warnings:"
            return Page(tuple(mapping.snapshot(raw) for raw in raws), following)

    def _warnings(self, params: dict[str, Any]) -> Page:
        with told(writing=False):
            page = self._reader.v1.radar.early_fraud_warnings.list({**params, "expand": ["data.charge"]})  # type: ignore[arg-type]
            raws = [item.to_dict() for item in page.data]
            following = f"warnings:{raws[-1]['id']}" if page.has_more and raws else None
            return Page(tuple(mapping.warning(raw, raw["charge"]) for raw in raws), following)

    def changes(self, cursor: str | None) -> Changes:
        """Events since the cursor (unix seconds, read with an overlap): only the ids of what changed are taken."""
        refuse_inside_writer("Stripe")
        start = int(cursor or time.time())
        newest = start
        if time.time() - start > _EVENTS_KEPT.total_seconds():
            return Changes((), str(int(time.time())), expired=True)
        changed: dict[str, None] = {}
        with told(writing=False):
            events = self._reader.v1.events.list(
                {"types": list(DISPUTE_EVENTS), "created": {"gte": start - _OVERLAP_SECONDS}, "limit": 100}
            )
            for event in events.auto_paging_iter():
                raw = event.to_dict()
                newest = max(newest, int(raw["created"]))
                changed[raw["data"]["object"]["id"]] = None
        return Changes(tuple(reversed(changed)), str(newest))

    def dispute(self, external_id: str) -> DisputeSnapshot:
        refuse_inside_writer("Stripe")
        with told(writing=False):
            if external_id.startswith("issfr_"):
                raw = self._reader.v1.radar.early_fraud_warnings.retrieve(external_id, {"expand": ["charge"]}).to_dict()
                return mapping.warning(raw, raw["charge"])
            return mapping.snapshot(self._reader.v1.disputes.retrieve(external_id).to_dict())

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        """The charge with its refunds and the earlier undisputed payments of the same card; and the raw answer."""
        refuse_inside_writer("Stripe")
        if snapshot.payment_id is None:
            raise GatewayError(GatewayFailure.NOT_FOUND, phrase("Stripe names no charge for this dispute."))
        with told(writing=False):
            charge = self._reader.v1.charges.retrieve(snapshot.payment_id).to_dict()
            refunds = [
                item.to_dict()
                for item in self._reader.v1.refunds.list({"charge": charge["id"], "limit": 100}).auto_paging_iter()
            ]
            others = self._others(charge)
            prior = mapping.earlier(charge, others)
            reported = self._reported(charge, prior) if snapshot.reason_code == VISA_CE3 else []
        parts = {"charge": charge, "refunds": refunds, "others": others, "fraud_warnings": reported}
        raw = json.dumps(parts, sort_keys=True).encode()
        ip = snapshot.prefilled.get("customer_purchase_ip")
        return mapping.payment(charge, refunds, others, ip=ip, reported=frozenset(reported)), raw

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        """Stripe holds no correspondence."""
        return ()

    def _reported(self, charge: Mapping[str, Any], prior: list[dict[str, Any]]) -> list[str]:
        """Earlier charges in Visa's window with an early fraud warning: they do not count for it."""
        days = ((charge["created"] - raw["created"]) // 86_400 for raw in prior)
        in_window = [raw["id"] for raw, age in zip(prior, days, strict=True) if 100 <= age <= 400]
        return [
            charge_id
            for charge_id in in_window[:_PRIOR_LOOKED_UP]
            if self._reader.v1.radar.early_fraud_warnings.list({"charge": charge_id, "limit": 1}).data
        ]

    def _others(self, charge: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Other paid charges of the same customer: up to thirteen months before, as Visa asks for, and since."""
        customer = mapping.identity(charge.get("customer"))
        if not customer:
            return []
        since = int(charge["created"]) - _PRIOR_REACHES_BACK
        pages = self._reader.v1.charges.list({"customer": customer, "created": {"gte": since}, "limit": 100})
        found = (item.to_dict() for item in islice(pages.auto_paging_iter(), _PRIOR_READ))
        return [raw for raw in found if raw["id"] != charge["id"] and raw.get("paid")]

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        """Stripe signs the body and the time; the address it was sent to (`url`) is not part of it."""
        signature = headers.get("stripe-signature", "")
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, 300)
            event = json.loads(body)
            made = _signed_at(signature)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError) as error:
            raise WebhookRefused(phrase("The signature does not belong to this endpoint's secret.")) from error
        if made - time.time() > 300:
            # The SDK looks backwards only; a signature from the future is as suspect as an old one.
            raise WebhookRefused(phrase("The signature is dated in the future; check this machine's clock."))
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            raise WebhookRefused(phrase("The body is no Stripe event."))
        target = (event.get("data") or {}).get("object") or {}
        known = event.get("type") in DISPUTE_EVENTS
        return VerifiedEvent(event["id"], str(event.get("type")), str(target.get("id")) if known else None)

    # ---- writes: one call each, never retried here ---------------------------------------------------------------

    def plan(self, approved: Approved) -> Plan:
        """Upload, stage, look, submit once; or close the dispute, which accepts it."""
        if approved.act is GatewayAct.ACCEPT:
            yield self._accept_write(approved.external_id)
            return
        response = approved.response
        if approved.act is not GatewayAct.SUBMIT or response is None:
            raise Stopped(phrase("Stripe has no such act: {act}.", act=approved.act))
        file_ids: dict[str, str] = {}
        for file in response.files:
            file_ids[file.slot] = str((yield self._upload_write(file, approved))["file_id"])
        yield self._stage_write(response, file_ids, approved.wrote)
        if not approved.sent:
            wrong = differences(response, self.read_back(response.dispute_id))
            if wrong:
                words = phrase(
                    "What lies at the gateway is not what was approved: {differences}.",
                    differences=joined(wrong[:5], "; "),
                )
                raise Stopped(phrase("{what} Nothing was submitted.", what=words))
        yield self._submit_write(response.dispute_id)

    def _upload_write(self, file: ResponseFile, approved: Approved) -> Write:
        def send(key: str) -> Answer:
            return {"file_id": self.upload(file, approved.bytes_of(file), key=key).file_id}

        def seen(_before: Answer) -> Answer | None:
            found = self.uploaded(file)
            return {"file_id": found.file_id} if found else None

        return Write(f"upload:{file.slot}", WriteClass.NATIVE_KEY, lambda: {"sha256": file.sha256}, send, seen)

    def _stage_write(self, response: Response, file_ids: Mapping[str, str], wrote: Mapping[str, str]) -> Write:
        writes = {**response.fields, **file_ids}
        # An empty value clears only what the journal says that we wrote.
        clear = tuple(sorted(set(wrote) - set(writes)))

        def send(key: str) -> Answer:
            self.stage(response, file_ids, key=key, clear=clear)
            return {"staged": len(writes)}

        def seen(_before: Answer) -> Answer | None:
            back = self.read_back(response.dispute_id)
            return None if differences(response, back) else {"staged": len(writes)}

        before = {"writes": {**dict.fromkeys(clear, ""), **writes}}
        return Write("stage", WriteClass.NATIVE_KEY, lambda: before, send, seen)

    def _submit_write(self, external_id: str) -> Write:
        def before() -> dict[str, Any]:
            back = self.read_back(external_id)
            return {"submission_count": back.submission_count, "status": back.raw_status}

        def send(key: str) -> Answer:
            self.submit(external_id, key=key)
            return {"sent": True}

        def seen(earlier: Answer) -> Answer | None:
            risen = self.read_back(external_id).submission_count > earlier["submission_count"]
            return {"sent": True, "read_back": True} if risen else None

        return Write("submit", WriteClass.STATE_GUARDS, before, send, seen)

    def _accept_write(self, external_id: str) -> Write:
        def before() -> dict[str, Any]:
            return {"status": self.read_back(external_id).raw_status}

        def send(key: str) -> Answer:
            self.accept(external_id, key=key)
            return {"sent": True}

        def seen(earlier: Answer) -> Answer | None:
            status = self.read_back(external_id).raw_status
            # Any other change is somebody else's doing, and says nothing about ours.
            return {"sent": True} if status in CLOSED and status != earlier["status"] else None

        return Write("accept", WriteClass.NONE, before, send, seen)

    def upload(self, file: ResponseFile, data: bytes, *, key: str) -> StagedFile:
        refuse_inside_writer("Stripe")
        stream = io.BytesIO(data)
        # The SDK sends the stream's name as file name; without one it sends "blob".
        stream.name = file.name
        with told(writing=True):
            stored = self._writer.v1.files.create(
                {"purpose": "dispute_evidence", "file": stream}, {"idempotency_key": key}
            )
        if stored.size != len(data):
            raise GatewayError(
                GatewayFailure.MALFORMED,
                phrase(
                    "Stripe stored {size} of {whole} bytes of {name}.",
                    size=stored.size,
                    whole=len(data),
                    name=file.name,
                ),
                effect_possible=True,
            )
        return StagedFile(stored.id, stored.filename or file.name, stored.size)

    def uploaded(self, file: ResponseFile) -> StagedFile | None:
        """The file as it already lies at Stripe, found by its name, which carries its hash."""
        refuse_inside_writer("Stripe")
        with told(writing=False):
            page = self._reader.v1.files.list({"purpose": "dispute_evidence", "limit": 100})
        for stored in page.data:
            if stored.filename == file.name and stored.size == file.size:
                return StagedFile(stored.id, file.name, stored.size)
        return None

    def stage(self, response: Response, file_ids: Mapping[str, str], *, key: str, clear: tuple[str, ...] = ()) -> None:
        """Write our fields and files without submitting. `clear` empties fields that we wrote earlier."""
        refuse_inside_writer("Stripe")
        fields = structured.nested({**response.fields, **file_ids})
        gone = {structured.STRUCTURED if name.startswith(structured.STRUCTURED) else name for name in clear}
        # A list is written anew as a whole: only what has no field left is emptied.
        evidence = {**dict.fromkeys(sorted(gone - set(fields)), ""), **fields}
        params: dict[str, Any] = {"evidence": evidence, "submit": False}
        if self._may_file_by_itself(response.dispute_id):
            params["intended_submission_method"] = "manual"
        with told(writing=True):
            self._writer.v1.disputes.update(response.dispute_id, params, {"idempotency_key": key})  # type: ignore[arg-type]

    def _may_file_by_itself(self, external_id: str) -> bool:
        with told(writing=False):
            raw = self._reader.v1.disputes.retrieve(external_id).to_dict()
        return raw.get("intended_submission_method") not in (None, "manual")

    def submit(self, external_id: str, *, key: str) -> None:
        refuse_inside_writer("Stripe")
        with told(writing=True):
            self._writer.v1.disputes.update(external_id, {"submit": True}, {"idempotency_key": key})

    def accept(self, external_id: str, *, key: str) -> None:
        refuse_inside_writer("Stripe")
        with told(writing=True):
            self._writer.v1.disputes.close(external_id, {}, {"idempotency_key": key})

    def read_back(self, external_id: str) -> ReadBack:
        """The dispute as it lies at Stripe now, its files with their names."""
        refuse_inside_writer("Stripe")
        with told(writing=False):
            raw = self._reader.v1.disputes.retrieve(
                external_id, {"expand": [f"evidence.{name}" for name in FILE_FIELDS]}
            ).to_dict()
        evidence, details = raw.get("evidence") or {}, raw.get("evidence_details") or {}
        return ReadBack(
            status=STATUSES.get(raw["status"], GatewayStatus.UNKNOWN),
            raw_status=raw["status"],
            submission_count=int(details.get("submission_count") or 0),
            fields={name: str(evidence[name]) for name in sorted(TEXT_FIELDS) if evidence.get(name)}
            | structured.flat(evidence),
            files={name: _file(evidence[name]) for name in FILE_FIELDS if evidence.get(name)},
            submission_method=details.get("submission_method"),
        )


def _file(value: Any) -> StagedFile:
    if isinstance(value, Mapping):
        return StagedFile(value["id"], value.get("filename") or "", int(value.get("size") or 0))
    return StagedFile(str(value), "", 0)


def _signed_at(header: str) -> int:
    return int(dict(part.split("=", 1) for part in header.split(",") if "=" in part)["t"])


def _skew(answer: Any) -> float:
    """Seconds by which this machine's clock is ahead of the gateway's, from the answer's Date header."""
    from email.utils import parsedate_to_datetime

    sent = (getattr(answer, "last_response", None) or None) and answer.last_response.headers.get("Date")
    return time.time() - parsedate_to_datetime(sent).timestamp() if sent else 0.0
