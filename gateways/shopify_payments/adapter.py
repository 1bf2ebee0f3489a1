"""Shopify Payments through the shop's Admin API. Reads are repeated once, writes never; no call moves money."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from disputes.clock import SystemClock
from disputes.facts import Payment
from disputes.phrases import phrase
from disputes.ports import (
    AccountFacts,
    Approved,
    Capabilities,
    Changes,
    DisputeSnapshot,
    GatewayError,
    GatewayFailure,
    Gathered,
    Page,
    Plan,
    ReadBack,
    VerifiedEvent,
)
from disputes.response import ResponseFile
from gateways.shopify_payments import facts, filing, mapping, questions, webhook
from gateways.shopify_payments.contract import (
    DOCUMENT_TYPES,
    LIVE_ENDING,
    NAME,
    TITLE,
    dispute_gid,
    file_gid,
    is_number,
    number_of,
)
from gateways.shopify_payments.errors import unexpected
from gateways.shopify_payments.filing import Upload
from gateways.shopify_payments.listing import Changed, opened_since, page
from gateways.shopify_payments.rights import PAYOUTS, excess_rights, found_rights, may_file, missing_rights, with_reads
from gateways.shopify_payments.wire import Raw, Wire, not_found

_LOOKS = 3
_SLOT_OF = {kind.upper(): slot for slot, kind in DOCUMENT_TYPES.items()}


class ShopifyPaymentsGateway:
    """One shop. `key` is "client id:client secret", or ":token" for a token by itself; `addresses` {"api": base}.

    `settle`: seconds after which Shopify is asked again whether it counts a submission as one.
    """

    name = NAME
    title = TITLE

    def __init__(self, key: str, *, addresses: Mapping[str, str], timeout: float = 30.0, settle: float = 2.0) -> None:
        base = addresses["api"].rstrip("/")
        client_id, _, secret = key.rpartition(":")
        self._live = (urlsplit(base).hostname or "").endswith(LIVE_ENDING)
        self._wire = Wire(base, client_id, secret, timeout)
        self._settle = settle

    # ---- who am I ------------------------------------------------------------------------------------------------

    def account(self) -> AccountFacts:
        data = self._wire.ask(questions.SHOP)
        try:
            shop, installation = data["shop"], data["currentAppInstallation"]
            scopes = [str(each["handle"]) for each in installation["accessScopes"]]
            development = bool(shop["plan"]["partnerDevelopment"])
            account_id, name, domain = number_of(shop["id"]), str(shop["name"]), str(shop["myshopifyDomain"])
            currency = str(shop["currencyCode"])
        except (KeyError, TypeError) as error:
            raise unexpected(writing=False) from error
        if not account_id:
            raise GatewayError(GatewayFailure.MALFORMED, phrase("Shopify did not say which shop this key belongs to."))
        return AccountFacts(
            account_id=account_id,
            name=f"{name} ({domain})",
            live=self._live and not development,
            currency=self._payout_currency(scopes) or currency,
            rights_found=tuple(found_rights(scopes)),
            rights_missing=tuple(missing_rights(scopes)),
            rights_too_many=tuple(excess_rights(scopes)),
            may_file=may_file(scopes),
            clock_skew_seconds=self._skew(),
        )

    def _payout_currency(self, scopes: list[str]) -> str | None:
        """What the shop is paid in, where the key may see it."""
        if not PAYOUTS & with_reads(scopes):
            return None
        account = self._wire.ask(questions.PAYOUT_CURRENCY).get("shopifyPaymentsAccount")
        if account is None:
            raise GatewayError(
                GatewayFailure.NOT_FOUND, phrase("This shop has no Shopify Payments, so it has no disputes.")
            )
        return str(account["defaultCurrency"]) if account.get("defaultCurrency") else None

    def _skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Shopify's, from the last answer's Date header."""
        theirs = self._wire.shopify_time
        return (SystemClock().now() - theirs).total_seconds() if theirs else 0.0

    # ---- disputes ------------------------------------------------------------------------------------------------

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        """All disputes, newest first; `since` bounds them by the day they were opened."""
        raws, following = page(self._wire, cursor, opened_since(since))
        found = (self._snapshot(raw) for raw in raws)
        return Page(tuple(one for one in found if since is None or one.opened_at >= since), following)

    def changes(self, cursor: str | None) -> Changes:
        """Shopify keeps no events: the disputes that are open, whole, and those that lately stopped being so."""
        changed = Changed(self._wire, cursor)
        if changed.expired:
            return Changes((), changed.cursor, expired=True)
        return Changes((), changed.cursor, snapshots=tuple(self._snapshot(raw) for raw in changed.disputes))

    def dispute(self, external_id: str) -> DisputeSnapshot:
        return self._snapshot(self._dispute(external_id))

    def capabilities(self, external_id: str) -> Capabilities:
        raw = self._dispute(external_id)
        return mapping.capabilities(raw, self._wire.shopify_time)

    def _snapshot(self, raw: Raw) -> DisputeSnapshot:
        return mapping.snapshot(raw, live=self._live, shopify_time=self._wire.shopify_time)

    def _dispute(self, external_id: str, document: str = questions.DISPUTE) -> Raw:
        gid = dispute_gid(_checked(external_id, phrase("dispute")))
        raw = self._wire.ask(document, {"id": gid}).get("dispute")
        if raw is None:
            raise not_found(phrase("dispute"))
        if not isinstance(raw, dict):
            raise unexpected(writing=False)
        return raw

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        """The payment of the order, with its refunds; and the raw answer."""
        order = self._dispute(snapshot.external_id, questions.ORDER).get("order")
        if not order:
            words = phrase(
                "Shopify shows no order for this dispute. Orders older than 60 days need the right read_all_orders."
            )
            raise GatewayError(GatewayFailure.NOT_FOUND, words)
        return facts.payment(order), json.dumps({"order": order}, sort_keys=True).encode()

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        """Shopify holds no correspondence about a dispute."""
        return ()

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        """Shopify signs the body alone; the address it was sent to (`url`) is not part of it."""
        return webhook.verify(body, headers, secret=secret)

    # ---- writes: one call each, never retried here ---------------------------------------------------------------

    def plan(self, approved: Approved) -> Plan:
        """Upload, stage, look, submit once."""
        return filing.plan(self, approved)

    def uploads(self, external_id: str) -> list[Upload]:
        """Every file that belongs to the dispute's evidence, in a slot or in none."""
        evidence = self._evidence(external_id)
        in_slots = {file.file_id: Upload(file, slot) for slot, file in mapping.files(evidence).items()}
        listed = (Upload(mapping.file(raw), _slot(raw)) for raw in evidence.get("disputeFileUploads") or ())
        return list({**{each.file.file_id: each for each in listed}, **in_slots}.values())

    def upload(self, external_id: str, file: ResponseFile, data: bytes) -> str:
        """The number of the new file."""
        content = {
            "document_type": DOCUMENT_TYPES[file.slot],
            "filename": file.name,
            "mimetype": file.media_type,
            "data": base64.b64encode(data).decode(),
        }
        made = self._wire.post(
            f"{self._uploads_path(external_id)}.json", {"dispute_file_upload": content}, "dispute_file_upload"
        )
        number = str(made.get("id") or "")
        if not is_number(number):
            raise unexpected(writing=True)
        return number

    def remove(self, external_id: str, file_id: str) -> None:
        """Take a file away again: out of its slot, or, where it is in none, from the list."""
        evidence, number = self._evidence(external_id), _checked(file_id, phrase("file"))
        slot = next((slot for slot, file in mapping.files(evidence).items() if file.file_id == number), None)
        if slot is not None:
            self._update(evidence, {slot: {"id": file_gid(number), "destroy": True}})
        else:
            self._wire.delete(f"{self._uploads_path(external_id)}/{number}.json")

    def stage(self, external_id: str, texts: Mapping[str, str], file_ids: Mapping[str, str]) -> None:
        """Write our fields and files without submitting."""
        files = {slot: {"id": file_gid(_checked(number, phrase("file")))} for slot, number in file_ids.items()}
        self._update(self._evidence(external_id), {**texts, **files, "submitEvidence": False})

    def submit(self, external_id: str) -> bool:
        """Whether Shopify counts it as submitted afterwards. It is known to answer a submission without an error and to
        leave the evidence unsubmitted all the same; so its word alone is not enough."""
        payload = self._update(self._evidence(external_id), {"submitEvidence": True})
        if (payload.get("disputeEvidence") or {}).get("submitted"):
            return True
        for _ in range(_LOOKS):
            time.sleep(self._settle)
            if mapping.answered(self._dispute(external_id)):
                return True
        return False

    def _update(self, evidence: Raw, content: Raw) -> Raw:
        return self._wire.change(
            questions.UPDATE, {"id": evidence["id"], "input": dict(content)}, "disputeEvidenceUpdate"
        )

    def _evidence(self, external_id: str) -> Raw:
        """The dispute's evidence, an object with an id of its own: the dispute's would not be found."""
        evidence = self._dispute(external_id, questions.UPLOADS).get("disputeEvidence")
        if not isinstance(evidence, dict) or not evidence.get("id"):
            raise unexpected(writing=False)
        return evidence

    def _uploads_path(self, external_id: str) -> str:
        return f"shopify_payments/disputes/{_checked(external_id, phrase('dispute'))}/dispute_file_uploads"

    def read_back(self, external_id: str) -> ReadBack:
        """The dispute as it lies at Shopify now, its files with their names."""
        raw = self._dispute(external_id)
        evidence: Any = raw.get("disputeEvidence") or {}
        return ReadBack(
            status=mapping.status_of(raw),
            raw_status=raw.get("status") or "",
            submission_count=int(mapping.answered(raw)),
            fields=mapping.texts(evidence),
            files=mapping.files(evidence),
        )


def _checked(value: str, what: str) -> str:
    """A number that may stand in a path and an id; raises NOT_FOUND before anything is called."""
    if not is_number(value):
        raise GatewayError(
            GatewayFailure.NOT_FOUND,
            phrase("{value} is no number of a {what} at Shopify.", value=repr(value[:60]), what=what),
        )
    return value


def _slot(raw: Raw) -> str:
    return _SLOT_OF.get(str(raw.get("disputeEvidenceType") or ""), "")
