"""Square through its own SDK. Reads are repeated once, writes never; ids are checked before they get into a path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from disputes.clock import SystemClock
from disputes.facts import Payment
from disputes.knowledge.square import square_limit
from disputes.lifecycle import Kind
from disputes.phrases import phrase, said_by
from disputes.ports import (
    AccountFacts,
    Approved,
    Capabilities,
    Changes,
    DisputeSnapshot,
    GatewayError,
    GatewayFailure,
    Gathered,
    MoneyMovement,
    Page,
    Plan,
    ReadBack,
    VerifiedEvent,
)
from disputes.response import ResponseFile
from gateways.square import facts, filing, mapping, webhook
from gateways.square.contract import DISPUTE_ID_CHARS, LIVE
from gateways.square.errors import told
from gateways.square.evidence import Piece, fields_of, files_of, lying, type_of
from gateways.square.listing import Changed, page_of_all
from gateways.square.movements import movements_of
from gateways.square.payments import read_sale
from gateways.square.rights import excess_rights, found_rights, granted, may_file, missing_rights
from gateways.square.wire import Raw, Wire, checked


class SquareGateway:
    """One seller behind one access token. `addresses` {"api": base} replaces the live host."""

    name = "square"
    title = "Square"

    def __init__(self, token: str, *, addresses: Mapping[str, str] | None = None, timeout: float = 30.0) -> None:
        base = (addresses or {}).get("api", LIVE).rstrip("/")
        self._live = urlsplit(base).hostname == urlsplit(LIVE).hostname
        self._wire = Wire(token, base, timeout)

    # ---- who am I ------------------------------------------------------------------------------------------------

    def account(self) -> AccountFacts:
        token = granted(self._wire)
        missing = tuple(missing_rights(self._wire, token))
        merchant = self._merchant(token.merchant_id)
        account_id = token.merchant_id or merchant.get("id")
        if not account_id:
            raise GatewayError(
                GatewayFailure.MALFORMED, phrase("Square did not say whose account this token belongs to.")
            )
        return AccountFacts(
            account_id=str(account_id),
            name=merchant.get("business_name"),
            live=self._live,
            currency=merchant.get("currency"),
            rights_found=tuple(found_rights(token, missing)),
            rights_missing=missing,
            rights_too_many=tuple(excess_rights(token)),
            may_file=may_file(token),
            clock_skew_seconds=self._skew(),
        )

    def _merchant(self, merchant_id: str | None) -> Raw:
        """Name and currency; nothing where the token may not read the seller's profile."""
        safe = checked(merchant_id or "me", "a merchant")
        try:
            return self._wire.read(lambda sdk, options: sdk.merchants.get(safe, request_options=options), "merchant")
        except GatewayError as error:
            if error.failure is GatewayFailure.RIGHTS:
                return {}
            raise

    def _skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Square's, from the last answer's Date header."""
        theirs = self._wire.square_time
        return (SystemClock().now() - theirs).total_seconds() if theirs else 0.0

    # ---- disputes ------------------------------------------------------------------------------------------------

    def disputes(self, *, cursor: str | None = None, since: datetime | None = None) -> Page:
        """All disputes, in no particular order; `since` bounds them by the day they were opened."""
        raws, following = page_of_all(self._wire, cursor)
        found = (mapping.snapshot(raw, live=self._live) for raw in raws)
        return Page(tuple(one for one in found if since is None or one.opened_at >= since), following)

    def changes(self, cursor: str | None) -> Changes:
        """Square keeps no events: the disputes that were touched since, whole, from its lists."""
        with told(writing=False):
            changed = Changed(self._wire, cursor)
        if changed.expired:
            return Changes((), changed.cursor, expired=True)
        snapshots = tuple(mapping.snapshot(raw, live=self._live) for raw in changed.disputes)
        return Changes((), changed.cursor, snapshots=snapshots)

    def dispute(self, external_id: str) -> DisputeSnapshot:
        """One dispute with its ledger lines, where the token may read payouts and Square has booked any."""
        raw = self._dispute(external_id)
        bare = mapping.snapshot(raw, live=self._live)
        if bare.kind is Kind.INQUIRY:
            return bare
        movements, unread = self._movements(raw)
        return mapping.snapshot(raw, live=self._live, movements=movements, unread=unread)

    def capabilities(self, external_id: str) -> Capabilities:
        """What is offered now; lighter than the whole case."""
        with told(writing=False):
            return mapping.capabilities(self._dispute(external_id))

    def _dispute(self, external_id: str) -> Raw:
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        return self._wire.read(lambda sdk, options: sdk.disputes.get(safe, request_options=options), "dispute")

    def _movements(self, raw: Raw) -> tuple[list[MoneyMovement], str]:
        """The ledger never stands in the way of a case; why it could not be read is told with it."""
        try:
            return movements_of(self._wire, raw), ""
        except GatewayError as error:
            return [], "" if error.failure is GatewayFailure.RIGHTS else said_by(error)

    def payment(self, snapshot: DisputeSnapshot) -> tuple[Payment, bytes]:
        """The payment with refunds, order, customer and other payments of its card; and all raw."""
        if snapshot.payment_id is None:
            raise GatewayError(GatewayFailure.NOT_FOUND, phrase("Square names no payment for this dispute."))
        with told(writing=False):
            sale = read_sale(self._wire, snapshot.payment_id)
        parts = {
            "payment": sale.payment,
            "refunds": sale.refunds,
            "order": sale.order,
            "customer": sale.customer,
            "same_card": sale.others,
            "disputed": None
            if sale.disputed is None
            else sorted(sale.disputed & {str(each["id"]) for each in sale.others}),
        }
        return facts.payment(sale), json.dumps(parts, sort_keys=True).encode()

    def records(self, snapshot: DisputeSnapshot) -> tuple[Gathered, ...]:
        """Square holds no correspondence."""
        return ()

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
        """Square signs the address it was told, `url`, and the body; no time is part of it."""
        return webhook.verify(body, headers, secret=secret, url=url)

    # ---- writes: one call each, never retried here ---------------------------------------------------------------

    def plan(self, approved: Approved) -> Plan:
        """Upload, look, submit once; or accept. The first upload takes the dispute away from Square's Dashboard."""
        return filing.plan(self, approved)

    def evidence(self, external_id: str) -> list[Piece]:
        with told(writing=False):
            return lying(self._wire, external_id)

    def upload(self, external_id: str, file: ResponseFile, data: bytes, *, key: str) -> str:
        """The id of the piece. The name goes along: the SDK would call bare bytes a JPEG without one."""
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        request = {
            "idempotency_key": _key(key),
            "evidence_type": type_of(file.slot),
            "content_type": file.media_type,
        }
        made = self._wire.write(
            lambda sdk, options: sdk.disputes.create_evidence_file(
                safe,
                request=request,
                image_file=(file.name, data, file.media_type),
                request_options=options,
            ),
            "evidence",
        )
        return _made(made)

    def write_text(self, external_id: str, slot: str, text: str, *, key: str) -> str:
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        made = self._wire.write(
            lambda sdk, options: sdk.disputes.create_evidence_text(
                safe,
                idempotency_key=_key(key),
                evidence_text=text,
                evidence_type=type_of(slot),
                request_options=options,
            ),
            "evidence",
        )
        return _made(made)

    def delete(self, external_id: str, evidence_id: str) -> None:
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        piece = checked(evidence_id, phrase("a piece of evidence"))
        self._wire.tell(lambda sdk, options: sdk.disputes.evidence.delete(safe, piece, request_options=options))

    def submit(self, external_id: str) -> str:
        """The state after it. There is no key: what guards it is that Square takes one submission a round."""
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        raw = self._wire.write(
            lambda sdk, options: sdk.disputes.submit_evidence(safe, request_options=options), "dispute"
        )
        return str(raw.get("state"))

    def accept(self, external_id: str) -> str:
        safe = checked(external_id, phrase("a dispute"), chars=DISPUTE_ID_CHARS)
        raw = self._wire.write(lambda sdk, options: sdk.disputes.accept(safe, request_options=options), "dispute")
        return str(raw.get("state"))

    def read_back(self, external_id: str) -> ReadBack:
        """The dispute as it lies at Square now. Of several pieces of a type the newest stands first."""
        raw = self._dispute(external_id)
        pieces = self.evidence(external_id)
        return ReadBack(
            status=mapping.status_of(raw),
            raw_status=raw.get("state") or "",
            submission_count=mapping.answered(raw),
            fields=fields_of(pieces),
            files=files_of(pieces),
        )


def _key(key: str) -> str:
    most = square_limit("key_chars")
    assert most is not None
    assert 1 <= len(key) <= most, "Square takes keys of 1 to 45 characters"
    return key


def _made(raw: Raw) -> str:
    """The new piece's id. Something was made even where it cannot be read, so that it is looked for."""
    with told(writing=True):
        return str(raw.get("id") or raw["evidence_id"])
